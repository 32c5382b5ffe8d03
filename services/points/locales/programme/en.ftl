programme-title = { $club }: how it works
programme-since = In force since { $date }.
programme-next = From { $date }, { $time } on, this changes:
programme-money = { $currency } { $amount }
programme-currency-irr = IRR
programme-currency-usd = USD
programme-currency-eur = EUR
programme-title-rules = Earning points
programme-title-expiry = How long points last
programme-title-debt = Returns and debts
programme-rule = { $name }: { $said }.
programme-rule-expiry = These points last { $fields ->
    [months] for { programme-so-many-months }
    [on] until { $on }; later ones, until that day of the next year
    [end_of] until the end of the { programme-period } in which they are recorded
   *[end_of_months] for { programme-so-many-months }, and on to the end of that { programme-period }
}.
programme-give-per_amount = { $points ->
    [one] one point
   *[other] { $points } points
} for each { $amount }{ $rounding ->
    [up] , and for a part of it
    [nearest] , rounded to the nearest point
   *[other] {""}
}
programme-give-fixed = { $points ->
    [one] one point
   *[other] { $points } points
} for each purchase
programme-when-minimum_basket = for purchases of { $minimum_basket } or more
programme-when-branches = in these branches: { $branches }
programme-when-regions = in these regions: { $regions }
programme-when-weekdays = on { $weekdays }
programme-when-hours = from { $from } to { $to }
programme-expiry = Points can be spent { $fields ->
    [months] for { programme-so-many-months } from the day on which they are recorded
    [on] until { $on }, and those recorded later until that day of the next year
    [end_of] until the end of the { programme-period } in which they are recorded
   *[end_of_months] for { programme-so-many-months } from the day on which they are recorded, and on to the end of that { programme-period }
}. On the last day they still count.
programme-expiry-none = Points do not lapse.
programme-debt = Whoever returns a purchase gives back its points, in proportion. Points that were spent already are owed, and { $recovered_percent } per cent of each later earning pays for them.
programme-debt-none = Whoever returns a purchase gives back its points, in proportion. Points that were spent already are owed, and later earnings pay for them.
programme-added = New: { $place }: { $new }
programme-removed = No longer: { $place }: { $old }
programme-added-rule = New: { $rule }
programme-removed-rule = No longer: { $rule }
programme-changed = { $place }: { $new } (before: { $old })
programme-label-name = Name
programme-label-currency = Currency
programme-label-rules = Order of the rules
programme-label-expiry = Expiry
programme-label-months = Months
programme-label-debt = Debts
programme-label-recovered_percent = Per cent of an earning that pays a debt
programme-label-minimum_basket = Least amount
programme-label-branches = Branches
programme-label-regions = Regions
programme-label-weekdays = Weekdays
programme-label-hours = Hours
programme-label-from = From
programme-label-to = To
programme-label-per_amount = For each amount
programme-label-fixed = For each purchase
programme-label-points = Points
programme-label-amount = Amount
programme-label-rounding = Rounding
programme-label-fa = Persian
programme-label-ar = Arabic
programme-label-en = English
programme-word-nothing = nothing
programme-word-yes = yes
programme-word-no = no
programme-word-up = up
programme-word-down = down
programme-word-nearest = to the nearest
programme-word-saturday = Saturday
programme-word-sunday = Sunday
programme-word-monday = Monday
programme-word-tuesday = Tuesday
programme-word-wednesday = Wednesday
programme-word-thursday = Thursday
programme-word-friday = Friday
programme-give-per_item = { $points ->
    [one] one point
   *[other] { $points } points
} for each { $over ->
    [items] unit of the articles named
   *[other] unit on the receipt
}
programme-give-steps = points by how much is paid{ $over ->
    [items] {""} for the articles named
   *[other] {""}
}: { $bands }
programme-one-bands = from { $from_money } on { $points ->
    [one] one point
   *[other] { $points } points
}
programme-give-multiplier = the points of other rules become { $percent } per cent of what they are
programme-when-maximum_basket = for purchases of { $maximum_basket } at most
programme-when-channels = for purchases made { $channels }
programme-when-payments = when paid by { $payments }
programme-when-dates = { $fields ->
    [from] from { $from } on
    [until] until { $until }
   *[other] from { $from } until { $until }
}
programme-when-items = { $fields ->
    [categories] with articles of these categories: { $categories }
    [skus] with one of these articles: { $skus }
    [categories_least_percent] where at least { $least_percent } per cent is paid for these categories: { $categories }
    [least_percent_skus] where at least { $least_percent } per cent is paid for these articles: { $skus }
    [categories_least_percent_skus] where at least { $least_percent } per cent is paid for these articles or categories: { $skus }, { $categories }
   *[other] with one of these articles or categories: { $skus }, { $categories }
}
programme-rule-group = Of the offers of one group { $keep ->
    [first] only the first that gives anything counts
   *[other] only the best counts
} ({ $code }).
programme-label-maximum_basket = Largest amount
programme-label-channels = Channels
programme-label-payments = Means of payment
programme-label-dates = Days
programme-label-until = Until
programme-label-items = Articles
programme-label-skus = Articles
programme-label-categories = Categories
programme-label-least_percent = Least per cent of the amount
programme-label-per_item = For each unit
programme-label-steps = In steps
programme-label-bands = Steps
programme-label-multiplier = Multiplier
programme-label-percent = Per cent
programme-label-of = Of these rules
programme-label-over = What counts
programme-label-group = Group
programme-label-keep = Which one counts
programme-label-code = Code
programme-label-priority = Priority
programme-word-till = at a till
programme-word-online = online
programme-word-app = in the app
programme-word-cash = cash
programme-word-card = card
simulation-title = Simulation of the programme
simulation-period = Purchases recorded from { $since } until { $until }.
simulation-version = Version { $version }
simulation-proposed = Proposed
simulation-current = Compared with
simulation-counted = { $purchases } purchases of { $members } members for { $amount }, and { $returns } returns.
simulation-figures = Points
simulation-issued = Given
simulation-taken-back = Taken back for returns
simulation-expired = Lapsed
simulation-recovered = Paid for debts
simulation-liability = Owed to members at the end
simulation-debt = Owed by members at the end
simulation-rules = Points by rule
simulation-branches = Points by branch
simulation-expiring = What is owed, by the month in which it lapses
simulation-never = Never
simulation-comparison = Who wins and who loses
simulation-spread = { $winners } members get more points, { $losers } get fewer, for { $unchanged } nothing changes.
simulation-same = No change
simulation-members = Members
simulation-won = Members who gain most
simulation-lost = Members who lose most
simulation-member = Member
simulation-difference = Difference
simulation-pending = Not spendable yet at the end
simulation-cost = Cost of the points given
simulation-owed = Owed to members at the end, in money
simulation-breakage = Of that, expected never to be redeemed
simulation-expected = Of that, expected to be redeemed
simulation-tiers = Tiers
simulation-tier = Tier
simulation-tier-members = members at the end
simulation-tier-reached = rose to it
simulation-tier-lost = fell from it
simulation-by-branch = Who wins and who loses, by the branch where they bought last
simulation-branch = Branch
simulation-by-segment = Who wins and who loses, by segment as it is now
simulation-segment = Segment
simulation-winners = Get more
simulation-losers = Get fewer
simulation-unchanged = No change
programme-rule-pending = These points can be spent { $days ->
    [one] one day
   *[other] { $days } days
} later.
programme-label-pending = Pending
programme-rule-transferable = These points cannot be passed on to another member.
programme-label-transferable = Can be passed on
programme-label-days = Days
programme-title-caps = Caps
programme-title-budgets = Budgets
programme-budgets-one = { programme-caps-one }
programme-caps-one = { $per ->
    [member] Each member gets
    [till] At each till there are
    [cashier] From each cashier there are
    [branch] In each branch there are
   *[other] Altogether there are
} at most { $points ->
    [one] one point
   *[other] { $points } points
} { $every ->
    [day] a day
    [month] a month
    [year] a year
   *[other] in all
}{ $fields ->
    [code_every_points_rules] {""} by these rules: { $rules }
    [code_every_per_points_rules] {""} by these rules: { $rules }
   *[other] {""}
}.
programme-label-caps = Caps
programme-label-budgets = Budgets
programme-label-per = Counted for each
programme-label-every = In which period
programme-word-member = member
programme-word-cashier = cashier
programme-word-branch = branch
programme-word-day = day
programme-word-month = month
programme-word-year = year
programme-word-ever = all of time
programme-when-member-purchase = { $fields ->
    [every] with each purchase of so many: { $every }
   *[other] with the purchase of this number: { $exactly }
}
programme-when-member-visit = { $fields ->
    [days_nth] with visit number { $nth } of { $days } days
   *[other] with visit number { $nth } of a month
}
programme-when-member-joined = { $fields ->
    [from_days] for members of at least { $from_days } days
    [until_days] for members of at most { $until_days } days
   *[other] for members of { $from_days } to { $until_days } days
}
programme-when-member-anniversary = around the anniversary of joining: { $before_days } days before to { $after_days } days after
programme-label-member = Member
programme-label-purchase = Which purchase
programme-label-visit = Which visit
programme-label-joined = Time since joining
programme-label-anniversary = Around the anniversary
programme-label-exactly = Exactly
programme-label-nth = Number
programme-label-from_days = From so many days
programme-label-until_days = Until so many days
programme-label-before_days = Days before
programme-label-after_days = Days after
programme-title-tiers = Tiers
programme-title-transfers = Passing points on
programme-tiers-measure = Your tier goes by { $measure ->
    [points] the points that purchases earn
    [spend] what you pay
   *[visits] how often you buy
}.
programme-tiers-period = It counts over { $period ->
    [year] a calendar year
    [half_year] half a calendar year
    [quarter] a calendar quarter
    [month] a calendar month
    [anniversary] twelve months from your first purchase on
   *[other] { $period }
}.
programme-tiers-levels = The tiers: { $levels }.
programme-one-levels = { $name } from { $from } on{ $multiplier_percent ->
    [100] {""}
   *[other] {" "}with { $multiplier_percent } per cent of the points
}
programme-tiers-downgrade = When a tier is no longer assured, { $downgrade ->
    [to_earned] what you earned by then counts
    [one_level] you go down one tier at most
   *[never] you keep it all the same
}.
programme-tiers-grace_months = A tier stays assured for { $grace_months } months beyond its period.
programme-tiers-on_return = A tier that a returned purchase had helped to reach { $on_return ->
    [falls] is lost, unless it is reached without it
   *[stays] stays
}.
programme-tiers-counts_on = { $counts_on ->
    [whole] All of a purchase counts for a tier, what is paid with points too.
   *[rest] What is paid with points does not count for a tier.
}
programme-title-spending = Paying with points
programme-spending-point_value = Each point pays { $point_value_money } of a purchase.
programme-spending-minimum_points = A purchase can be paid with { $minimum_points ->
    [one] one point
   *[other] { $minimum_points } points
} or more.
programme-spending-step = Points pay in steps of { $step ->
    [one] one point
   *[other] { $step } points
}.
programme-spending-most_percent_of_basket = Points pay at most { $most_percent_of_basket } per cent of a purchase.
programme-spending-earns_on = { $earns_on ->
    [whole] What is paid with points earns points too.
   *[rest] What is paid with points earns no points.
}
programme-transfers-to = Points can be passed on { $to ->
    [household] within your household
    [same_tier_group] to members of the same group of tiers
   *[anyone] to every member
}.
programme-transfers-minimum = At least { $minimum } points at a time.
programme-transfers-maximum = At most { $maximum } points at a time.
programme-label-downgrade = Going down
programme-label-grace_months = Months of grace
programme-label-levels = Tiers
programme-label-measure = What is counted
programme-label-on_return = After a return
programme-label-counts_on = What counts for a tier
programme-label-period = Period
programme-label-benefits = Benefits
programme-label-multiplier_percent = Per cent of the points
programme-label-tiers = Tiers
programme-label-transfers = Passing points on
programme-label-rolling_months = The last months
programme-label-most = At most
programme-label-acceptance = The receiver must accept
programme-label-account_age_days = Least age of the account in days
programme-label-agent_review_above = Staff transfers are reviewed above
programme-label-cooling_off_s = Seconds in which it can be recalled
programme-label-fee = Fee
programme-label-maximum = Most
programme-label-minimum = Least
programme-label-received = Most that one member gets
programme-label-receivers = Most receivers
programme-label-review_above = Reviewed above
programme-label-sent = Most that one member gives
programme-label-step_up_above = Confirmed by a code above
programme-label-waits_s = Seconds that it waits
programme-word-anyone = every member
programme-word-household = the household
programme-word-same_tier_group = the same group of tiers
programme-word-visits = visits
programme-word-spend = what is paid
programme-word-to_earned = to what was earned
programme-word-one_level = one tier
programme-word-never = never
programme-word-falls = is lost
programme-word-stays = stays
programme-give-instant_reward = { $quantity ->
    [one] the reward { $reward } at once
   *[other] { $quantity } times the reward { $reward } at once
}{ $fields ->
    [at_most_quantity_reward] {" "}({ $at_most })
   *[other] {""}
}
programme-give-draw_tickets = { $tickets ->
    [one] one ticket
   *[other] { $tickets } tickets
} of the draw { $draw }{ $fields ->
    [amount_draw_tickets] {" "}for each { $amount }
    [amount_at_most_draw_tickets] {" "}for each { $amount } ({ $at_most })
    [at_most_draw_tickets] {" "}for each purchase ({ $at_most })
   *[other] {" "}for each purchase
}
programme-one-at_most = at most { $units } { $every ->
    [day] a day
    [month] a month
    [year] a year
   *[other] in all
}{ $per ->
    [member] {" "}for each member
    [till] {" "}at each till
    [cashier] {" "}from each cashier
    [branch] {" "}in each branch
   *[other] {""}
}
programme-label-instant_reward = Reward at once
programme-label-draw_tickets = Draw tickets
programme-label-reward = Reward
programme-label-quantity = How many
programme-label-draw = Draw
programme-title-names = Names
programme-label-names = Names
programme-label-rewards = Rewards
programme-label-draws = Draws
programme-label-tickets = Tickets
programme-label-at_most = At most
programme-label-units = How many
simulation-granted = Rewards and tickets by rule
programme-when-member-tiers = for members of these tiers: { $tiers }
programme-when-member-segments = for members whom the club has chosen: { $segments }
programme-when-member-household = { $at_least ->
    [one] for members of a household
   *[other] for members of households of { $at_least } or more
}
programme-when-member-occasion = { $kind ->
    [birthday] on the day on which the club marks the member's birthday
   *[join_anniversary] on the day on which the club marks the anniversary of joining
}{ $after_days ->
    [0] {""}
    [one] {" "}and on the day after
   *[other] {" "}and on the { $after_days } days after
}
programme-label-segments = Chosen members
programme-label-household = Household
programme-label-at_least = At least
programme-label-occasion = Occasion
programme-label-kind = Which one
programme-word-birthday = birthday
programme-word-join_anniversary = anniversary of joining
simulation-assumed-segments_as_of_now = Chosen members are taken as they are now, not as they were then.
simulation-assumed-households_as_of_now = Households are taken as they are now, not as they were then.
simulation-assumed-joined_unknown = Nothing is known of when members joined: rules that ask for it give nothing.
simulation-assumed-segments_unknown = Nothing is known of chosen members: rules for them give nothing.
simulation-assumed-households_unknown = Nothing is known of households: rules for them give nothing.
simulation-assumed-occasions_unknown = Nothing is known of birthdays and other occasions: rules for them give nothing.
simulation-acted = { $actions } actions, of which { $undone } were undone, wholly or in part.
simulation-for-actions = Of those, for actions
simulation-taken-back-of-actions = Of those, for actions that were undone
simulation-actions = Points by rule for actions
simulation-assumed-actions_as_recorded = Actions are known only from when a rule was about them: what was done before gives nothing.
simulation-assumed-actions_unknown = Nothing is known of actions: rules for them give nothing.
simulation-assumed-nothing_spent = Spending, transfers and corrections by hand are left out: what is owed at the end is what members would have had without them.
simulation-assumed-nothing_before = What was before the period is left out: balances, tiers, limits and the numbers of purchases begin with nothing.
programme-label-spending = Paying with points
programme-label-point_value = What a point pays
programme-label-minimum_points = Fewest points
programme-label-step = Step
programme-label-most_percent_of_basket = Most per cent of a purchase
programme-label-earns_on = What earns
programme-word-rest = what is not paid with points
programme-word-whole = all of the purchase
programme-title-actions = Points for more than purchases
programme-action-give-fixed = { $points ->
    [one] one point
   *[other] { $points } points
} each time
programme-action-give-per_units = { $points ->
    [one] one point
   *[other] { $points } points
} for each { $units ->
    [one] one
   *[other] { $units }
}{ $rounding ->
    [up] , and for a part of it
    [nearest] , rounded to the nearest point
   *[other] {""}
}
programme-action-give-per_payment = { $points ->
    [one] one point
   *[other] { $points } points
} for each { $amount } paid{ $rounding ->
    [up] , and for a part of it
    [nearest] , rounded to the nearest point
   *[other] {""}
}
programme-on-action = for { $action ->
    [joined] joining
    [survey] a survey
    [review] a review
    [referral] a referral
    [referred] a purchase after a friend's referral
    [profile-completed] completing the profile
    [event-attended] attending an event
    [card-payment] a card payment
    [bank-transfer] a bank transfer
    [bill] paying a bill
   *[other] { $action }
}
programme-on-branches = in these branches: { $branches }
programme-on-tiers = for members of these tiers: { $tiers }
programme-on-dates = { $fields ->
    [from] from { $from } on
    [until] until { $until }
   *[other] from { $from } until { $until }
}
programme-on-minimum_amount = for payments of { $minimum_amount } or more
programme-on-categories = for payments to merchants of these kinds: { $categories }
programme-action-expiry = { programme-rule-expiry }
programme-action-pending = { programme-rule-pending }
programme-action-transferable = { programme-rule-transferable }
programme-action-limits = At most: { $limits }.
programme-one-limits = { $fields ->
    [every_per_points_times] { $times ->
        [one] once
       *[other] { $times } times
    } and { $points } points
    [every_points_times] { $times ->
        [one] once
       *[other] { $times } times
    } and { $points } points
    [every_per_points] { $points } points
    [every_points] { $points } points
   *[other] { $times ->
        [one] once
       *[other] { $times } times
    }
} { $every ->
    [day] a day
    [month] a month
    [year] a year
   *[other] in all
}{ $per ->
    [member] {" "}for each member
    [branch] {" "}for each branch
   *[other] {" "}for everybody together
}
programme-action-qualifying = They count for your tier.
programme-label-actions = Points for more than purchases
programme-label-action = What is done
programme-label-minimum_amount = Least amount paid
programme-label-funder = Branch that pays
programme-label-limits = At most
programme-label-times = Times
programme-label-qualifying = Counts for tiers
programme-label-per_units = For each unit
programme-label-per_payment = For each payment
programme-so-many-months = { $months ->
    [one] one month
   *[other] { $months } months
}
programme-period = { $end_of ->
    [month] month
    [quarter] quarter
    [half_year] half-year
    [year] year
    [jalali_month] month of the Jalali calendar
    [jalali_quarter] season of the Jalali calendar
   *[jalali_year] Jalali year
}
programme-label-end_of = To the end of
programme-label-on = On
programme-word-quarter = quarter
programme-word-half_year = half-year
programme-word-jalali_month = Jalali month
programme-word-jalali_quarter = Jalali season
programme-word-jalali_year = Jalali year
programme-title-pooling = Spending together
programme-pooling-drawn_by = { $drawn_by ->
    [head] Whoever speaks for a household spends the points of all its members
   *[everyone] The members of a household spend their points together
}: what one's own points do not cover comes from the others, what lapses first.
programme-pooling-most_per_day = From the others at most { $most_per_day ->
    [one] one point
   *[other] { $most_per_day } points
} a day.
programme-pooling-after_days = This begins { $after_days ->
    [one] one day
   *[other] { $after_days } days
} after a member came into the household.
programme-label-pooling = Spending together
programme-label-drawn_by = Who spends the others' points
programme-label-most_per_day = At most a day
programme-word-everyone = everyone
programme-word-head = whoever speaks for it
programme-title-inactivity = When nothing happens
programme-inactivity = All points lapse when nothing happens for { programme-so-many-months }: no purchase, no redemption, no transfer. Each of these begins the time anew.
programme-label-inactivity = When nothing happens
programme-title-proof = Proof before spending
programme-proof-confirmed_phone = { $confirmed_phone_is ->
    [no] It is not asked whether the phone was confirmed.
   *[yes] Points are spent only by members who have confirmed their phone with a one-time code.
}
programme-proof-code_above = Spending more than { $code_above ->
    [one] one point
   *[other] { $code_above } points
} at once takes a fresh one-time code, sent to the member's phone.
programme-label-proof = Proof before spending
programme-label-confirmed_phone = Only with a confirmed phone
programme-label-code_above = A fresh code above
