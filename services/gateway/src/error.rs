//! What goes wrong at the door itself, each with its own code.

web::error_codes! {
    pub(crate) AUTHORIZATION_REPEATED = "gateway.authorization_repeated", Malformed, "The request has more than one Authorization header.";
    pub(crate) AUTHORIZATION_MALFORMED = "gateway.authorization_malformed", Unauthenticated, "The Authorization header is not `Bearer` followed by a key or an access token.";
    pub(crate) KEY_UNKNOWN = "gateway.key_unknown", Unauthenticated, "Nobody has this key. Check it for missing characters, or ask for a new one.";
    pub(crate) TILL_KEY_REVOKED = "gateway.till_key_revoked", Unauthenticated, "The till's key was revoked. Ask the operator for a new one.";
    pub(crate) TILL_KEY_PLAIN = "gateway.till_key_plain", Unauthenticated, "This chain's tills sign their calls; a plain key opens nothing. Enrol the till by a code.";
    pub(crate) SIGNATURE_MALFORMED = "gateway.signature_malformed", Malformed, "The signature's headers (Signature-Input, Signature, Content-Digest) cannot be read, or use more of RFC 9421 than is read.";
    pub(crate) SIGNATURE_INCOMPLETE = "gateway.signature_incomplete", Unauthenticated, "The signature does not cover what it must; `missing` names it.";
    pub(crate) SIGNATURE_OLD = "gateway.signature_old", Unauthenticated, "The signature is too old, or ahead of time; `now` is our time in seconds. Set the till's clock right and sign anew, with the same Idempotency-Key.";
    pub(crate) SIGNATURE_WRONG = "gateway.signature_wrong", Unauthenticated, "The signature is not this key's, or the request is not the one that was signed.";
    pub(crate) BODY_ALTERED = "gateway.body_altered", Unauthenticated, "The body is not the one that was signed. Nothing was done.";
    pub(crate) TOKEN_INVALID = "gateway.token_invalid", Unauthenticated, "The access token is not one that this chain issued. Sign in again.";
    pub(crate) TOKEN_LAPSED = "gateway.token_lapsed", Unauthenticated, "The access token's time is over. Get the next one with the refresh token.";
    pub(crate) SESSION_ENDED = "gateway.session_ended", Unauthenticated, "The session was ended. Sign in again.";
    pub(crate) PARTNER_KEY_REVOKED = "gateway.partner_key_revoked", Unauthenticated, "The partner's key was revoked, or its time is over. Ask the chain for a new one.";
    pub(crate) ADDRESS_NOT_LISTED = "gateway.address_not_listed", Forbidden, "The partner's key is good, but calls with it may not come from this address; the chain has the list.";
    pub(crate) KEYS_UNAVAILABLE = "gateway.keys_unavailable", Unavailable, "The key could not be checked just now. Repeat the call with the same Idempotency-Key.";
    pub(crate) RATE_LIMITED = "gateway.rate_limited", TooMany, "More requests than the caller may send. Wait as long as Retry-After says.";
    pub(crate) SERVICE_DOWN = "gateway.service_down", Unavailable, "The service behind the route is down; nothing was done. Repeat the call with the same Idempotency-Key.";
    pub(crate) SERVICE_LATE = "gateway.service_late", Deadline, "The service did not answer in time; the work may have been done. Repeat the call with the same Idempotency-Key to learn it.";
    pub(crate) OVERLOADED = "gateway.overloaded", Unavailable, "The service has more to do than it can; the request was refused before anything was done. Wait as long as Retry-After says, then repeat it with the same Idempotency-Key.";
    pub(crate) SERVICE_BROKE_OFF = "gateway.service_broke_off", BadUpstream, "The connection to the service broke; the work may have been done. Repeat the call with the same Idempotency-Key to learn it.";
}
