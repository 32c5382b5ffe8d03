# What members are sent. One text message each; a phone shows the beginning, so the code comes early.
one-time-code = { $code } is your { $chain } code, good for { $minutes } min. Tell it to nobody, our staff never ask for it.
new-phone-code = { $code } makes this your number at { $chain }, good for { $minutes } min. Use it only if you asked for that.
phone-changed = Your number at { $chain } was changed. Not you? Use { $code } in the app or call us within { $days } days.
phone-changed-for-good = Your number at { $chain } was changed by our staff. If you did not ask for that, please call us.
merge-code = { $code } makes two memberships at { $chain } one, good for { $minutes } min. Use it only if you asked for that.
merge-asked = Somebody asks { $chain } to join your membership with another one. If that is not you, please call us now.
