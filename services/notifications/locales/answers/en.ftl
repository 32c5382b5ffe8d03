answer-stop = { $chain }: you get no more text messages from us, but codes and what keeps your account safe. START turns them on again.
answer-start = { $chain }: you get text messages again. STOP turns them off.
answer-balance =
    { $chain }: you have { $points ->
        [one] one point
       *[other] { $points } points
    }.
answer-purchases = { $chain }, your last purchases: { $purchases }. Balance: { $points }.
answer-no-purchases = { $chain }: there are no purchases yet. Balance: { $points }.
answer-help = { $chain }: send BALANCE for your points, PURCHASES for your last ones, STOP for no more messages, START for messages again. To join, send your first name.
answer-stranger = { $chain }: this number is not a member's yet. Send your first name to join.
answer-confirm = { $chain }: to join, send your first name once more, followed by { $code }
answer-kept = { $chain }: thank you, somebody of us will read your message. HELP says what else you can send.
