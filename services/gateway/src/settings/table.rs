//! The table of the gateway's settings.

use runtime::settings::{Allowed, Setting};

const RATE: Allowed = Allowed::Whole { min: 1, max: 1_000_000 };
const PLACES: Allowed = Allowed::Whole { min: 1, max: 1_000_000 };

/// The settings of section `gateway`.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "gateway.till_rate_per_s",
        "200",
        RATE,
        "Requests a second that one till key may send on average.",
    ),
    Setting::new("gateway.till_burst", "400", RATE, "Requests that one till key may send at once."),
    Setting::new(
        "gateway.member_rate_per_s",
        "10",
        RATE,
        "Requests a second that one session of a member may send on average.",
    ),
    Setting::new(
        "gateway.member_burst",
        "60",
        RATE,
        "Requests that one session of a member may send at once.",
    ),
    Setting::new(
        "gateway.staff_rate_per_s",
        "20",
        RATE,
        "Requests a second that one access token of the staff may send on average.",
    ),
    Setting::new(
        "gateway.staff_burst",
        "100",
        RATE,
        "Requests that one access token of the staff may send at once.",
    ),
    Setting::new(
        "gateway.partner_rate_per_s",
        "50",
        RATE,
        "Requests a second that one partner may send on average, with all keys together.",
    ),
    Setting::new("gateway.partner_burst", "100", RATE, "Requests that one partner may send at once."),
    Setting::new(
        "gateway.operator_rate_per_s",
        "500",
        RATE,
        "Requests a second that the operator key may send on average.",
    ),
    Setting::new("gateway.operator_burst", "1000", RATE, "Requests that the operator key may send at once."),
    Setting::new(
        "gateway.anonymous_rate_per_s",
        "20",
        RATE,
        "Requests a second without a key from one address (an IPv6 /64 counts as one).",
    ),
    Setting::new("gateway.anonymous_burst", "100", RATE, "Requests without a key from one address at once."),
    Setting::new(
        "gateway.stranger_rate_per_s",
        "100",
        RATE,
        "Keys never seen before that are looked up a second for one address.",
    ),
    Setting::new(
        "gateway.stranger_burst",
        "2000",
        RATE,
        "Keys never seen before that are looked up for one address at once.",
    ),
    Setting::new(
        "gateway.door_rate_per_s",
        "5",
        RATE,
        "Requests a second from one address to what is open to everybody and costs a message, a slow hash or a try at a secret: signing in, enrolling.",
    ),
    Setting::new("gateway.door_burst", "60", RATE, "Such requests from one address at once."),
    Setting::new(
        "gateway.heavy_rate_per_s",
        "1",
        RATE,
        "Requests a second of one caller for what reads or writes as much as hundreds of others: reports over all accounts, simulations, batches of cards.",
    ),
    Setting::new("gateway.heavy_burst", "20", RATE, "Such requests of one caller at once."),
    Setting::new(
        "gateway.replicas",
        "1",
        Allowed::Whole { min: 1, max: 1_000 },
        "How many gateways share the callers: each lets through its part of every limit.",
    ),
    Setting::new(
        "gateway.replicas_name",
        "",
        Allowed::Path,
        "A name and port whose addresses are the gateways, such as gateway-peers:7700 (a headless service): they are counted every 5 s. Empty: gateway.replicas.",
    ),
    Setting::new(
        "gateway.key_memory_ms",
        "4000",
        Allowed::Whole { min: 100, max: 4_000 },
        "How long a till key, a session, a token of the staff or a partner's key is believed without asking again, in milliseconds. Bounds how late a revocation acts.",
    ),
    Setting::new(
        "gateway.till_deadline_ms",
        "8000",
        Allowed::Whole { min: 100, max: 120_000 },
        "How long a request of the till lane may take, in milliseconds.",
    ),
    Setting::new(
        "gateway.back_office_deadline_ms",
        "30000",
        Allowed::Whole { min: 100, max: 600_000 },
        "How long a request of the back-office lane may take, in milliseconds.",
    ),
    Setting::new(
        "gateway.access_log",
        "false",
        Allowed::Truth,
        "Whether every request makes a log line. Costs speed.",
    ),
    Setting::new(
        "gateway.plain_till_keys",
        "true",
        Allowed::Truth,
        "Whether tills may send a plain key with each call; otherwise they must sign their calls.",
    ),
    Setting::new(
        "gateway.signature_window_s",
        "300",
        Allowed::Whole { min: 30, max: 3_600 },
        "How long a till's signature is good, in seconds; it may be a minute ahead.",
    ),
    Setting::new(
        "gateway.tls_certificate",
        "",
        Allowed::Path,
        "File with the certificate chain in PEM, by which the gateway speaks TLS (HTTP/1.1 and HTTP/2); read again when it changes. Empty: plain text.",
    ),
    Setting::new("gateway.tls_key", "", Allowed::Path, "File with the certificate's private key in PEM."),
    Setting::new(
        "gateway.guard",
        "false",
        Allowed::Truth,
        "Whether overload is refused early, services that cannot be reached are left alone, and what is safe is sent once more. Try it with your load first: an import beside slow services is refused for minutes with it.",
    ),
    Setting::new(
        "gateway.latency_target_ms",
        "300",
        Allowed::Whole { min: 10, max: 30_000 },
        "How long an answer should take, in milliseconds: when more than one in ten takes longer, a service gets fewer requests at a time.",
    ),
    Setting::new(
        "gateway.places_least",
        "64",
        PLACES,
        "Requests at a time that a service always gets, however slow it is.",
    ),
    Setting::new(
        "gateway.places_begin",
        "512",
        PLACES,
        "Requests at a time that a service gets at the start.",
    ),
    Setting::new("gateway.places_most", "4096", PLACES, "Requests at a time that a service gets at most."),
    Setting::new(
        "gateway.office_places",
        "256",
        PLACES,
        "Requests of the back-office lane at a time that a service gets at most.",
    ),
    Setting::new(
        "gateway.breaker_failures",
        "10",
        Allowed::Whole { min: 1, max: 10_000 },
        "Failed requests in a row after which a service is left alone.",
    ),
    Setting::new(
        "gateway.breaker_pause_ms",
        "1000",
        Allowed::Whole { min: 10, max: 60_000 },
        "How long a service is left alone before one request tries again, in milliseconds; up to eight times as long when that fails.",
    ),
    Setting::new(
        "gateway.trusted_proxies",
        "",
        Allowed::Networks,
        "Networks of the proxies before the gateway, whose word on a caller's address is taken. Empty: the address of the connection counts.",
    ),
    Setting::new(
        "gateway.forwarded_header",
        "x-forwarded-for",
        Allowed::OneOf(&["x-forwarded-for", "forwarded"]),
        "The header in which those proxies write the caller's address. They must add to it, or set it anew.",
    ),
    Setting::new(
        "gateway.cors_origins",
        "",
        Allowed::Origins,
        "Origins whose web pages may call the API; * for all of them.",
    ),
    Setting::new(
        "gateway.strict_transport_s",
        "0",
        Allowed::Whole { min: 0, max: 63_072_000 },
        "How long browsers are told to come back over TLS only, in seconds; 0: they are not told.",
    ),
];
