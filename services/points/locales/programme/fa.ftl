programme-title = { $club } چگونه کار می‌کند
programme-since = از { $date } اجرا می‌شود.
programme-next = از { $date }، ساعت { $time }، این موارد تغییر می‌کند:
programme-money = { $amount } { $currency }
programme-currency-irr = ریال
programme-currency-usd = دلار
programme-currency-eur = یورو
programme-title-rules = گرفتن امتیاز
programme-title-expiry = اعتبار امتیازها
programme-title-debt = کالای برگشتی و بدهی
programme-rule = { $name }: { $said }.
programme-rule-expiry = { $fields ->
    [months] این امتیازها { programme-so-many-months } اعتبار دارند
    [on] این امتیازها تا { $on } اعتبار دارند و پس از آن، تا همان روز در سال بعد
    [end_of] این امتیازها تا پایان { programme-period } ثبت اعتبار دارند
   *[end_of_months] این امتیازها { programme-so-many-months } و سپس تا پایان همان { programme-period } اعتبار دارند
}.
programme-give-per_amount = { $points } امتیاز برای هر { $amount }{ $rounding ->
    [up] {""} و برای بخشی از آن
    [nearest] ، گردشده به نزدیک‌ترین امتیاز
   *[other] {""}
}
programme-give-fixed = { $points } امتیاز برای هر خرید
programme-when-minimum_basket = برای خریدهای { $minimum_basket } و بیشتر
programme-when-branches = در این شعبه‌ها: { $branches }
programme-when-regions = در این منطقه‌ها: { $regions }
programme-when-weekdays = روزهای { $weekdays }
programme-when-hours = از ساعت { $from } تا { $to }
programme-expiry = { $fields ->
    [months] امتیازها تا { programme-so-many-months } پس از روز ثبت قابل خرج‌اند
    [on] امتیازها تا { $on } قابل خرج‌اند و آنچه پس از آن ثبت شود، تا همان روز در سال بعد
    [end_of] امتیازها تا پایان { programme-period } ثبت قابل خرج‌اند
   *[end_of_months] امتیازها تا { programme-so-many-months } پس از روز ثبت و سپس تا پایان همان { programme-period } قابل خرج‌اند
}. روز آخر نیز حساب می‌شود.
programme-expiry-none = امتیازها منقضی نمی‌شوند.
programme-debt = با برگرداندن خرید، امتیازهای آن به همان نسبت پس گرفته می‌شود. امتیازی که خرج شده باشد بدهی می‌شود و { $recovered_percent } درصد از هر امتیاز بعدی بابت آن برداشته می‌شود.
programme-debt-none = با برگرداندن خرید، امتیازهای آن به همان نسبت پس گرفته می‌شود. امتیازی که خرج شده باشد بدهی می‌شود و از امتیازهای بعدی برداشته می‌شود.
programme-added = تازه: { $place }: { $new }
programme-removed = حذف‌شده: { $place }: { $old }
programme-added-rule = تازه: { $rule }
programme-removed-rule = حذف‌شده: { $rule }
programme-changed = { $place }: { $new } (پیش از این: { $old })
programme-label-name = نام
programme-label-currency = واحد پول
programme-label-rules = ترتیب قاعده‌ها
programme-label-expiry = اعتبار
programme-label-months = ماه
programme-label-debt = بدهی
programme-label-recovered_percent = درصدی از امتیاز که بابت بدهی برداشته می‌شود
programme-label-minimum_basket = کمترین مبلغ
programme-label-branches = شعبه‌ها
programme-label-regions = منطقه‌ها
programme-label-weekdays = روزهای هفته
programme-label-hours = ساعت‌ها
programme-label-from = از
programme-label-to = تا
programme-label-per_amount = برای هر مبلغ
programme-label-fixed = برای هر خرید
programme-label-points = امتیاز
programme-label-amount = مبلغ
programme-label-rounding = گرد کردن
programme-label-fa = فارسی
programme-label-ar = عربی
programme-label-en = انگلیسی
programme-word-nothing = هیچ
programme-word-yes = بله
programme-word-no = خیر
programme-word-up = رو به بالا
programme-word-down = رو به پایین
programme-word-nearest = به نزدیک‌ترین
programme-word-saturday = شنبه
programme-word-sunday = یکشنبه
programme-word-monday = دوشنبه
programme-word-tuesday = سه‌شنبه
programme-word-wednesday = چهارشنبه
programme-word-thursday = پنجشنبه
programme-word-friday = جمعه
programme-give-per_item = { $points } امتیاز برای هر واحد { $over ->
    [items] از کالاهای نام‌برده
   *[other] در فاکتور
}
programme-give-steps = امتیاز بر پایهٔ مبلغ پرداختی{ $over ->
    [items] {""} برای کالاهای نام‌برده
   *[other] {""}
}: { $bands }
programme-one-bands = از { $from_money } به بالا { $points } امتیاز
programme-give-multiplier = امتیاز قاعده‌های دیگر { $percent } درصدِ آنچه هست می‌شود
programme-when-maximum_basket = برای خریدهای حداکثر { $maximum_basket }
programme-when-channels = برای خرید { $channels }
programme-when-payments = با پرداخت { $payments }
programme-when-dates = { $fields ->
    [from] از { $from }
    [until] تا { $until }
   *[other] از { $from } تا { $until }
}
programme-when-items = { $fields ->
    [categories] با خرید از این دسته‌ها: { $categories }
    [skus] با یکی از این کالاها: { $skus }
    [categories_least_percent] اگر دست‌کم { $least_percent } درصد مبلغ برای این دسته‌ها باشد: { $categories }
    [least_percent_skus] اگر دست‌کم { $least_percent } درصد مبلغ برای این کالاها باشد: { $skus }
    [categories_least_percent_skus] اگر دست‌کم { $least_percent } درصد مبلغ برای این کالاها یا دسته‌ها باشد: { $skus }، { $categories }
   *[other] با یکی از این کالاها یا دسته‌ها: { $skus }، { $categories }
}
programme-rule-group = از پیشنهادهای یک گروه { $keep ->
    [first] تنها نخستین موردی که امتیاز بدهد حساب می‌شود
   *[other] تنها بهترین حساب می‌شود
} ({ $code }).
programme-label-maximum_basket = بیشترین مبلغ
programme-label-channels = راه‌های خرید
programme-label-payments = روش‌های پرداخت
programme-label-dates = روزها
programme-label-until = تا
programme-label-items = کالاها
programme-label-skus = کالاها
programme-label-categories = دسته‌ها
programme-label-least_percent = کمترین درصد مبلغ
programme-label-per_item = برای هر واحد
programme-label-steps = پله‌ای
programme-label-bands = پله‌ها
programme-label-multiplier = ضریب
programme-label-percent = درصد
programme-label-of = برای این قاعده‌ها
programme-label-over = آنچه حساب می‌شود
programme-label-group = گروه
programme-label-keep = کدام حساب می‌شود
programme-label-code = کد
programme-label-priority = اولویت
programme-word-till = در صندوق
programme-word-online = در سایت
programme-word-app = در برنامهٔ موبایل
programme-word-cash = نقدی
programme-word-card = با کارت
simulation-title = شبیه‌سازی برنامه
simulation-period = خریدهای ثبت‌شده از { $since } تا { $until }.
simulation-version = نسخهٔ { $version }
simulation-proposed = پیشنهادی
simulation-current = در مقایسه با
simulation-counted = { $purchases } خرید از { $members } عضو به مبلغ { $amount } و { $returns } برگشتی.
simulation-figures = امتیازها
simulation-issued = داده‌شده
simulation-taken-back = پس‌گرفته برای برگشتی‌ها
simulation-expired = منقضی‌شده
simulation-recovered = برداشته بابت بدهی
simulation-liability = بدهی به اعضا در پایان
simulation-debt = بدهی اعضا در پایان
simulation-rules = امتیاز به تفکیک قاعده
simulation-branches = امتیاز به تفکیک شعبه
simulation-expiring = بدهی به اعضا بر پایهٔ ماه انقضا
simulation-never = بدون انقضا
simulation-comparison = چه کسانی سود می‌برند و چه کسانی زیان می‌کنند
simulation-spread = { $winners } عضو امتیاز بیشتری می‌گیرند، { $losers } عضو کمتر، و برای { $unchanged } عضو چیزی تغییر نمی‌کند.
simulation-same = بی‌تغییر
simulation-members = اعضا
simulation-won = اعضایی که بیشترین سود را می‌برند
simulation-lost = اعضایی که بیشترین زیان را می‌بینند
simulation-member = عضو
simulation-difference = تفاوت
simulation-pending = هنوز قابل خرج نشده در پایان
simulation-cost = هزینهٔ امتیازهای داده‌شده
simulation-owed = بدهی به اعضا در پایان، به پول
simulation-breakage = از آن، انتظار می‌رود هرگز خرج نشود
simulation-expected = از آن، انتظار می‌رود خرج شود
simulation-tiers = سطح‌ها
simulation-tier = سطح
simulation-tier-members = اعضا در پایان
simulation-tier-reached = به آن رسیده‌اند
simulation-tier-lost = از آن افتاده‌اند
simulation-by-branch = سود و زیان اعضا به تفکیک شعبهٔ آخرین خرید
simulation-branch = شعبه
simulation-by-segment = سود و زیان گروه‌های برگزیدهٔ اعضا، چنان‌که اکنون هستند
simulation-segment = گروه
simulation-winners = بیشتر می‌گیرند
simulation-losers = کمتر می‌گیرند
simulation-unchanged = بی‌تغییر
programme-rule-pending = این امتیازها { $days } روز بعد قابل خرج می‌شوند.
programme-label-pending = در انتظار
programme-rule-transferable = این امتیازها را نمی‌توان به عضو دیگری منتقل کرد.
programme-label-transferable = قابل انتقال به عضو دیگر
programme-label-days = روز
programme-title-caps = سقف‌ها
programme-title-budgets = بودجه‌ها
programme-budgets-one = { programme-caps-one }
programme-caps-one = { $per ->
    [member] هر عضو
    [till] در هر صندوق
    [cashier] از هر صندوقدار
    [branch] در هر شعبه
   *[other] روی هم
} حداکثر { $points } امتیاز { $every ->
    [day] در روز
    [month] در ماه
    [year] در سال
   *[other] در همهٔ زمان‌ها
}{ $fields ->
    [code_every_points_rules] {""} از این قاعده‌ها: { $rules }
    [code_every_per_points_rules] {""} از این قاعده‌ها: { $rules }
   *[other] {""}
}.
programme-label-caps = سقف‌ها
programme-label-budgets = بودجه‌ها
programme-label-per = برای هر
programme-label-every = در چه دوره‌ای
programme-word-member = عضو
programme-word-cashier = صندوقدار
programme-word-branch = شعبه
programme-word-day = روز
programme-word-month = ماه
programme-word-year = سال
programme-word-ever = همهٔ زمان‌ها
programme-when-member-purchase = { $fields ->
    [every] با هر چند خرید یک بار: { $every }
   *[other] با خرید شمارهٔ { $exactly }
}
programme-when-member-visit = { $fields ->
    [days_nth] با مراجعهٔ شمارهٔ { $nth } در { $days } روز
   *[other] با مراجعهٔ شمارهٔ { $nth } در ماه
}
programme-when-member-joined = { $fields ->
    [from_days] برای اعضای دست‌کم { $from_days } روزه
    [until_days] برای اعضای حداکثر { $until_days } روزه
   *[other] برای اعضای { $from_days } تا { $until_days } روزه
}
programme-when-member-anniversary = نزدیک سالگرد عضویت: از { $before_days } روز پیش تا { $after_days } روز پس از آن
programme-label-member = عضو
programme-label-purchase = کدام خرید
programme-label-visit = کدام مراجعه
programme-label-joined = زمان از عضویت
programme-label-anniversary = نزدیک سالگرد
programme-label-exactly = دقیقاً
programme-label-nth = شماره
programme-label-from_days = از چند روز
programme-label-until_days = تا چند روز
programme-label-before_days = روز پیش
programme-label-after_days = روز پس
programme-title-tiers = سطح‌ها
programme-title-transfers = انتقال امتیاز
programme-tiers-measure = سطح شما بر پایهٔ { $measure ->
    [points] امتیاز خریدها
    [spend] مبلغ پرداختی
   *[visits] تعداد خریدها
} است.
programme-tiers-period = شمارش در { $period ->
    [year] یک سال میلادی
    [half_year] نیمی از سال میلادی
    [quarter] یک فصل میلادی
    [month] یک ماه میلادی
    [anniversary] دوازده ماه از نخستین خرید شما
   *[other] { $period }
} انجام می‌شود.
programme-tiers-levels = سطح‌ها: { $levels }.
programme-one-levels = { $name } از { $from }{ $multiplier_percent ->
    [100] {""}
   *[other] {" "}با { $multiplier_percent } درصد امتیاز
}
programme-tiers-downgrade = وقتی سطحی دیگر تضمین‌شده نباشد، { $downgrade ->
    [to_earned] آنچه تا آن زمان به دست آورده‌اید ملاک است
    [one_level] دست‌بالا یک سطح پایین می‌آیید
   *[never] همچنان آن را نگه می‌دارید
}.
programme-tiers-grace_months = هر سطح تا { $grace_months } ماه پس از دوره‌اش تضمین می‌شود.
programme-tiers-on_return = سطحی که با خریدِ پس‌داده‌شده به دست آمده باشد { $on_return ->
    [falls] از دست می‌رود، مگر بدون آن هم به دست آید
   *[stays] می‌ماند
}.
programme-tiers-counts_on = { $counts_on ->
    [whole] همهٔ خرید برای سطح به شمار می‌آید، آنچه با امتیاز پرداخت شود نیز.
   *[rest] آنچه با امتیاز پرداخت شود برای سطح به شمار نمی‌آید.
}
programme-title-spending = پرداخت با امتیاز
programme-spending-point_value = هر امتیاز { $point_value_money } از بهای خرید را می‌پردازد.
programme-spending-minimum_points = برای پرداخت خرید دست‌کم { $minimum_points } امتیاز لازم است.
programme-spending-step = پرداخت با امتیاز در گام‌های { $step } امتیازی است.
programme-spending-most_percent_of_basket = امتیاز دست‌بالا { $most_percent_of_basket } درصد بهای خرید را می‌پردازد.
programme-spending-earns_on = { $earns_on ->
    [whole] آنچه با امتیاز پرداخت شود نیز امتیاز می‌آورد.
   *[rest] آنچه با امتیاز پرداخت شود امتیازی نمی‌آورد.
}
programme-transfers-to = امتیاز را می‌توان { $to ->
    [household] به اعضای خانوار خود
    [same_tier_group] به اعضای هم‌گروه از نظر سطح
   *[anyone] به هر عضوی
} منتقل کرد.
programme-transfers-minimum = هر بار دست‌کم { $minimum } امتیاز.
programme-transfers-maximum = هر بار دست‌بالا { $maximum } امتیاز.
programme-label-downgrade = پایین آمدن سطح
programme-label-grace_months = ماه‌های مهلت
programme-label-levels = سطح‌ها
programme-label-measure = معیار شمارش
programme-label-on_return = پس از مرجوعی
programme-label-counts_on = مبنای سطح
programme-label-period = دوره
programme-label-benefits = مزایا
programme-label-multiplier_percent = درصد امتیاز
programme-label-tiers = سطح‌ها
programme-label-transfers = انتقال امتیاز
programme-label-rolling_months = ماه‌های اخیر
programme-label-most = دست‌بالا
programme-label-acceptance = پذیرش گیرنده لازم است
programme-label-account_age_days = کمترین عمر حساب به روز
programme-label-agent_review_above = بازبینی انتقال به دست کارمند بیش از
programme-label-cooling_off_s = ثانیه‌هایی که می‌توان پس گرفت
programme-label-fee = کارمزد
programme-label-maximum = بیشترین
programme-label-minimum = کمترین
programme-label-received = بیشترین دریافت هر عضو
programme-label-receivers = بیشترین تعداد گیرندگان
programme-label-review_above = بازبینی بیش از
programme-label-sent = بیشترین ارسال هر عضو
programme-label-step_up_above = تأیید با کد بیش از
programme-label-waits_s = ثانیه‌های انتظار
programme-word-anyone = هر عضو
programme-word-household = خانوار
programme-word-same_tier_group = همان گروه سطح‌ها
programme-word-visits = تعداد خرید
programme-word-spend = مبلغ پرداختی
programme-word-to_earned = به آنچه به دست آمده
programme-word-one_level = یک سطح
programme-word-never = هرگز
programme-word-falls = از دست می‌رود
programme-word-stays = می‌ماند
programme-give-instant_reward = { $quantity ->
    [one] جایزهٔ { $reward } در همان لحظه
   *[other] { $quantity } جایزهٔ { $reward } در همان لحظه
}{ $fields ->
    [at_most_quantity_reward] {" "}({ $at_most })
   *[other] {""}
}
programme-give-draw_tickets = { $tickets } شانس در قرعه‌کشی { $draw }{ $fields ->
    [amount_draw_tickets] {" "}برای هر { $amount }
    [amount_at_most_draw_tickets] {" "}برای هر { $amount } ({ $at_most })
    [at_most_draw_tickets] {" "}برای هر خرید ({ $at_most })
   *[other] {" "}برای هر خرید
}
programme-one-at_most = حداکثر { $units } عدد { $every ->
    [day] در روز
    [month] در ماه
    [year] در سال
   *[other] در همهٔ زمان‌ها
}{ $per ->
    [member] {" "}برای هر عضو
    [till] {" "}در هر صندوق
    [cashier] {" "}از هر صندوقدار
    [branch] {" "}در هر شعبه
   *[other] {""}
}
programme-label-instant_reward = جایزهٔ فوری
programme-label-draw_tickets = شانس قرعه‌کشی
programme-label-reward = جایزه
programme-label-quantity = تعداد
programme-label-draw = قرعه‌کشی
programme-title-names = نام‌ها
programme-label-names = نام‌ها
programme-label-rewards = جایزه‌ها
programme-label-draws = قرعه‌کشی‌ها
programme-label-tickets = تعداد شانس
programme-label-at_most = سقف
programme-label-units = تعداد
simulation-granted = جایزه‌ها و شانس‌ها به تفکیک قاعده
programme-when-member-tiers = برای اعضای این سطح‌ها: { $tiers }
programme-when-member-segments = برای اعضایی که باشگاه برگزیده است: { $segments }
programme-when-member-household = { $at_least ->
    [1] برای اعضایی که عضو یک خانوارند
   *[other] برای اعضای خانوارهای { $at_least } نفره و بزرگ‌تر
}
programme-when-member-occasion = { $kind ->
    [birthday] در روزی که باشگاه تولد عضو را اعلام می‌کند
   *[join_anniversary] در روزی که باشگاه سالگرد عضویت را اعلام می‌کند
}{ $after_days ->
    [0] {""}
   *[other] {" "}و تا { $after_days } روز پس از آن
}
programme-label-segments = اعضای برگزیده
programme-label-household = خانوار
programme-label-at_least = دست‌کم
programme-label-occasion = مناسبت
programme-label-kind = کدام
programme-word-birthday = تولد
programme-word-join_anniversary = سالگرد عضویت
simulation-assumed-segments_as_of_now = اعضای برگزیده همان‌اند که اکنون هستند، نه آنان که در آن زمان بودند.
simulation-assumed-households_as_of_now = خانوارها همان‌اند که اکنون هستند، نه آنچه در آن زمان بودند.
simulation-assumed-joined_unknown = زمان عضویت دانسته نیست؛ قاعده‌هایی که آن را می‌خواهند چیزی نمی‌دهند.
simulation-assumed-segments_unknown = اعضای برگزیده دانسته نیستند؛ قاعده‌های آنان چیزی نمی‌دهند.
simulation-assumed-households_unknown = خانوارها دانسته نیستند؛ قاعده‌های آن‌ها چیزی نمی‌دهند.
simulation-assumed-occasions_unknown = تولدها و مناسبت‌های دیگر دانسته نیستند؛ قاعده‌های آن‌ها چیزی نمی‌دهند.
simulation-acted = { $actions } کار که { $undone } بار همه یا بخشی از آن‌ها بازپس گرفته شد.
simulation-for-actions = از آن میان برای کارها
simulation-taken-back-of-actions = از آن میان برای کارهای بازپس‌گرفته
simulation-actions = امتیاز به تفکیک قاعده‌های کارها
simulation-assumed-actions_as_recorded = کارها تنها از زمانی دانسته‌اند که قاعده‌ای درباره‌شان بود؛ آنچه پیش از آن انجام شد چیزی نمی‌دهد.
simulation-assumed-actions_unknown = کارها دانسته نیستند؛ قاعده‌های آن‌ها چیزی نمی‌دهند.
simulation-assumed-nothing_spent = خرج، انتقال و اصلاح دستی کنار گذاشته شده است؛ بدهی پایان دوره همان است که اعضا بدون آن‌ها می‌داشتند.
simulation-assumed-nothing_before = آنچه پیش از این دوره بود کنار گذاشته شده است؛ مانده‌ها، سطح‌ها، سقف‌ها و شمار خریدها از صفر آغاز می‌شوند.
programme-label-spending = پرداخت با امتیاز
programme-label-point_value = ارزش هر امتیاز
programme-label-minimum_points = کمترین امتیاز
programme-label-step = گام
programme-label-most_percent_of_basket = بیشترین درصد از خرید
programme-label-earns_on = مبنای کسب امتیاز
programme-word-rest = آنچه با امتیاز پرداخت نشده
programme-word-whole = همهٔ خرید
programme-title-actions = امتیاز بیرون از خرید
programme-action-give-fixed = هر بار { $points } امتیاز
programme-action-give-per_units = { $points } امتیاز برای هر { $units } واحد{ $rounding ->
    [up] {" "}و بخشی از آن
    [nearest] ، گردشده به نزدیک‌ترین امتیاز
   *[other] {""}
}
programme-action-give-per_payment = { $points } امتیاز برای هر { $amount } پرداخت{ $rounding ->
    [up] {" "}و بخشی از آن
    [nearest] ، گردشده به نزدیک‌ترین امتیاز
   *[other] {""}
}
programme-on-action = برای { $action ->
    [joined] عضویت
    [survey] پاسخ به نظرسنجی
    [review] ثبت نظر
    [referral] معرفی دوستان
    [referred] خرید پس از معرفی دوست
    [profile-completed] تکمیل مشخصات
    [event-attended] شرکت در رویداد
    [card-payment] پرداخت با کارت
    [bank-transfer] انتقال بانکی
    [bill] پرداخت قبض
   *[other] { $action }
}
programme-on-branches = در این شعبه‌ها: { $branches }
programme-on-tiers = برای اعضای این سطح‌ها: { $tiers }
programme-on-dates = { $fields ->
    [from] از { $from } به بعد
    [until] تا { $until }
   *[other] از { $from } تا { $until }
}
programme-on-minimum_amount = برای پرداخت‌های { $minimum_amount } و بیشتر
programme-on-categories = برای پرداخت به این گروه‌های پذیرنده: { $categories }
programme-action-expiry = { programme-rule-expiry }
programme-action-pending = { programme-rule-pending }
programme-action-transferable = { programme-rule-transferable }
programme-action-limits = حداکثر: { $limits }.
programme-one-limits = { $per ->
    [member] برای هر عضو{" "}
    [branch] برای هر شعبه{" "}
   *[other] برای همه با هم{" "}
}{ $fields ->
    [every_per_points_times] { $times } بار و { $points } امتیاز
    [every_points_times] { $times } بار و { $points } امتیاز
    [every_per_points] { $points } امتیاز
    [every_points] { $points } امتیاز
   *[other] { $times } بار
} { $every ->
    [day] در روز
    [month] در ماه
    [year] در سال
   *[other] در مجموع
}
programme-action-qualifying = این امتیازها برای سطح شما حساب می‌شوند.
programme-label-actions = امتیاز بیرون از خرید
programme-label-action = کار انجام‌شده
programme-label-minimum_amount = کمترین مبلغ پرداخت
programme-label-funder = شعبهٔ پرداخت‌کننده
programme-label-limits = حداکثر
programme-label-times = دفعات
programme-label-qualifying = برای سطح حساب می‌شود
programme-label-per_units = برای هر واحد
programme-label-per_payment = برای هر پرداخت
programme-so-many-months = { $months } ماه
programme-period = { $end_of ->
    [month] ماه میلادی
    [quarter] سه‌ماههٔ میلادی
    [half_year] نیم‌سال میلادی
    [year] سال میلادی
    [jalali_month] ماه
    [jalali_quarter] فصل
   *[jalali_year] سال
}
programme-label-end_of = تا پایان
programme-label-on = در تاریخ
programme-word-quarter = سه‌ماههٔ میلادی
programme-word-half_year = نیم‌سال میلادی
programme-word-jalali_month = ماه شمسی
programme-word-jalali_quarter = فصل شمسی
programme-word-jalali_year = سال شمسی
programme-title-pooling = خرج کردن با هم
programme-pooling-drawn_by = { $drawn_by ->
    [head] سرپرست خانوار امتیاز همه‌ی اعضای آن را خرج می‌کند
   *[everyone] اعضای یک خانوار امتیازهایشان را با هم خرج می‌کنند
}: آنچه امتیاز خود شخص کم بیاورد از دیگران برداشته می‌شود، آن که زودتر باطل می‌شود اول.
programme-pooling-most_per_day = از دیگران در هر روز دست‌بالا { $most_per_day } امتیاز.
programme-pooling-after_days = این از { $after_days } روز پس از پیوستن عضو به خانوار آغاز می‌شود.
programme-label-pooling = خرج کردن با هم
programme-label-drawn_by = چه کسی امتیاز دیگران را خرج می‌کند
programme-label-most_per_day = دست‌بالا در هر روز
programme-word-everyone = همه
programme-word-head = سرپرست خانوار
programme-title-inactivity = اگر خبری نباشد
programme-inactivity = اگر { programme-so-many-months } هیچ خرید، خرج امتیاز یا انتقالی نباشد، همهٔ امتیازها منقضی می‌شوند. با هر یک از این‌ها مدت از نو آغاز می‌شود.
programme-label-inactivity = اگر خبری نباشد
programme-title-proof = تأیید پیش از خرج کردن
programme-proof-confirmed_phone = { $confirmed_phone_is ->
    [no] تأیید شماره لازم نیست.
   *[yes] امتیاز را تنها عضوی خرج می‌کند که شماره‌اش را با کد یک‌بارمصرف تأیید کرده باشد.
}
programme-proof-code_above = برای خرج کردن بیش از { $code_above } امتیاز در یک بار، کد یک‌بارمصرف تازه‌ای لازم است که به تلفن عضو فرستاده می‌شود.
programme-label-proof = تأیید پیش از خرج کردن
programme-label-confirmed_phone = تنها با شمارهٔ تأییدشده
programme-label-code_above = کد تازه برای بیش از
