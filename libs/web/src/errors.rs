//! The refusals that every route shares, each with its own code.

crate::error_codes! {
    pub FAULT = "web.fault", Fault, "Something broke on our side. The answer's `trace_id` finds it in our logs; repeat the call with the same Idempotency-Key.";
    pub ROUTE_UNKNOWN = "web.route_unknown", Missing, "No route has this path. See /openapi.json.";
    pub METHOD_NOT_ALLOWED = "web.method_not_allowed", WrongMethod, "The path exists, but not with this method; the Allow header lists those it has.";
    pub CALLER_REQUIRED = "web.caller_required", Unauthenticated, "The route needs a key: send Authorization: Bearer followed by a till key or the operator key.";
    pub(crate) CALLER_FORGED = "web.caller_forged", Unauthenticated, "A service was called directly with a caller header that the platform did not sign, or that has lapsed.";
    pub ACCESS_DENIED = "web.access_denied", Forbidden, "The key is good, but it may not use this route.";
    pub SCOPE_MISSING = "web.scope_missing", Forbidden, "The partner's key is good, but it has not the scope that the route needs; `scope` names it.";
    pub(crate) BODY_MISSING = "web.body_missing", Malformed, "The route needs a JSON body and none was sent.";
    pub(crate) BODY_MALFORMED = "web.body_malformed", Malformed, "The body is not valid JSON; line and column say where.";
    pub(crate) BODY_NOT_OBJECT = "web.body_not_object", Malformed, "The body is JSON, but not an object: a list, a text or a number.";
    pub(crate) BODY_NOT_UTF8 = "web.body_not_utf8", Malformed, "The body is not UTF-8 text.";
    pub(crate) BODY_TOO_DEEP = "web.body_too_deep", Malformed, "The body is nested more deeply than any request needs.";
    pub BODY_TOO_LARGE = "web.body_too_large", TooLarge, "The body is larger than the route takes; `limit_bytes` says how much it takes.";
    pub(crate) BODY_TOO_SLOW = "web.body_too_slow", Timeout, "The body did not arrive in time. Nothing was done; send it again.";
    pub BODY_CUT_OFF = "web.body_cut_off", Malformed, "The connection ended before the whole body had arrived.";
    pub(crate) BODY_MEDIA_TYPE = "web.body_media_type", UnsupportedMedia, "The route reads JSON only: send Content-Type: application/json.";
    pub(crate) FIELD_UNKNOWN = "web.field_unknown", Malformed, "The body has a field that the route does not know; pointer names it.";
    pub(crate) FIELD_MISSING = "web.field_missing", Malformed, "The body lacks a field that the route needs; pointer names it.";
    pub(crate) FIELD_REPEATED = "web.field_repeated", Malformed, "The body has the same field twice; pointer names it.";
    pub(crate) FIELD_TYPE = "web.field_type", Malformed, "A field has the wrong type; pointer names it, expected says what is read there.";
    pub(crate) FIELD_CHOICE = "web.field_choice", Malformed, "A field has a word that is none of the allowed ones; pointer names it, expected lists them.";
    pub(crate) FIELD_INVALID = "web.field_invalid", Malformed, "A field's value cannot be read; pointer names it, expected says what is read there.";
    pub(crate) NUMBER_OUT_OF_RANGE = "web.number_out_of_range", Malformed, "A number in the body is larger or finer than any number the platform reads.";
    pub(crate) QUERY_MALFORMED = "web.query_malformed", Malformed, "The query string is not correctly percent-encoded UTF-8.";
    pub(crate) QUERY_PARAMETER_UNKNOWN = "web.query_parameter_unknown", Malformed, "The query string has a parameter that the route does not know.";
    pub(crate) QUERY_PARAMETER_MISSING = "web.query_parameter_missing", Malformed, "The query string lacks a parameter that the route needs.";
    pub(crate) QUERY_PARAMETER_REPEATED = "web.query_parameter_repeated", Malformed, "The query string has the same parameter twice.";
    pub(crate) QUERY_PARAMETER_INVALID = "web.query_parameter_invalid", Malformed, "A parameter of the query string cannot be read.";
    pub PATH_INVALID = "web.path_invalid", Malformed, "A part of the path cannot be read as what the route has there (an id, a code).";
    pub(crate) IDEMPOTENCY_KEY_MISSING = "web.idempotency_key_missing", Malformed, "The route writes money and needs an Idempotency-Key header, made and stored by the caller before sending.";
    pub(crate) IDEMPOTENCY_KEY_INVALID = "web.idempotency_key_invalid", Malformed, "The Idempotency-Key is not 1 to 255 visible ASCII characters.";
    pub(crate) IDEMPOTENCY_KEY_REPEATED = "web.idempotency_key_repeated", Malformed, "The request has more than one Idempotency-Key header.";
    pub(crate) DEADLINE_PASSED = "web.deadline_passed", Deadline, "The request's time was over before its work began; nothing was done.";
    pub(crate) LOOK_REASON_MISSING = "web.look_reason_missing", Malformed, "The route shows a member's data, and staff say why they look: send a Look-Reason header with one of the words that the API's description lists.";
    pub(crate) LOOK_REASON_INVALID = "web.look_reason_invalid", Malformed, "Look-Reason is none of the words that are read there, or Look-Reference is not up to 40 letters, digits and signs (-_./#) with 1 to 7 digits.";
    pub(crate) LOOK_UNRECORDED = "web.look_unrecorded", Unavailable, "It could not be recorded who looks, so nothing was shown; send the request again.";
    pub HEADERS_TOO_MANY = "web.headers_too_many", HeadersTooLarge, "The request has more headers than the platform reads.";
}
