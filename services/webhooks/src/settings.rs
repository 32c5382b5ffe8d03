//! The settings of section `webhooks`.

use std::time::Duration;

use anyhow::Context as _;
use runtime::settings::{Allowed, Network, Setting, Values};

use crate::adapters::address::AddressRules;

const HOUR: i64 = 60 * 60 * 1_000;

/// The table of this service's settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "webhooks.hosts",
        "",
        Allowed::Hosts,
        "Hosts that webhooks may be at; empty: any host of the public internet.",
    ),
    Setting::new(
        "webhooks.plain_http",
        "false",
        Allowed::Truth,
        "Whether webhooks may be at http:// addresses, which anybody on the way can read; for tests.",
    ),
    Setting::new(
        "webhooks.private_networks",
        "",
        Allowed::Networks,
        "Networks that webhooks may be in although they are not of the public internet; for tests, and for receivers in the chain's own network.",
    ),
    Setting::new(
        "webhooks.timeout_ms",
        "10000",
        Allowed::Whole { min: 100, max: 20_000 },
        "How long a receiver has for its answer, in milliseconds.",
    ),
    Setting::new(
        "webhooks.at_once",
        "4",
        Allowed::Whole { min: 1, max: 32 },
        "Calls to one webhook under way together.",
    ),
    Setting::new(
        "webhooks.served_at_once",
        "16",
        Allowed::Whole { min: 1, max: 256 },
        "Webhooks that one process serves at a time.",
    ),
    Setting::new(
        "webhooks.per_owner",
        "20",
        Allowed::Whole { min: 1, max: 1_000 },
        "Webhooks that one partner, or the chain itself, may have.",
    ),
    Setting::new(
        "webhooks.retry_for_h",
        "72",
        Allowed::Whole { min: 1, max: 168 },
        "How long a message is tried before it is a dead letter, in hours.",
    ),
    Setting::new(
        "webhooks.keep_delivered_d",
        "7",
        Allowed::Whole { min: 1, max: 90 },
        "How long it is kept that a message was taken, without what it said, in days.",
    ),
    Setting::new(
        "webhooks.keep_dead_d",
        "30",
        Allowed::Whole { min: 1, max: 90 },
        "How long a dead letter can be sent again, in days.",
    ),
];

/// What the service goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which addresses may be called.
    pub addresses: AddressRules,
    /// How long a receiver has.
    pub patience: Duration,
    /// Calls to one webhook under way together.
    pub at_once: usize,
    /// Webhooks served at a time.
    pub served_at_once: usize,
    /// Webhooks of one owner.
    pub per_owner: usize,
    /// How long a message is tried, in milliseconds.
    pub retry_for: i64,
    /// How long taken messages are kept, in milliseconds.
    pub keep_delivered: i64,
    /// How long dead letters are kept, in milliseconds.
    pub keep_dead: i64,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Networks that cannot be read, which the table refuses before.
    pub fn from_values(values: &Values) -> anyhow::Result<Self> {
        let opened = Network::parse_list(values.text("webhooks.private_networks"));
        let opened = opened.context("webhooks.private_networks")?;
        let whole = |name: &str| values.whole::<i64>(name);
        Ok(Self {
            addresses: AddressRules::new(
                values.truth("webhooks.plain_http"),
                values.text("webhooks.hosts"),
                opened,
            ),
            patience: Duration::from_millis(values.whole("webhooks.timeout_ms")),
            at_once: values.whole("webhooks.at_once"),
            served_at_once: values.whole("webhooks.served_at_once"),
            per_owner: values.whole("webhooks.per_owner"),
            retry_for: whole("webhooks.retry_for_h") * HOUR,
            keep_delivered: whole("webhooks.keep_delivered_d") * 24 * HOUR,
            keep_dead: whole("webhooks.keep_dead_d") * 24 * HOUR,
        })
    }
}
