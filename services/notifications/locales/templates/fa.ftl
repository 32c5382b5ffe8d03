joined-title = به { $chain } خوش آمدید
joined-text = { $name } عزیز، به باشگاه { $chain } خوش آمدید! از این پس با هر خرید امتیاز می‌گیرید.

earned-title = امتیاز گرفتید
earned-text =
    { $points ->
        [0] { $chain }: خرید { $amount } شما در { $day } ثبت شد.
       *[other] { $chain }: با خرید { $amount } در { $day }، { $points } امتیاز گرفتید.
    } مانده: { $balance }

returned-title = مرجوعی
returned-text =
    { $chain }: مرجوعی { $amount } ثبت شد و { $points ->
        [0] امتیازی کم نشد.
       *[other] { $points } امتیاز کم شد.
    } مانده: { $balance }{ $debt ->
        [0] { "" }
       *[other] { "" }، بدهی: { $debt }
    }

granted-title = امتیاز برای شما
granted-text =
    { $chain }: { $pending ->
        [0] { $points } امتیاز گرفتید.
       *[other] { $points } امتیاز گرفتید که { $pending } تای آن بعداً قابل استفاده می‌شود.
    } مانده: { $balance }

redeemed-title = امتیاز خرج شد
redeemed-text = { $chain }: { $points } امتیاز خرج شد. مانده: { $balance }. اگر شما نبودید همین حالا خبر بدهید.

redemption_undone-title = امتیازها برگشت
redemption_undone-text = { $chain }: خرج امتیاز لغو شد و { $points } امتیاز برگشت. مانده: { $balance }

held-title = امتیاز کنار گذاشته شد
held-text = { $chain }: { $points } امتیاز شما تا { $until } کنار گذاشته شد. اگر شما نبودید همین حالا خبر بدهید.

expiring-title = مهلت امتیازها رو به پایان است
expiring-text =
    { $chain }: { $points } امتیاز شما { $days ->
        [one] فردا
       *[other] تا { $days } روز دیگر
    }، در { $day }، از بین می‌رود. پیش از آن استفاده کنید.

expired-title = مهلت امتیازها تمام شد
expired-text = { $chain }: مهلت { $points } امتیاز تمام شد. مانده: { $balance }

activated-title = امتیازها آماده‌اند
activated-text = { $chain }: { $points } امتیاز اکنون قابل استفاده است. مانده: { $balance }

adjusted-title = مانده شما اصلاح شد
adjusted-text = { $chain }: مانده شما { $points } امتیاز اصلاح شد. مانده: { $balance }

account_state-title = حساب شما
account_state-text =
    { $state ->
        [frozen] { $chain }: حساب شما مسدود شد؛ امتیازها محفوظ است ولی فعلاً خرج نمی‌شود. لطفاً با ما تماس بگیرید.
        [closed] { $chain }: حساب شما بسته شد.
       *[open] { $chain }: حساب شما دوباره باز شد.
    }

tier_changed-title = سطح شما
tier_changed-text =
    { $direction ->
        [up] { $chain }: تبریک! اکنون در سطح { $tier } هستید.
        [none] { $chain }: اکنون در هیچ سطحی نیستید.
       *[down] { $chain }: اکنون در سطح { $tier } هستید.
    }

transfer_sent-title = انتقال امتیاز
transfer_sent-text =
    { $chain }: { $points } امتیاز را انتقال می‌دهید{ $fee ->
        [0] { "" }
       *[other] { " " }(کارمزد: { $fee })
    }. مانده: { $balance }. اگر شما نبودید همین حالا پس بگیرید.

transfer_waiting-title = امتیازی در انتظار شماست
transfer_waiting-text = { $chain }: { $points } امتیاز برای شما فرستاده‌اند. لطفاً در برنامه بپذیرید یا رد کنید.

transfer_received-title = امتیاز برای شما
transfer_received-text = { $chain }: { $points } امتیاز برای شما فرستاده شد.

transfer_done-title = امتیازها رسید
transfer_done-text = { $chain }: { $points } امتیازی که فرستادید رسید.

transfer_back-title = امتیازها برگشت
transfer_back-text =
    { $why ->
        [declined] { $chain }: انتقال شما پذیرفته نشد؛ { $points } امتیاز برگشت.
        [recalled] { $chain }: انتقال را پس گرفتید؛ { $points } امتیاز برگشت.
       *[expired] { $chain }: کسی انتقال شما را نپذیرفت؛ { $points } امتیاز برگشت.
    } مانده: { $balance }

reward_redeemed-title = { $reward } برای شماست
reward_redeemed-text = { $chain }: { $reward } با { $points } امتیاز برای شماست. آن را در برنامه، میان کوپن‌ها، می‌بینید.

reward_released-title = { $reward } انجام نشد
reward_released-text =
    { $chain }: { $reward } داده نشد: { $why ->
        [balance_too_low] امتیاز کافی نیست.
        [account_frozen] حساب شما مسدود است.
        [account_closed] حساب شما بسته است.
        [account_guarded] حساب شما فعلاً زیر مراقبت است.
        [phone_unconfirmed] شماره شما هنوز تأیید نشده است.
        [code_needed] کد تأیید لازم است.
        [not_delivered] به دست شما نرسید.
       *[other] بیش از اندازه طول کشید.
    } امتیازی از شما کم نشد.

reward_cancelled-title = { $reward } لغو شد
reward_cancelled-text = { $chain }: { $reward } لغو شد. { $points } امتیاز شما برمی‌گردد.

gift-title = هدیه‌ای برای شما
gift-text =
    { $why ->
        [birthday] { $chain }: تولدتان مبارک! { $reward } هدیه ما به شماست.
        [join_anniversary] { $chain }: سالگرد عضویت شماست. { $reward } هدیه ما به شماست.
        [joined] { $chain }: خوش آمدید! { $reward } هدیه ما به شماست.
        [win_back] { $chain }: دلمان برایتان تنگ شده. { $reward } هدیه ما به شماست.
       *[other] { $chain }: { $reward } هدیه ما به شماست.
    }

voucher_expiring-title = مهلت { $reward } رو به پایان است
voucher_expiring-text =
    { $chain }: کوپن { $reward } شما { $days ->
        [one] فردا
       *[other] تا { $days } روز دیگر
    }، در { $day }، باطل می‌شود.

voucher_used-title = { $reward } استفاده شد
voucher_used-text = { $chain }: کوپن { $reward } شما در صندوق استفاده شد. اگر شما نبودید خبر بدهید.

seat_booked-title = جای شما
seat_booked-text = { $chain }: در { $event }، { $starts }، جا دارید. تا { $until } می‌توانید آن را پس بدهید.

seat_moved_up-title = نوبت شما شد
seat_moved_up-text = { $chain }: از فهرست انتظار در { $event }، { $starts }، جا گرفتید. تا { $until } می‌توانید آن را پس بدهید.

seat_ended-title = جای شما
seat_ended-text =
    { $why ->
        [event_cancelled] { $chain }: { $event } برگزار نمی‌شود. آنچه برایش داده‌اید برمی‌گردد.
        [event_over] { $chain }: { $event } تمام شد و جایی خالی نشد.
        [not_paid] { $chain }: بهای جای شما در { $event } پرداخت نشد.
        [not_offered] { $chain }: { $event } دیگر برای شما نیست و جای شما آزاد شد.
       *[other] { $chain }: جای شما در { $event } پس داده شد.
    }

draw_won-title = برنده شدید!
draw_won-text = { $chain }: شما برنده جایزه { $draw } شدید! لطفاً تا { $until } آن را در برنامه یا در شعبه بخواهید.

contest_won-title = برنده شدید!
contest_won-text =
    { $place ->
        [1] { $chain }: در { $challenge } اول شدید!
       *[other] { $chain }: در { $challenge } به جایگاه { $place } رسیدید!
    }

challenge_reached-title = انجام شد
challenge_reached-text = { $chain }: به هدف { $challenge } رسیدید: { $goal }

occasion-title = روز شماست
occasion-text =
    { $occasion ->
        [birthday] { $name } عزیز، تولدتان مبارک! با آرزوی بهترین‌ها، { $chain }
       *[other] { $name } عزیز، امروز سالگرد عضویت شما در { $chain } است. سپاس که با ما مانده‌اید!
    }

plan-title = { $plan }
plan-text =
    { $standing ->
        [active] { $chain }: { $plan } تا { $day } برای شماست.
        [renewal_due] { $chain }: { $plan } در { $day } تمام می‌شود. لطفاً آن را تمدید کنید.
        [grace] { $chain }: { $plan } تمام شده است؛ اگر تا { $day } تمدید کنید مزایای آن می‌ماند.
       *[other] { $chain }: { $plan } تمام شد.
    }

friend_bought-title = دوستتان آمد
friend_bought-text = { $chain }: دوستی که معرفی کردید نخستین خریدش را کرد. سپاسگزاریم!

household-title = خانواده شما
household-text =
    { $change ->
        [joined] { $chain }: اکنون عضو یک حساب خانوادگی هستید.
       *[left] { $chain }: دیگر عضو حساب خانوادگی نیستید.
    }

programme-title = برنامه ما تغییر می‌کند
programme-text = { $chain }: شرایط باشگاه از { $day } تغییر می‌کند. آن را در برنامه ببینید.

win_back-title = دلمان برایتان تنگ شده
win_back-text =
    { $name } عزیز، { $days } روز است که در { $chain } ندیده‌ایمتان. { $points ->
        [0] سری به ما بزنید!
       *[other] { $points } امتیاز در انتظار شماست.
    }

campaign-title = { $chain }
campaign-text = { $chain } برای شما خبری دارد.
