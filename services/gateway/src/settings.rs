//! The gateway's settings.

use std::{num::NonZeroU32, time::Duration};

use http::HeaderValue;
use runtime::settings::{Network, Values};
use web::Lane;

mod table;

pub use table::SETTINGS;

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
    /// Limit of one address at the doors.
    pub door: Rate,
    /// Limit of one caller for what is heavy.
    pub heavy: Rate,
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
            door: rate("door"),
            heavy: rate("heavy"),
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
