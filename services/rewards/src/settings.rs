//! The settings of section `rewards`.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use kernel::Pii;
use runtime::settings::{Allowed, Setting, Values};

use crate::domain::reminder::parse_steps;

/// The table of this service's settings.
pub const SETTINGS: &[Setting] = &[
    Setting::new(
        "rewards.wait_ms",
        "2000",
        Allowed::Whole { min: 0, max: 20_000 },
        "How long a request for a reward waits for its outcome, in milliseconds; after that it is answered with 202.",
    ),
    Setting::new(
        "rewards.give_up_s",
        "30",
        Allowed::Whole { min: 1, max: 3_600 },
        "How long a redemption waits for points before it comes to nothing, in seconds.",
    ),
    Setting::new(
        "rewards.hold_s",
        "900",
        Allowed::Whole { min: 60, max: 86_400 },
        "How long points are set aside for a redemption, in seconds; they are free again by themselves after that.",
    ),
    Setting::new(
        "rewards.ask_timeout_ms",
        "1000",
        Allowed::Whole { min: 50, max: 30_000 },
        "How long to wait for what points says of a member, or membership of a phone or a card, in milliseconds.",
    ),
    Setting::new(
        "rewards.guesses",
        "20",
        Allowed::Whole { min: 1, max: 10_000 },
        "Codes of vouchers that one till may be wrong about in ten minutes.",
    ),
    Setting::new(
        "rewards.remind_days",
        "7,1",
        Allowed::Text { max: 64 },
        "How many days before the end of a voucher its member is reminded of it: up to eight numbers of 1 to 365, separated by \
         commas, or none. Vouchers that were looked at before keep the steps of then.",
    ),
    Setting::new(
        "rewards.top_up_url",
        "",
        Allowed::Url(&["https", "http"]),
        "The provider of mobile top-ups; http only on this machine. Empty: people of the chain do them by hand.",
    ),
    Setting::secret(
        "rewards.top_up_secret",
        Allowed::Secret { min: 1 },
        "By which secret this platform signs what it asks the provider of top-ups (whsec_ and base64).",
    ),
    Setting::secret(
        "rewards.top_up_event_secrets",
        Allowed::Secret { min: 1 },
        "By which secrets the provider of top-ups signs what it tells (whsec_ and base64); several with commas between them while they \
         take turns.",
    ),
    Setting::new(
        "rewards.top_up_timeout_ms",
        "5000",
        Allowed::Whole { min: 50, max: 60_000 },
        "How long one answer of the provider of top-ups may take, in milliseconds; after that it is asked where the top-up stands.",
    ),
    Setting::new(
        "rewards.provider_patience_s",
        "3600",
        Allowed::Whole { min: 1, max: 604_800 },
        "After how long without an end what a provider delivers lies before people, too, in seconds.",
    ),
    Setting::new(
        "rewards.provider_hold_s",
        "2592000",
        Allowed::Whole { min: 3_600, max: 7_776_000 },
        "How long points are set aside for what others deliver, in seconds: longer than it takes people to find out what became of it.",
    ),
    Setting::new(
        "rewards.sweep_ms",
        "1000",
        Allowed::Whole { min: 50, max: 3_600_000 },
        "How often redemptions are looked for that wait too long, and vouchers whose time is over, in milliseconds.",
    ),
    Setting::new(
        "rewards.draw_grace_s",
        "900",
        Allowed::Whole { min: 0, max: 604_800 },
        "How long after a draw's closing time its list still waits for what happened before it, in seconds.",
    ),
    Setting::new(
        "rewards.keep_looks_days",
        "1095",
        Allowed::Whole { min: 30, max: 3_650 },
        "How long it is kept who of the back office looked at members' redemptions and vouchers, in days.",
    ),
];

/// What the service goes by.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How long a request waits.
    pub wait: Duration,
    /// How long a redemption waits, in milliseconds.
    pub give_up_ms: i64,
    /// How long points are set aside, in seconds.
    pub hold_s: u32,
    /// How long others have for an answer.
    pub ask: Duration,
    /// Wrong codes of a till.
    pub guesses: i64,
    /// So many days before the end of a voucher its member is reminded, the fewest first.
    pub remind_days: Vec<u16>,
    /// The provider of top-ups, where there is one.
    pub top_up: Option<TopUpSettings>,
    /// After how long people look at what a provider does not end, in milliseconds.
    pub provider_patience_ms: i64,
    /// How long points are set aside for what others deliver, in seconds.
    pub provider_hold_s: u32,
    /// How often is looked for what is over.
    pub sweep: Duration,
    /// How long a list of a draw waits for what happened before its closing time, in milliseconds.
    pub draw_grace_ms: i64,
    /// How long looks are kept.
    pub keep_looks: Duration,
}

impl Settings {
    /// Reads them.
    ///
    /// # Errors
    /// Steps of reminders that cannot be.
    pub fn from_values(values: &Values) -> anyhow::Result<Self> {
        let steps = parse_steps(values.text("rewards.remind_days"));
        Ok(Self {
            remind_days: steps.map_err(|wrong| anyhow::anyhow!("rewards.remind_days: {wrong}"))?,
            wait: Duration::from_millis(values.whole("rewards.wait_ms")),
            give_up_ms: values.whole::<i64>("rewards.give_up_s") * 1_000,
            hold_s: values.whole("rewards.hold_s"),
            ask: Duration::from_millis(values.whole("rewards.ask_timeout_ms")),
            guesses: values.whole("rewards.guesses"),
            top_up: TopUpSettings::from_values(values)?,
            provider_patience_ms: values.whole::<i64>("rewards.provider_patience_s") * 1_000,
            provider_hold_s: values.whole("rewards.provider_hold_s"),
            sweep: Duration::from_millis(values.whole("rewards.sweep_ms")),
            draw_grace_ms: values.whole::<i64>("rewards.draw_grace_s") * 1_000,
            keep_looks: Duration::from_hours(24 * values.whole::<u64>("rewards.keep_looks_days")),
        })
    }
}

/// The provider of top-ups.
#[derive(Debug, Clone)]
pub struct TopUpSettings {
    /// Where it is called.
    pub url: String,
    /// By which secret requests are signed.
    pub secret: Pii<String>,
    /// By which secrets its messages are signed, with commas between them.
    pub event_secrets: Pii<String>,
    /// How long one answer may take.
    pub timeout: Duration,
}

impl TopUpSettings {
    fn from_values(values: &Values) -> anyhow::Result<Option<Self>> {
        let Some(url) = values.given("rewards.top_up_url") else { return Ok(None) };
        let needed = |name: &str| {
            let given = values.given(name).map(|text| Pii::new(text.to_owned()));
            given.with_context(|| format!("rewards.top_up_url needs {name}"))
        };
        let local = ["http://127.0.0.1", "http://[::1]", "http://localhost"];
        let here = local.iter().any(|host| {
            url.strip_prefix(host).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
        });
        ensure!(here || url.starts_with("https://"), "rewards.top_up_url is not https");
        Ok(Some(Self {
            url: url.to_owned(),
            secret: needed("rewards.top_up_secret")?,
            event_secrets: needed("rewards.top_up_event_secrets")?,
            timeout: Duration::from_millis(values.whole("rewards.top_up_timeout_ms")),
        }))
    }
}
