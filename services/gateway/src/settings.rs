//! The gateway's settings.

use std::{num::NonZeroU32, time::Duration};

use runtime::settings::{Allowed, Setting, Values};
use web::Lane;

const RATE: Allowed = Allowed::Whole { min: 1, max: 1_000_000 };

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
        "gateway.key_memory_ms",
        "4000",
        Allowed::Whole { min: 100, max: 4_000 },
        "How long a till key or a session is believed without asking again, in milliseconds. Bounds how late a revocation acts.",
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
];

/// How many requests a caller may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// On average, a second.
    pub per_s: NonZeroU32,
    /// At once.
    pub burst: NonZeroU32,
}

/// The gateway's settings, read and checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GatewaySettings {
    /// Limit of one till key.
    pub till: Rate,
    /// Limit of one session of a member.
    pub member: Rate,
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
            operator: rate("operator"),
            anonymous: rate("anonymous"),
            stranger: rate("stranger"),
            key_memory: time("gateway.key_memory_ms"),
            till_deadline: time("gateway.till_deadline_ms"),
            back_office_deadline: time("gateway.back_office_deadline_ms"),
            access_log: values.truth("gateway.access_log"),
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
