programme-title = كيف يعمل { $club }
programme-since = سارٍ منذ { $date }.
programme-next = ابتداءً من { $date }، الساعة { $time }، يتغيّر ما يلي:
programme-money = { $amount } { $currency }
programme-currency-irr = ريال إيراني
programme-currency-usd = دولار
programme-currency-eur = يورو
programme-title-rules = كسب النقاط
programme-title-expiry = مدة صلاحية النقاط
programme-title-debt = المرتجعات والديون
programme-rule = { $name }: { $said }.
programme-rule-expiry = { $fields ->
    [months] تصلح هذه النقاط لمدة { programme-so-many-months }
    [on] تصلح هذه النقاط حتى { $on }، وما يُسجَّل بعده فحتى اليوم نفسه من السنة التالية
    [end_of] تصلح هذه النقاط حتى نهاية { programme-period } التي سُجّلت فيها
   *[end_of_months] تصلح هذه النقاط لمدة { programme-so-many-months } ثم حتى نهاية { programme-period } التي تنتهي فيها المدة
}.
programme-give-per_amount = { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
} عن كل { $amount }{ $rounding ->
    [up] {""} أو جزء منه
    [nearest] ، مقرّبة إلى أقرب نقطة
   *[other] {""}
}
programme-give-fixed = { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
} عن كل عملية شراء
programme-when-minimum_basket = للمشتريات من { $minimum_basket } فأكثر
programme-when-branches = في هذه الفروع: { $branches }
programme-when-regions = في هذه المناطق: { $regions }
programme-when-weekdays = في أيام { $weekdays }
programme-when-hours = من الساعة { $from } إلى { $to }
programme-expiry = يمكن إنفاق النقاط { $fields ->
    [months] خلال { programme-so-many-months } من يوم تسجيلها
    [on] حتى { $on }، وما يُسجَّل بعده فحتى اليوم نفسه من السنة التالية
    [end_of] حتى نهاية { programme-period } التي سُجّلت فيها
   *[end_of_months] خلال { programme-so-many-months } من يوم تسجيلها، ثم حتى نهاية { programme-period } التي تنتهي فيها المدة
}، واليوم الأخير محسوب.
programme-expiry-none = لا تنتهي صلاحية النقاط.
programme-debt = عند إرجاع الشراء تُستردّ نقاطه بالنسبة نفسها. وما أُنفق منها يصبح دينًا يُسدَّد بنسبة { $recovered_percent } بالمئة من كل نقاط تُكسب لاحقًا.
programme-debt-none = عند إرجاع الشراء تُستردّ نقاطه بالنسبة نفسها. وما أُنفق منها يصبح دينًا يُسدَّد من النقاط التي تُكسب لاحقًا.
programme-added = جديد: { $place }: { $new }
programme-removed = لم يعد قائمًا: { $place }: { $old }
programme-added-rule = جديد: { $rule }
programme-removed-rule = لم يعد قائمًا: { $rule }
programme-changed = { $place }: { $new } (سابقًا: { $old })
programme-label-name = الاسم
programme-label-currency = العملة
programme-label-rules = ترتيب القواعد
programme-label-expiry = الصلاحية
programme-label-months = الأشهر
programme-label-debt = الديون
programme-label-recovered_percent = النسبة المئوية من النقاط المكسوبة لسداد الدين
programme-label-minimum_basket = أقل مبلغ
programme-label-branches = الفروع
programme-label-regions = المناطق
programme-label-weekdays = أيام الأسبوع
programme-label-hours = الساعات
programme-label-from = من
programme-label-to = إلى
programme-label-per_amount = عن كل مبلغ
programme-label-fixed = عن كل عملية شراء
programme-label-points = النقاط
programme-label-amount = المبلغ
programme-label-rounding = التقريب
programme-label-fa = الفارسية
programme-label-ar = العربية
programme-label-en = الإنجليزية
programme-word-nothing = لا شيء
programme-word-yes = نعم
programme-word-no = لا
programme-word-up = إلى الأعلى
programme-word-down = إلى الأدنى
programme-word-nearest = إلى الأقرب
programme-word-saturday = السبت
programme-word-sunday = الأحد
programme-word-monday = الاثنين
programme-word-tuesday = الثلاثاء
programme-word-wednesday = الأربعاء
programme-word-thursday = الخميس
programme-word-friday = الجمعة
programme-give-per_item = { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
} عن كل وحدة { $over ->
    [items] من الأصناف المذكورة
   *[other] في الفاتورة
}
programme-give-steps = نقاط بحسب المبلغ المدفوع{ $over ->
    [items] {""} للأصناف المذكورة
   *[other] {""}
}: { $bands }
programme-one-bands = من { $from_money } فأكثر { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
}
programme-give-multiplier = تصبح نقاط القواعد الأخرى { $percent } بالمئة مما هي عليه
programme-when-maximum_basket = للمشتريات التي لا تزيد على { $maximum_basket }
programme-when-channels = للشراء { $channels }
programme-when-payments = عند الدفع { $payments }
programme-when-dates = { $fields ->
    [from] ابتداءً من { $from }
    [until] حتى { $until }
   *[other] من { $from } حتى { $until }
}
programme-when-items = { $fields ->
    [categories] مع أصناف من هذه الفئات: { $categories }
    [skus] مع أحد هذه الأصناف: { $skus }
    [categories_least_percent] إذا كان { $least_percent } بالمئة من المبلغ على الأقل لهذه الفئات: { $categories }
    [least_percent_skus] إذا كان { $least_percent } بالمئة من المبلغ على الأقل لهذه الأصناف: { $skus }
    [categories_least_percent_skus] إذا كان { $least_percent } بالمئة من المبلغ على الأقل لهذه الأصناف أو الفئات: { $skus }، { $categories }
   *[other] مع أحد هذه الأصناف أو الفئات: { $skus }، { $categories }
}
programme-rule-group = من عروض المجموعة الواحدة { $keep ->
    [first] يُحسب أول عرض يمنح نقاطًا فقط
   *[other] يُحسب الأفضل فقط
} ({ $code }).
programme-label-maximum_basket = أكبر مبلغ
programme-label-channels = طرق الشراء
programme-label-payments = وسائل الدفع
programme-label-dates = الأيام
programme-label-until = حتى
programme-label-items = الأصناف
programme-label-skus = الأصناف
programme-label-categories = الفئات
programme-label-least_percent = أقل نسبة مئوية من المبلغ
programme-label-per_item = عن كل وحدة
programme-label-steps = على درجات
programme-label-bands = الدرجات
programme-label-multiplier = المضاعِف
programme-label-percent = بالمئة
programme-label-of = لهذه القواعد
programme-label-over = ما يُحسب
programme-label-group = المجموعة
programme-label-keep = أيّها يُحسب
programme-label-code = الرمز
programme-label-priority = الأولوية
programme-word-till = عند الصندوق
programme-word-online = عبر الموقع
programme-word-app = في التطبيق
programme-word-cash = نقدًا
programme-word-card = بالبطاقة
simulation-title = محاكاة البرنامج
simulation-period = المشتريات المسجّلة من { $since } حتى { $until }.
simulation-version = الإصدار { $version }
simulation-proposed = المقترح
simulation-current = مقارنةً بـ
simulation-counted = { $purchases } عملية شراء من { $members } عضو بمبلغ { $amount }، و{ $returns } مرتجعات.
simulation-figures = النقاط
simulation-issued = الممنوحة
simulation-taken-back = المستردّة للمرتجعات
simulation-expired = المنتهية
simulation-recovered = المسدِّدة للديون
simulation-liability = المستحقّ للأعضاء في النهاية
simulation-debt = المستحقّ على الأعضاء في النهاية
simulation-rules = النقاط بحسب القاعدة
simulation-branches = النقاط بحسب الفرع
simulation-expiring = المستحقّ بحسب شهر انتهاء الصلاحية
simulation-never = لا تنتهي
simulation-comparison = من يربح ومن يخسر
simulation-spread = { $winners } عضو يحصلون على نقاط أكثر، و{ $losers } على نقاط أقل، و{ $unchanged } لا يتغيّر لهم شيء.
simulation-same = دون تغيير
simulation-members = الأعضاء
simulation-won = أكثر الأعضاء ربحًا
simulation-lost = أكثر الأعضاء خسارة
simulation-member = العضو
simulation-difference = الفرق
simulation-pending = غير قابل للإنفاق بعد في النهاية
simulation-cost = تكلفة النقاط الممنوحة
simulation-owed = المستحقّ للأعضاء في النهاية نقدًا
simulation-breakage = منه ما يُتوقّع ألّا يُستبدل أبدًا
simulation-expected = منه ما يُتوقّع استبداله
simulation-tiers = المستويات
simulation-tier = المستوى
simulation-tier-members = الأعضاء في النهاية
simulation-tier-reached = بلغوه
simulation-tier-lost = نزلوا عنه
simulation-by-branch = من يربح ومن يخسر بحسب فرع آخر شراء
simulation-branch = الفرع
simulation-by-segment = من يربح ومن يخسر من الأعضاء المختارين، مجموعةً مجموعة، كما هم الآن
simulation-segment = المجموعة
simulation-winners = يحصلون على أكثر
simulation-losers = يحصلون على أقل
simulation-unchanged = دون تغيير
programme-rule-pending = يمكن إنفاق هذه النقاط بعد { $days ->
    [one] يوم واحد
    [two] يومين
    [few] { $days } أيام
   *[other] { $days } يومًا
}.
programme-label-pending = قيد الانتظار
programme-rule-transferable = لا يمكن تحويل هذه النقاط إلى عضو آخر.
programme-label-transferable = قابلة للتحويل إلى عضو آخر
programme-label-days = الأيام
programme-title-caps = الحدود
programme-title-budgets = الميزانيات
programme-budgets-one = { programme-caps-one }
programme-caps-one = { $per ->
    [member] لكل عضو
    [till] عند كل صندوق
    [cashier] من كل أمين صندوق
    [branch] في كل فرع
   *[other] إجمالًا
} على الأكثر { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
} { $every ->
    [day] في اليوم
    [month] في الشهر
    [year] في السنة
   *[other] في كل الأوقات
}{ $fields ->
    [code_every_points_rules] {""} من هذه القواعد: { $rules }
    [code_every_per_points_rules] {""} من هذه القواعد: { $rules }
   *[other] {""}
}.
programme-label-caps = الحدود
programme-label-budgets = الميزانيات
programme-label-per = لكل
programme-label-every = في أي فترة
programme-word-member = عضو
programme-word-cashier = أمين صندوق
programme-word-branch = فرع
programme-word-day = يوم
programme-word-month = شهر
programme-word-year = سنة
programme-word-ever = كل الأوقات
programme-when-member-purchase = { $fields ->
    [every] مرة كل عدد من المشتريات: { $every }
   *[other] مع الشراء رقم { $exactly }
}
programme-when-member-visit = { $fields ->
    [days_nth] مع الزيارة رقم { $nth } خلال { $days } يومًا
   *[other] مع الزيارة رقم { $nth } في الشهر
}
programme-when-member-joined = { $fields ->
    [from_days] للأعضاء منذ { $from_days } يومًا على الأقل
    [until_days] للأعضاء منذ { $until_days } يومًا على الأكثر
   *[other] للأعضاء منذ { $from_days } إلى { $until_days } يومًا
}
programme-when-member-anniversary = حول ذكرى الانضمام: من { $before_days } يومًا قبلها إلى { $after_days } يومًا بعدها
programme-label-member = العضو
programme-label-purchase = أي شراء
programme-label-visit = أي زيارة
programme-label-joined = المدة منذ الانضمام
programme-label-anniversary = حول الذكرى
programme-label-exactly = بالضبط
programme-label-nth = الرقم
programme-label-from_days = من عدد أيام
programme-label-until_days = حتى عدد أيام
programme-label-before_days = أيام قبلها
programme-label-after_days = أيام بعدها
programme-title-tiers = المستويات
programme-title-transfers = تحويل النقاط
programme-tiers-measure = يتحدّد مستواك وفق { $measure ->
    [points] نقاط المشتريات
    [spend] ما تدفعه
   *[visits] عدد مرات الشراء
}.
programme-tiers-period = يُحتسب على مدى { $period ->
    [year] سنة ميلادية
    [half_year] نصف سنة ميلادية
    [quarter] ربع سنة ميلادية
    [month] شهر ميلادي
    [anniversary] اثني عشر شهرًا من أول مشترياتك
   *[other] { $period }
}.
programme-tiers-levels = المستويات: { $levels }.
programme-one-levels = { $name } ابتداءً من { $from }{ $multiplier_percent ->
    [100] {""}
   *[other] {" "}مع { $multiplier_percent } بالمئة من النقاط
}
programme-tiers-downgrade = حين لا يعود المستوى مضمونًا، { $downgrade ->
    [to_earned] يُعتدّ بما حققته حتى ذلك الحين
    [one_level] تنزل مستوى واحدًا على الأكثر
   *[never] تحتفظ به مع ذلك
}.
programme-tiers-grace_months = يبقى المستوى مضمونًا { $grace_months } شهرًا بعد فترته.
programme-tiers-on_return = المستوى الذي أعان عليه شراء مُرتجَع { $on_return ->
    [falls] يُفقد ما لم يُبلَغ من دونه
   *[stays] يبقى
}.
programme-tiers-counts_on = { $counts_on ->
    [whole] يُحتسب الشراء كاملًا للمستوى، بما يُدفع منه بالنقاط.
   *[rest] ما يُدفع بالنقاط لا يُحتسب للمستوى.
}
programme-title-spending = الدفع بالنقاط
programme-spending-point_value = كل نقطة تدفع { $point_value_money } من ثمن الشراء.
programme-spending-minimum_points = يلزم { $minimum_points } نقطة على الأقل لدفع ثمن شراء.
programme-spending-step = يكون الدفع بخطوات من { $step } نقطة.
programme-spending-most_percent_of_basket = تدفع النقاط { $most_percent_of_basket } بالمئة من ثمن الشراء على الأكثر.
programme-spending-earns_on = { $earns_on ->
    [whole] ما يُدفع بالنقاط يُكسب نقاطًا أيضًا.
   *[rest] ما يُدفع بالنقاط لا يُكسب نقاطًا.
}
programme-transfers-to = يمكن تحويل النقاط { $to ->
    [household] ضمن أسرتك
    [same_tier_group] إلى أعضاء من مجموعة المستويات نفسها
   *[anyone] إلى أي عضو
}.
programme-transfers-minimum = { $minimum } نقطة على الأقل في كل مرة.
programme-transfers-maximum = { $maximum } نقطة على الأكثر في كل مرة.
programme-label-downgrade = النزول
programme-label-grace_months = أشهر المهلة
programme-label-levels = المستويات
programme-label-measure = المقياس
programme-label-on_return = بعد المرتجع
programme-label-counts_on = ما يُحتسب للمستوى
programme-label-period = الفترة
programme-label-benefits = المزايا
programme-label-multiplier_percent = نسبة النقاط
programme-label-tiers = المستويات
programme-label-transfers = تحويل النقاط
programme-label-rolling_months = الأشهر الأخيرة
programme-label-most = على الأكثر
programme-label-acceptance = يلزم قبول المستلم
programme-label-account_age_days = أقل عمر للحساب بالأيام
programme-label-agent_review_above = تُراجع تحويلات الموظفين فوق
programme-label-cooling_off_s = ثوانٍ يمكن فيها التراجع
programme-label-fee = الرسم
programme-label-maximum = الأقصى
programme-label-minimum = الأدنى
programme-label-received = أقصى ما يتلقاه عضو
programme-label-receivers = أقصى عدد للمستلمين
programme-label-review_above = تُراجع فوق
programme-label-sent = أقصى ما يرسله عضو
programme-label-step_up_above = تُؤكَّد برمز فوق
programme-label-waits_s = ثواني الانتظار
programme-word-anyone = أي عضو
programme-word-household = الأسرة
programme-word-same_tier_group = مجموعة المستويات نفسها
programme-word-visits = عدد المرات
programme-word-spend = المدفوع
programme-word-to_earned = إلى ما تحقق
programme-word-one_level = مستوى واحد
programme-word-never = أبدًا
programme-word-falls = يُفقد
programme-word-stays = يبقى
programme-give-instant_reward = { $quantity ->
    [one] مكافأة { $reward } فورًا
   *[other] مكافأة { $reward } فورًا، العدد { $quantity }
}{ $fields ->
    [at_most_quantity_reward] {" "}({ $at_most })
   *[other] {""}
}
programme-give-draw_tickets = { $tickets ->
    [one] تذكرة واحدة
    [two] تذكرتان
    [few] { $tickets } تذاكر
   *[other] { $tickets } تذكرة
} في السحب { $draw }{ $fields ->
    [amount_draw_tickets] {" "}عن كل { $amount }
    [amount_at_most_draw_tickets] {" "}عن كل { $amount } ({ $at_most })
    [at_most_draw_tickets] {" "}عن كل عملية شراء ({ $at_most })
   *[other] {" "}عن كل عملية شراء
}
programme-one-at_most = { $units } على الأكثر { $every ->
    [day] في اليوم
    [month] في الشهر
    [year] في السنة
   *[other] في كل الأوقات
}{ $per ->
    [member] {" "}لكل عضو
    [till] {" "}عند كل صندوق
    [cashier] {" "}من كل أمين صندوق
    [branch] {" "}في كل فرع
   *[other] {""}
}
programme-label-instant_reward = مكافأة فورية
programme-label-draw_tickets = تذاكر السحب
programme-label-reward = المكافأة
programme-label-quantity = العدد
programme-label-draw = السحب
programme-title-names = الأسماء
programme-label-names = الأسماء
programme-label-rewards = المكافآت
programme-label-draws = السحوبات
programme-label-tickets = عدد التذاكر
programme-label-at_most = الحد الأقصى
programme-label-units = العدد
simulation-granted = المكافآت والتذاكر حسب القاعدة
programme-when-member-tiers = لأعضاء هذه المستويات: { $tiers }
programme-when-member-segments = لأعضاء اختارهم النادي: { $segments }
programme-when-member-household = { $at_least ->
    [one] لأعضاء أي أسرة مسجّلة
    [two] لأعضاء الأسر المسجّلة من فردين فأكثر
    [few] لأعضاء الأسر المسجّلة من { $at_least } أفراد فأكثر
   *[other] لأعضاء الأسر المسجّلة من { $at_least } فردًا فأكثر
}
programme-when-member-occasion = { $kind ->
    [birthday] في اليوم الذي يعلن فيه النادي عيد ميلاد العضو
   *[join_anniversary] في اليوم الذي يعلن فيه النادي ذكرى الانضمام
}{ $after_days ->
    [0] {""}
    [one] {" "}وفي اليوم الذي يليه
    [two] {" "}وفي اليومين التاليين
    [few] {" "}وفي { $after_days } أيام بعده
   *[other] {" "}وفي { $after_days } يومًا بعده
}
programme-label-segments = الأعضاء المختارون
programme-label-household = الأسرة
programme-label-at_least = على الأقل
programme-label-occasion = المناسبة
programme-label-kind = أيّ منها
programme-word-birthday = عيد الميلاد
programme-word-join_anniversary = ذكرى الانضمام
simulation-assumed-segments_as_of_now = يؤخذ الأعضاء المختارون كما هم الآن لا كما كانوا حينها.
simulation-assumed-households_as_of_now = تؤخذ الأسر كما هي الآن لا كما كانت حينها.
simulation-assumed-joined_unknown = لا يُعرف متى انضم الأعضاء، فلا تمنح القواعد التي تسأل عنه شيئًا.
simulation-assumed-segments_unknown = لا يُعرف الأعضاء المختارون، فلا تمنح قواعدهم شيئًا.
simulation-assumed-households_unknown = لا تُعرف الأسر، فلا تمنح قواعدها شيئًا.
simulation-assumed-occasions_unknown = لا تُعرف أعياد الميلاد والمناسبات الأخرى، فلا تمنح قواعدها شيئًا.
simulation-acted = { $actions } من الأعمال، أُلغي منها كليًا أو جزئيًا { $undone }.
simulation-for-actions = منها مقابل الأعمال
simulation-taken-back-of-actions = منها عن أعمال أُلغيت
simulation-actions = النقاط بحسب قواعد الأعمال
simulation-assumed-actions_as_recorded = لا تُعرف الأعمال إلا منذ أن كانت لها قاعدة، وما جرى قبل ذلك لا يمنح شيئًا.
simulation-assumed-actions_unknown = لا تُعرف الأعمال، فلا تمنح قواعدها شيئًا.
simulation-assumed-nothing_spent = أُغفل الإنفاق والتحويل والتصحيح اليدوي، فالمستحق في النهاية هو ما كان سيبقى للأعضاء لولا ذلك.
simulation-assumed-nothing_before = أُغفل ما كان قبل هذه المدة، فالأرصدة والمستويات والحدود وأعداد المشتريات تبدأ من الصفر.
programme-label-spending = الدفع بالنقاط
programme-label-point_value = قيمة النقطة
programme-label-minimum_points = أقل عدد من النقاط
programme-label-step = الخطوة
programme-label-most_percent_of_basket = أعلى نسبة من الشراء
programme-label-earns_on = ما يُكسب النقاط
programme-word-rest = ما لم يُدفع بالنقاط
programme-word-whole = كامل الشراء
programme-title-actions = نقاط من غير المشتريات
programme-action-give-fixed = في كل مرة { $points ->
    [one] نقطة واحدة
    [two] نقطتان
    [few] { $points } نقاط
   *[other] { $points } نقطة
}
programme-action-give-per_units = عدد النقاط { $points } عن كل { $units } وحدة{ $rounding ->
    [up] {" "}وعن جزء منها
    [nearest] ، مقرّبة إلى أقرب نقطة
   *[other] {""}
}
programme-action-give-per_payment = عدد النقاط { $points } عن كل دفع بقيمة { $amount }{ $rounding ->
    [up] {" "}وعن جزء منها
    [nearest] ، مقرّبة إلى أقرب نقطة
   *[other] {""}
}
programme-on-action = مقابل { $action ->
    [joined] الانضمام
    [survey] المشاركة في استبيان
    [review] كتابة تقييم
    [referral] دعوة صديق
    [referred] الشراء بعد دعوة صديق
    [profile-completed] إكمال البيانات
    [event-attended] حضور فعالية
    [card-payment] الدفع بالبطاقة
    [bank-transfer] التحويل المصرفي
    [bill] دفع فاتورة
   *[other] { $action }
}
programme-on-branches = في هذه الفروع: { $branches }
programme-on-tiers = لأعضاء هذه المستويات: { $tiers }
programme-on-dates = { $fields ->
    [from] ابتداءً من { $from }
    [until] حتى { $until }
   *[other] من { $from } حتى { $until }
}
programme-on-minimum_amount = للمدفوعات من { $minimum_amount } فأكثر
programme-on-categories = للدفع لدى هذه الفئات من التجار: { $categories }
programme-action-expiry = { programme-rule-expiry }
programme-action-pending = { programme-rule-pending }
programme-action-transferable = { programme-rule-transferable }
programme-action-limits = الحد الأقصى: { $limits }.
programme-one-limits = { $per ->
    [member] لكل عضو{" "}
    [branch] لكل فرع{" "}
   *[other] للجميع معًا{" "}
}{ $fields ->
    [every_per_points_times] عدد المرات { $times } والنقاط { $points }
    [every_points_times] عدد المرات { $times } والنقاط { $points }
    [every_per_points] عدد النقاط { $points }
    [every_points] عدد النقاط { $points }
   *[other] عدد المرات { $times }
} { $every ->
    [day] في اليوم
    [month] في الشهر
    [year] في السنة
   *[other] إجمالًا
}
programme-action-qualifying = تُحتسب هذه النقاط لمستواك.
programme-label-actions = نقاط من غير المشتريات
programme-label-action = ما يُنجَز
programme-label-minimum_amount = أقل مبلغ مدفوع
programme-label-funder = الفرع الذي يدفع
programme-label-limits = الحد الأقصى
programme-label-times = عدد المرات
programme-label-qualifying = تُحتسب للمستوى
programme-label-per_units = عن كل وحدة
programme-label-per_payment = عن كل دفعة
programme-so-many-months = { $months ->
    [one] شهر واحد
    [two] شهرين
    [few] { $months } أشهر
   *[other] { $months } شهرًا
}
programme-period = { $end_of ->
    [month] الفترة الشهرية
    [quarter] الفترة الربعية
    [half_year] الفترة النصف سنوية
    [year] السنة
    [jalali_month] الفترة الشهرية بالتقويم الشمسي
    [jalali_quarter] الفترة الفصلية بالتقويم الشمسي
   *[jalali_year] السنة الشمسية
}
programme-label-end_of = حتى نهاية
programme-label-on = في تاريخ
programme-word-quarter = ربع سنة
programme-word-half_year = نصف سنة
programme-word-jalali_month = شهر شمسي
programme-word-jalali_quarter = فصل شمسي
programme-word-jalali_year = سنة شمسية
programme-title-pooling = الإنفاق معًا
programme-pooling-drawn_by = { $drawn_by ->
    [head] ينفق ربّ الأسرة نقاط جميع أفرادها
   *[everyone] ينفق أفراد الأسرة نقاطهم معًا
}: ما لا تكفيه نقاط الفرد يُؤخذ من نقاط الآخرين، والأقرب انتهاءً أولًا.
programme-pooling-most_per_day = يُؤخذ من الآخرين { $most_per_day } نقطة في اليوم على الأكثر.
programme-pooling-after_days = يبدأ ذلك بعد { $after_days } يومًا من انضمام العضو إلى الأسرة.
programme-label-pooling = الإنفاق معًا
programme-label-drawn_by = من ينفق نقاط الآخرين
programme-label-most_per_day = الأكثر في اليوم
programme-word-everyone = الجميع
programme-word-head = ربّ الأسرة
programme-title-inactivity = عند عدم النشاط
programme-inactivity = تنتهي صلاحية النقاط كلها إذا مرّت مدة { programme-so-many-months } بلا شراء ولا إنفاق للنقاط ولا تحويل، وكل واحد منها يبدأ المدة من جديد.
programme-label-inactivity = عند عدم النشاط
programme-title-proof = الإثبات قبل الإنفاق
programme-proof-confirmed_phone = { $confirmed_phone_is ->
    [no] لا يلزم تأكيد رقم الهاتف.
   *[yes] لا ينفق النقاط إلا عضو أكّد رقم هاتفه برمز لمرة واحدة.
}
programme-proof-code_above = يلزم لإنفاق أكثر من { $code_above } نقطة دفعة واحدة رمز جديد لمرة واحدة يُرسل إلى هاتف العضو.
programme-label-proof = الإثبات قبل الإنفاق
programme-label-confirmed_phone = برقم هاتف مؤكد فقط
programme-label-code_above = رمز جديد لما فوق
