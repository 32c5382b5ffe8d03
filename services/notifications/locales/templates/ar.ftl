joined-title = أهلاً بكم في { $chain }
joined-text = أهلاً بك يا { $name } في نادي { $chain }! من الآن تكسب نقاطاً مع كل عملية شراء.

earned-title = كسبت نقاطاً
earned-text =
    { $points ->
        [zero] { $chain }: سُجّلت مشترياتك بقيمة { $amount } في { $day }.
        [one] { $chain }: كسبت نقطة واحدة من مشترياتك بقيمة { $amount } في { $day }.
        [two] { $chain }: كسبت نقطتين من مشترياتك بقيمة { $amount } في { $day }.
        [few] { $chain }: كسبت { $points } نقاط من مشترياتك بقيمة { $amount } في { $day }.
       *[other] { $chain }: كسبت { $points } نقطة من مشترياتك بقيمة { $amount } في { $day }.
    } الرصيد: { $balance }

returned-title = مرتجع
returned-text =
    { $chain }: سُجّل مرتجعك بقيمة { $amount }، { $points ->
        [zero] ولم تُخصم نقاط.
       *[other] وعدد النقاط المخصومة { $points }.
    } الرصيد: { $balance }{ $debt ->
        [zero] { "" }
       *[other] { "" }، المستحق: { $debt }
    }

granted-title = نقاط لك
granted-text =
    { $chain }: { $pending ->
        [zero] نقاط مكتسبة: { $points }.
       *[other] نقاط مكتسبة: { $points }، يمكن إنفاق { $pending } منها لاحقاً.
    } الرصيد: { $balance }

redeemed-title = استُبدلت نقاط
redeemed-text = { $chain }: نقاط مستبدلة: { $points }. الرصيد: { $balance }. إن لم تكن أنت فأخبرنا فوراً.

redemption_undone-title = عادت نقاطك
redemption_undone-text = { $chain }: أُلغي الاستبدال وعادت نقاطك: { $points }. الرصيد: { $balance }

held-title = نقاط محجوزة
held-text = { $chain }: نقاط محجوزة لك: { $points } حتى { $until }. إن لم تكن أنت فأخبرنا فوراً.

expiring-title = نقاطك تنتهي قريباً
expiring-text =
    { $chain }: نقاط تنتهي { $days ->
        [one] غداً
        [two] بعد يومين
        [few] بعد { $days } أيام
       *[other] بعد { $days } يوماً
    }، في { $day }: { $points }. استخدمها قبل ذلك.

expired-title = انتهت نقاط
expired-text = { $chain }: نقاط انتهت صلاحيتها: { $points }. الرصيد: { $balance }

activated-title = نقاطك جاهزة
activated-text = { $chain }: يمكنك الآن إنفاق هذه النقاط: { $points }. الرصيد: { $balance }

adjusted-title = صُحّح رصيدك
adjusted-text = { $chain }: صُحّح رصيدك بمقدار { $points }. الرصيد: { $balance }

account_state-title = حسابك
account_state-text =
    { $state ->
        [frozen] { $chain }: جُمّد حسابك؛ نقاطك محفوظة ولا يمكن إنفاقها الآن. يرجى الاتصال بنا.
        [closed] { $chain }: أُغلق حسابك.
       *[open] { $chain }: فُتح حسابك من جديد.
    }

tier_changed-title = مستواك
tier_changed-text =
    { $direction ->
        [up] { $chain }: تهانينا! أنت الآن في المستوى { $tier }.
        [none] { $chain }: لم تعد في أي مستوى.
       *[down] { $chain }: أنت الآن في المستوى { $tier }.
    }

transfer_sent-title = تحويل نقاط
transfer_sent-text =
    { $chain }: تحوّل نقاطاً عددها { $points }{ $fee ->
        [zero] { "" }
       *[other] { " " }(الرسم: { $fee })
    }. الرصيد: { $balance }. إن لم تكن أنت فاستردها فوراً.

transfer_waiting-title = نقاط بانتظارك
transfer_waiting-text = { $chain }: أُرسلت إليك نقاط عددها { $points }. يرجى قبولها أو رفضها في التطبيق.

transfer_received-title = نقاط لك
transfer_received-text = { $chain }: وصلتك نقاط عددها { $points }.

transfer_done-title = وصلت النقاط
transfer_done-text = { $chain }: وصلت النقاط التي أرسلتها، وعددها { $points }.

transfer_back-title = عادت نقاطك
transfer_back-text =
    { $why ->
        [declined] { $chain }: رُفض تحويلك وعادت نقاط عددها { $points }.
        [recalled] { $chain }: استرددت تحويلك وعادت نقاط عددها { $points }.
       *[expired] { $chain }: لم يقبل أحد تحويلك وعادت نقاط عددها { $points }.
    } الرصيد: { $balance }

reward_redeemed-title = { $reward } لك
reward_redeemed-text = { $chain }: { $reward } لك مقابل نقاط عددها { $points }. تجدها في التطبيق بين قسائمك.

reward_released-title = لم يتم { $reward }
reward_released-text =
    { $chain }: تعذّر منح { $reward }: { $why ->
        [balance_too_low] النقاط غير كافية.
        [account_frozen] حسابك مجمّد.
        [account_closed] حسابك مغلق.
        [account_guarded] حسابك تحت الحماية الآن.
        [phone_unconfirmed] لم يُؤكَّد رقم هاتفك بعد.
        [code_needed] يلزم رمز من هاتفك.
        [not_delivered] تعذّر توصيله.
       *[other] استغرق وقتاً طويلاً.
    } لم تُخصم منك نقاط.

reward_cancelled-title = أُلغي { $reward }
reward_cancelled-text = { $chain }: أُلغي { $reward }. تعود إليك نقاط عددها { $points }.

gift-title = هدية لك
gift-text =
    { $why ->
        [birthday] { $chain }: كل عام وأنت بخير! { $reward } هديتنا إليك.
        [join_anniversary] { $chain }: اليوم ذكرى انضمامك. { $reward } هديتنا إليك.
        [joined] { $chain }: أهلاً بك! { $reward } هديتنا إليك.
        [win_back] { $chain }: اشتقنا إليك. { $reward } هديتنا إليك.
       *[other] { $chain }: { $reward } هديتنا إليك.
    }

voucher_expiring-title = { $reward } تنتهي قريباً
voucher_expiring-text =
    { $chain }: قسيمتك { $reward } تنتهي { $days ->
        [one] غداً
        [two] بعد يومين
        [few] بعد { $days } أيام
       *[other] بعد { $days } يوماً
    }، في { $day }.

voucher_used-title = استُخدمت { $reward }
voucher_used-text = { $chain }: استُخدمت قسيمتك { $reward } عند الصندوق. إن لم تكن أنت فأخبرنا.

seat_booked-title = مقعدك
seat_booked-text = { $chain }: لك مقعد في { $event }، { $starts }. يمكنك إعادته حتى { $until }.

seat_moved_up-title = جاء دورك
seat_moved_up-text = { $chain }: حصلت من قائمة الانتظار على مقعد في { $event }، { $starts }. يمكنك إعادته حتى { $until }.

seat_ended-title = مقعدك
seat_ended-text =
    { $why ->
        [event_cancelled] { $chain }: أُلغي { $event }. يعود إليك ما دفعته من أجله.
        [event_over] { $chain }: انتهى { $event } ولم يشغر مقعد.
        [not_paid] { $chain }: لم يُدفع ثمن مقعدك في { $event }.
        [not_offered] { $chain }: لم يعد { $event } متاحاً لك، ومقعدك شاغر من جديد.
       *[other] { $chain }: أُعيد مقعدك في { $event }.
    }

draw_won-title = فزت!
draw_won-text = { $chain }: فزت بجائزة في { $draw }! يرجى المطالبة بها في التطبيق أو في الفرع حتى { $until }.

contest_won-title = فزت!
contest_won-text =
    { $place ->
        [1] { $chain }: أنت الأول في { $challenge }!
       *[other] { $chain }: مركزك في { $challenge }: { $place }!
    }

challenge_reached-title = أنجزت الهدف
challenge_reached-text = { $chain }: بلغت هدف { $challenge }: { $goal }

occasion-title = إنه يومك
occasion-text =
    { $occasion ->
        [birthday] كل عام وأنت بخير يا { $name }! أطيب التمنيات من { $chain }.
       *[other] { $name }، اليوم ذكرى انضمامك إلى { $chain }. شكراً لبقائك معنا!
    }

plan-title = { $plan }
plan-text =
    { $standing ->
        [active] { $chain }: { $plan } لك حتى { $day }.
        [renewal_due] { $chain }: ينتهي { $plan } في { $day }. يرجى تجديده.
        [grace] { $chain }: انتهى { $plan }؛ تبقى مزاياه إن جدّدته حتى { $day }.
       *[other] { $chain }: انتهى { $plan }.
    }

friend_bought-title = جاء صديقك
friend_bought-text = { $chain }: أجرى الصديق الذي دعوته أول عملية شراء. شكراً لك!

household-title = عائلتك
household-text =
    { $change ->
        [joined] { $chain }: أنت الآن ضمن حساب عائلي.
       *[left] { $chain }: لم تعد ضمن حساب عائلي.
    }

programme-title = يتغيّر برنامجنا
programme-text = { $chain }: تتغيّر شروط برنامجنا في { $day }. تجدها في التطبيق.

win_back-title = اشتقنا إليك
win_back-text =
    { $name }، لم نرك في { $chain } منذ { $days ->
        [one] يوم
        [two] يومين
        [few] { $days } أيام
       *[other] { $days } يوماً
    }. { $points ->
        [zero] نراك قريباً!
       *[other] نقاط بانتظارك: { $points }.
    }

campaign-title = { $chain }
campaign-text = لدى { $chain } خبر لكم.
