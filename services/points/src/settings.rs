//! The settings of points.

use std::time::Duration;

use runtime::settings::{Allowed, Setting, Values};

/// The settings of section `points`.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "points.lanes",
        "2",
        Allowed::Whole { min: 1, max: 8 },
        "Commits in flight. SQLite has one writer, so there it is always 1.",
    ),
    Setting::new(
        "points.batch",
        "512",
        Allowed::Whole { min: 1, max: 1000 },
        "Most purchases in one commit.",
    ),
    Setting::new(
        "points.queue",
        "4096",
        Allowed::Whole { min: 1, max: 100_000 },
        "Most purchases that wait for a commit, per lane; more are told to come back later.",
    ),
    Setting::new(
        "points.clock_skew_s",
        "600",
        Allowed::Whole { min: 0, max: 86_400 },
        "How far a till's clock may be ahead of ours, in seconds. A receipt from the past is always taken.",
    ),
    Setting::new(
        "points.largest_amount",
        "1000000000000",
        Allowed::Whole { min: 1, max: 1_000_000_000_000_000 },
        "Largest amount of one purchase, in minor units.",
    ),
    Setting::new(
        "points.ask_timeout_ms",
        "2000",
        Allowed::Whole { min: 50, max: 30_000 },
        "How long to wait for membership's answer about an unknown identifier, in milliseconds.",
    ),
    Setting::new(
        "points.settle_every_s",
        "60",
        Allowed::Whole { min: 1, max: 86_400 },
        "How often accounts are looked for of which something is due: lapsed lots and holds, pending points whose day has come. \
         Balances and decisions are right at any instant without it.",
    ),
    Setting::new(
        "points.transfer_sweep_ms",
        "1000",
        Allowed::Whole { min: 50, max: 3_600_000 },
        "How often transfers are looked for that arrive or come back by themselves, in milliseconds.",
    ),
    Setting::new(
        "points.adjustment_approval_above",
        "10000",
        Allowed::Whole { min: 0, max: 1_000_000_000 },
        "Adjustments of more points than this need a second person's approval.",
    ),
    Setting::new(
        "points.keep_looks_days",
        "1095",
        Allowed::Whole { min: 30, max: 3_650 },
        "How long it is kept who of the back office looked at members' points, in days.",
    ),
    Setting::new(
        "points.guarded_points",
        "500",
        Allowed::Whole { min: 0, max: 1_000_000_000 },
        "How many points members spend, all in all, while their account is guarded: for some days after their phone was changed without the former one at hand.",
    ),
];

/// The settings, read.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Commits in flight.
    pub lanes: usize,
    /// Most purchases in one commit.
    pub batch: usize,
    /// Most purchases that wait, per lane.
    pub queue: usize,
    /// How far a till's clock may be ahead, in milliseconds.
    pub clock_skew_ms: i64,
    /// Largest amount of one purchase, in minor units.
    pub largest_amount: i64,
    /// How long to wait for membership, in milliseconds.
    pub ask_timeout_ms: u64,
    /// How often due accounts are settled, in seconds.
    pub settle_every_s: u64,
    /// Adjustments of more points need a second person.
    pub adjustment_approval_above: i64,
    /// How long looks of the back office are kept.
    pub keep_looks: Duration,
    /// How many points leave a guarded account.
    pub guarded_points: i64,
    /// How often transfers are looked for that are due.
    pub transfer_sweep: Duration,
}

impl Settings {
    /// Reads section `points`.
    #[must_use]
    pub fn from_values(values: &Values) -> Self {
        Self {
            lanes: values.whole("points.lanes"),
            batch: values.whole("points.batch"),
            queue: values.whole("points.queue"),
            clock_skew_ms: values.whole::<i64>("points.clock_skew_s") * 1000,
            largest_amount: values.whole("points.largest_amount"),
            ask_timeout_ms: values.whole("points.ask_timeout_ms"),
            settle_every_s: values.whole("points.settle_every_s"),
            adjustment_approval_above: values.whole("points.adjustment_approval_above"),
            keep_looks: Duration::from_hours(24 * values.whole::<u64>("points.keep_looks_days")),
            guarded_points: values.whole("points.guarded_points"),
            transfer_sweep: Duration::from_millis(values.whole("points.transfer_sweep_ms")),
        }
    }
}
