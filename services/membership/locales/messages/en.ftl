# What members are sent. One text message each; a phone shows the beginning, so the code comes early.
one-time-code = { $code } is your { $chain } code, good for { $minutes } min. Tell it to nobody, our staff never ask for it.
