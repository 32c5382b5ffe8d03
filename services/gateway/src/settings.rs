//! The gateway's settings.

use std::{num::NonZeroU32, time::Duration};

use http::HeaderValue;
use runtime::settings::{Allowed, Network, Setting, Values};
use web::Lane;

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

/// How many requests a caller may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average, a second.
    pub per_s: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// What stands between the gateway and each service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GuardSettings {
    /// Whether anything does.
    pub on: bool,
    /// How long an answer should take.
    pub target: Duration,
    /// Requests at a time that a service always gets.
    pub least: u32,
    /// Requests at a time at the start.
    pub begin: u32,
    /// Requests at a time at most.
    pub most: u32,
    /// Requests of the back office at a time at most.
    pub office: u32,
    /// Failures in a row after which a service is left alone.
    pub breaker_failures: u32,
    /// For how long at first.
    pub breaker_pause: Duration,
}

impl GuardSettings {
    fn from_settings(values: &Values) -> Self {
        let (least, most): (u32, u32) =
            (values.whole("gateway.places_least"), values.whole("gateway.places_most"));
        Self {
            on: values.truth("gateway.guard"),
            target: Duration::from_millis(values.whole("gateway.latency_target_ms")),
            least,
            begin: values.whole("gateway.places_begin"),
            most: most.max(least),
            office: values.whole("gateway.office_places"),
            breaker_failures: values.whole("gateway.breaker_failures"),
            breaker_pause: Duration::from_millis(values.whole("gateway.breaker_pause_ms")),
        }
    }
}

/// Whose word on a caller's address is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardedSettings {
    /// Where the proxies before the gateway are.
    pub proxies: Vec<Network>,
    /// Whether they write `Forwarded` (RFC 7239); otherwise `X-Forwarded-For`.
    pub standard: bool,
}

impl ForwardedSettings {
    fn from_settings(values: &Values) -> Self {
        Self {
            proxies: Network::parse_list(values.text("gateway.trusted_proxies")).unwrap_or_default(),
            standard: values.text("gateway.forwarded_header") == "forwarded",
        }
    }
}

/// The gateway's settings, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Limit of one till key.
    pub till: Rate,
    /// Limit of one session of a member.
    pub member: Rate,
    /// Limit of one access token of the staff.
    pub staff: Rate,
    /// Limit of one partner.
    pub partner: Rate,
    /// Limit of the operator key.
    pub operator: Rate,
    /// Limit of one address without a key.
    pub anonymous: Rate,
    /// Limit of look-ups of keys never seen before, for one address.
    pub stranger: Rate,
    /// How long a till key is believed without asking again; 4 s at most.
    pub key_memory: Duration,
    /// Deadline of the till lane.
    pub till_deadline: Duration,
    /// Deadline of the back office's lane.
    pub back_office_deadline: Duration,
    /// Whether every request makes a log line.
    pub access_log: bool,
    /// Whether tills may send a plain key.
    pub plain_till_keys: bool,
    /// How long a till's signature is good.
    pub signature_window: Duration,
    /// What stands between the gateway and each service.
    pub guard: GuardSettings,
    /// Whose word on a caller's address is taken.
    pub forwarded: ForwardedSettings,
    /// The origins whose pages may call.
    pub cors_origins: Vec<HeaderValue>,
    /// How long browsers are told to come back over TLS only; zero: they are not told.
    pub strict_transport: Duration,
}

impl GatewaySettings {
    /// Reads section `gateway`.
    #[must_use]
    pub fn from_settings(values: &Values) -> Self {
        let count = |name: &str| NonZeroU32::new(values.whole(name)).unwrap_or(NonZeroU32::MIN);
        let rate = |who: &str| Rate {
            per_s: count(&format!("gateway.{who}_rate_per_s")),
            burst: count(&format!("gateway.{who}_burst")),
        };
        let time = |name: &str| Duration::from_millis(values.whole(name));
        Self {
            till: rate("till"),
            member: rate("member"),
            staff: rate("staff"),
            partner: rate("partner"),
            operator: rate("operator"),
            anonymous: rate("anonymous"),
            stranger: rate("stranger"),
            key_memory: time("gateway.key_memory_ms"),
            till_deadline: time("gateway.till_deadline_ms"),
            back_office_deadline: time("gateway.back_office_deadline_ms"),
            access_log: values.truth("gateway.access_log"),
            plain_till_keys: values.truth("gateway.plain_till_keys"),
            signature_window: Duration::from_secs(values.whole("gateway.signature_window_s")),
            guard: GuardSettings::from_settings(values),
            forwarded: ForwardedSettings::from_settings(values),
            cors_origins: origins(values.text("gateway.cors_origins")),
            strict_transport: Duration::from_secs(values.whole("gateway.strict_transport_s")),
        }
    }

    /// How long a request of this lane may take.
    #[must_use]
    pub const fn deadline(&self, lane: Lane) -> Duration {
        match lane {
            Lane::Till => self.till_deadline,
            Lane::BackOffice => self.back_office_deadline,
        }
    }
}

fn origins(text: &str) -> Vec<HeaderValue> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.filter_map(|part| HeaderValue::from_str(part).ok()).collect()
}

#[cfg(test)]
impl Default for GuardSettings {
    fn default() -> Self {
        let values = runtime::settings::load(&[SETTINGS], None, std::iter::empty());
        Self::from_settings(&values.expect("defaults are allowed"))
    }
}
