joined-title = Welcome to { $chain }
joined-text = Welcome to { $chain }, { $name }! You earn points with every purchase from now on.

earned-title = Points earned
earned-text =
    { $points ->
        [0] { $chain }: your purchase of { $amount } on { $day } is recorded.
        [one] { $chain }: you earned one point with your purchase of { $amount } on { $day }.
       *[other] { $chain }: you earned { $points } points with your purchase of { $amount } on { $day }.
    } Balance: { $balance }.

returned-title = A return
returned-text =
    { $chain }: your return of { $amount } is recorded, { $points ->
        [0] no points were taken back.
        [one] one point was taken back.
       *[other] { $points } points were taken back.
    } Balance: { $balance }.{ $debt ->
        [0] { "" }
       *[other] { " " }Still owed: { $debt }.
    }

granted-title = Points for you
granted-text =
    { $chain }: you earned { $points ->
        [one] one point
       *[other] { $points } points
    }{ $pending ->
        [0] { "" }
       *[other] { "" }, { $pending } of them to be spent later
    }. Balance: { $balance }.

redeemed-title = Points redeemed
redeemed-text =
    { $chain }: { $points ->
        [one] one point was
       *[other] { $points } points were
    } redeemed. Balance: { $balance }. Not you? Tell us at once.

redemption_undone-title = Points are back
redemption_undone-text =
    { $chain }: a redemption was undone, { $points ->
        [one] one point is
       *[other] { $points } points are
    } back. Balance: { $balance }.

held-title = Points set aside
held-text =
    { $chain }: { $points ->
        [one] one point is
       *[other] { $points } points are
    } set aside for you until { $until }. Not you? Tell us at once.

expiring-title = Points lapse soon
expiring-text =
    { $chain }: { $points ->
        [one] one of your points lapses
       *[other] { $points } of your points lapse
    } { $days ->
        [one] tomorrow
       *[other] in { $days } days
    }, on { $day }. Use them before.

expired-title = Points lapsed
expired-text =
    { $chain }: { $points ->
        [one] one point
       *[other] { $points } points
    } lapsed. Balance: { $balance }.

activated-title = Points can be spent
activated-text =
    { $chain }: { $points ->
        [one] one point
       *[other] { $points } points
    } can be spent now. Balance: { $balance }.

adjusted-title = Your balance was corrected
adjusted-text =
    { $chain }: your balance was corrected by { $points ->
        [one] one point
       *[other] { $points } points
    }. Balance: { $balance }.

account_state-title = Your account
account_state-text =
    { $state ->
        [frozen] { $chain }: your account is frozen; points are safe, but cannot be spent for now. Please ask us.
        [closed] { $chain }: your account is closed.
       *[open] { $chain }: your account is open again.
    }

tier_changed-title = Your tier
tier_changed-text =
    { $direction ->
        [up] { $chain }: congratulations, you are { $tier } now!
        [none] { $chain }: you have no tier any more.
       *[down] { $chain }: you are { $tier } now.
    }

transfer_sent-title = Points passed on
transfer_sent-text =
    { $chain }: you pass on { $points ->
        [one] one point
       *[other] { $points } points
    }{ $fee ->
        [0] { "" }
       *[other] { " " }(fee: { $fee })
    }. Balance: { $balance }. Not you? Recall it at once.

transfer_waiting-title = Points wait for you
transfer_waiting-text =
    { $chain }: somebody passes { $points ->
        [one] one point
       *[other] { $points } points
    } on to you. Please accept or decline in the app.

transfer_received-title = Points for you
transfer_received-text =
    { $chain }: somebody passed { $points ->
        [one] one point
       *[other] { $points } points
    } on to you.

transfer_done-title = Points arrived
transfer_done-text =
    { $chain }: { $points ->
        [one] the point that you passed on has
       *[other] the { $points } points that you passed on have
    } arrived.

transfer_back-title = Points are back
transfer_back-text =
    { $why ->
        [declined] { $chain }: the points that you passed on were declined.
        [recalled] { $chain }: you recalled your points.
       *[expired] { $chain }: nobody accepted the points that you passed on.
    } Points back: { $points }. Balance: { $balance }.

reward_redeemed-title = { $reward } is yours
reward_redeemed-text =
    { $chain }: { $reward } is yours for { $points ->
        [one] one point
       *[other] { $points } points
    }. You find it in the app under your vouchers.

reward_released-title = { $reward } did not work out
reward_released-text =
    { $chain }: { $reward } could not be given, { $why ->
        [balance_too_low] there are too few points.
        [account_frozen] your account is frozen.
        [account_closed] your account is closed.
        [account_guarded] your account is guarded for now.
        [phone_unconfirmed] your phone is not confirmed yet.
        [code_needed] it takes a code from your phone.
        [not_delivered] it could not be delivered.
       *[other] it took too long.
    } It cost you no points.

reward_cancelled-title = { $reward } was cancelled
reward_cancelled-text =
    { $chain }: { $reward } was cancelled. { $points ->
        [one] One point comes
       *[other] Your { $points } points come
    } back.

gift-title = A gift for you
gift-text =
    { $why ->
        [birthday] Happy birthday from { $chain }! { $reward } is our gift to you.
        [join_anniversary] { $chain }: it is the day on which you joined. { $reward } is our gift to you.
        [joined] { $chain }: welcome! { $reward } is our gift to you.
        [win_back] { $chain }: we miss you. { $reward } is our gift to you.
       *[other] { $chain }: { $reward } is our gift to you.
    }

voucher_expiring-title = { $reward } lapses soon
voucher_expiring-text =
    { $chain }: your voucher for { $reward } lapses { $days ->
        [one] tomorrow
       *[other] in { $days } days
    }, on { $day }.

voucher_used-title = { $reward } was used
voucher_used-text = { $chain }: your voucher for { $reward } was used at a till. Not you? Tell us.

seat_booked-title = Your seat
seat_booked-text = { $chain }: you have a seat at { $event }, { $starts }. You can give it back until { $until }.

seat_moved_up-title = You moved up
seat_moved_up-text = { $chain }: a seat at { $event }, { $starts }, is yours: you moved up from the waiting list. You can give it back until { $until }.

seat_ended-title = Your seat
seat_ended-text =
    { $why ->
        [event_cancelled] { $chain }: { $event } is called off. What you redeemed for it comes back.
        [event_over] { $chain }: { $event } is over, and no seat became free.
        [not_paid] { $chain }: your seat at { $event } could not be paid for.
        [not_offered] { $chain }: { $event } is not offered to you any more, and your seat is free again.
       *[other] { $chain }: your seat at { $event } is given back.
    }

draw_won-title = You won!
draw_won-text = { $chain }: you won a prize of { $draw }! Please claim it in the app or at a branch until { $until }.

contest_won-title = You won!
contest_won-text =
    { $place ->
        [1] { $chain }: you came in first in { $challenge }!
       *[other] { $chain }: you came in at place { $place } in { $challenge }!
    }

challenge_reached-title = You did it
challenge_reached-text = { $chain }: you reached the goal of { $challenge }: { $goal }.

occasion-title = It is your day
occasion-text =
    { $occasion ->
        [birthday] Happy birthday, { $name }! All the best from { $chain }.
       *[other] { $name }, you joined { $chain } on this day. Thank you for staying!
    }

plan-title = { $plan }
plan-text =
    { $standing ->
        [active] { $chain }: { $plan } is yours until { $day }.
        [renewal_due] { $chain }: { $plan } ends on { $day }. Please renew it.
        [grace] { $chain }: { $plan } has ended; you keep its benefits until { $day } if you renew it.
       *[other] { $chain }: { $plan } has ended.
    }

friend_bought-title = Your friend was here
friend_bought-text = { $chain }: a friend whom you brought has made the first purchase. Thank you!

household-title = Your family
household-text =
    { $change ->
        [joined] { $chain }: you belong to a family account now.
       *[left] { $chain }: you do not belong to a family account any more.
    }

programme-title = Our programme changes
programme-text = { $chain }: the terms of our programme change on { $day }. You find them in the app.

win_back-title = We miss you
win_back-text =
    { $name }, we have not seen you at { $chain } for { $days ->
        [one] a day
       *[other] { $days } days
    }. { $points ->
        [0] Come by!
        [one] One point waits for you.
       *[other] { $points } points wait for you.
    }

campaign-title = { $chain }
campaign-text = { $chain } has something for you.
