//! What goes wrong at the door itself, each with its own code.

web::error_codes! {
    pub(crate) AUTHORIZATION_REPEATED = "gateway.authorization_repeated", Malformed, "The request has more than one Authorization header.";
    pub(crate) AUTHORIZATION_MALFORMED = "gateway.authorization_malformed", Unauthenticated, "The Authorization header is not `Bearer` followed by a key or an access token.";
    pub(crate) KEY_UNKNOWN = "gateway.key_unknown", Unauthenticated, "Nobody has this key. Check it for missing characters, or ask for a new one.";
    pub(crate) TILL_KEY_REVOKED = "gateway.till_key_revoked", Unauthenticated, "The till's key was revoked. Ask the operator for a new one.";
    pub(crate) TOKEN_INVALID = "gateway.token_invalid", Unauthenticated, "The access token is not one that this chain issued. Sign in again.";
    pub(crate) TOKEN_LAPSED = "gateway.token_lapsed", Unauthenticated, "The access token's time is over. Get the next one with the refresh token.";
    pub(crate) SESSION_ENDED = "gateway.session_ended", Unauthenticated, "The session was ended. Sign in again.";
    pub(crate) KEYS_UNAVAILABLE = "gateway.keys_unavailable", Unavailable, "The key could not be checked just now. Repeat the call with the same Idempotency-Key.";
    pub(crate) RATE_LIMITED = "gateway.rate_limited", TooMany, "More requests than the caller may send. Wait as long as Retry-After says.";
    pub(crate) SERVICE_DOWN = "gateway.service_down", Unavailable, "The service behind the route is down; nothing was done. Repeat the call with the same Idempotency-Key.";
    pub(crate) SERVICE_LATE = "gateway.service_late", Deadline, "The service did not answer in time; the work may have been done. Repeat the call with the same Idempotency-Key to learn it.";
    pub(crate) SERVICE_BROKE_OFF = "gateway.service_broke_off", BadUpstream, "The connection to the service broke; the work may have been done. Repeat the call with the same Idempotency-Key to learn it.";
}
