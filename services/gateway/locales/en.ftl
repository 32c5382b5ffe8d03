# What the gateway itself can answer. Polite and short: a cashier reads it.
gateway-authorization-repeated = There is more than one key
gateway-authorization-repeated-detail = Please send exactly one Authorization header.
gateway-authorization-malformed = The key cannot be read
gateway-authorization-malformed-detail = Please send the header as: Authorization: Bearer, a space, and the key.
gateway-key-unknown = This key is not known
gateway-key-unknown-detail = Please check the key, or ask the operator for a new one.
gateway-till-key-revoked = This till's key was revoked
gateway-till-key-revoked-detail = Please ask the operator for a new key.
gateway-keys-unavailable = The key cannot be checked right now
gateway-keys-unavailable-detail = Please try again in a moment. Nothing was recorded.
gateway-rate-limited = Too many requests at once
gateway-rate-limited-detail = { $seconds ->
    [one] Please wait a second and try again.
   *[other] Please wait { $seconds } seconds and try again.
}
gateway-service-down = The service is not available right now
gateway-service-down-detail = Nothing was recorded. Please try again in a moment.
gateway-service-late = The answer took too long
gateway-service-late-detail = It may have been recorded. Please send the same request again: it counts once.
gateway-service-broke-off = The connection broke
gateway-service-broke-off-detail = It may have been recorded. Please send the same request again: it counts once.
gateway-token-invalid = Access token not accepted
gateway-token-invalid-detail = This token was not issued here. Please sign in again.
gateway-token-lapsed = Access token has run out
gateway-token-lapsed-detail = Please continue the sign-in with the refresh token.
gateway-session-ended = This sign-in was ended
gateway-session-ended-detail = Please sign in again.
gateway-overloaded = Too busy right now
gateway-overloaded-detail = { $seconds ->
    [one] Nothing was recorded. Please try again in a second.
   *[other] Nothing was recorded. Please try again in { $seconds } seconds.
}
gateway-till-key-plain = A plain key is not accepted
gateway-till-key-plain-detail = Tills of this chain sign their calls. Please enrol the till with a code from the back office.
gateway-signature-malformed = The signature cannot be read
gateway-signature-malformed-detail = Please check the headers Signature-Input, Signature and Content-Digest.
gateway-signature-incomplete = The signature does not cover enough
gateway-signature-incomplete-detail = It must also cover: { $missing }.
gateway-signature-old = The signature is too old
gateway-signature-old-detail = Please check the till's clock and send the request again.
gateway-signature-wrong = The signature is not accepted
gateway-signature-wrong-detail = Please check the till's key, or enrol the till again.
gateway-body-altered = The request was altered on its way
gateway-body-altered-detail = Nothing was recorded. Please send it again.
gateway-partner-key-revoked = This key is over
gateway-partner-key-revoked-detail = It was revoked, or its time is over. Please ask the chain for a new one.
gateway-address-not-listed = Calls may not come from this address
gateway-address-not-listed-detail = The key is valid, but not for calls from here. Please ask the chain to add the address.
