//! The settings of the platform itself, and all tables together.

use std::path::Path;

use runtime::{
    CHAIN_SETTINGS, SECRET_SETTINGS, TELEMETRY_SETTINGS,
    settings::{Allowed, Setting, SettingsError, Values, load},
};

use crate::roles::services;

const DATABASES: &[&str] = &["postgres", "postgresql", "sqlite"];

/// The settings that decide the platform's shape.
pub const PLATFORM_SETTINGS: &[Setting] = &[
    Setting::new(
        "data.dir",
        "data",
        Allowed::Path,
        "Folder of the SQLite files, the embedded bus and made secrets.",
    ),
    Setting::new("http.listen", "127.0.0.1:7700", Allowed::Listen, "Where this process takes requests."),
    Setting::new(
        "http.ops_listen",
        "",
        Allowed::ListenOrNone,
        "Where /healthz, /readyz and /metrics are served; empty: beside the requests.",
    ),
    Setting::new(
        "http.stop_grace_s",
        "20",
        Allowed::Whole { min: 1, max: 600 },
        "How long a stop waits for what is in flight, in seconds.",
    ),
    Setting::new(
        "bus.nats_url",
        "",
        Allowed::Url(&["nats", "tls"]),
        "NATS servers, separated by commas. Empty: the embedded bus, for services in one process.",
    ),
    Setting::new(
        "bus.nats_prefix",
        "vafa",
        Allowed::Text { max: 32 },
        "First word of streams and subjects on NATS.",
    ),
    Setting::new(
        "bus.nats_replicas",
        "1",
        Allowed::Whole { min: 1, max: 5 },
        "Copies of each stream on NATS: 1, 3 or 5.",
    ),
    Setting::new(
        "membership.database_url",
        "",
        Allowed::Url(DATABASES),
        "Database of membership. Empty: SQLite in data.dir.",
    ),
    Setting::new(
        "membership.database_schema",
        "",
        Allowed::Path,
        "Schema of membership's tables, where services share one PostgreSQL database.",
    ),
    Setting::new("membership.url", "", Allowed::Url(&["http"]), "Where other processes find membership."),
    Setting::new(
        "points.database_url",
        "",
        Allowed::Url(DATABASES),
        "Database of points. Empty: SQLite in data.dir.",
    ),
    Setting::new(
        "points.database_schema",
        "",
        Allowed::Path,
        "Schema of points' tables, where services share one PostgreSQL database.",
    ),
    Setting::new("points.url", "", Allowed::Url(&["http"]), "Where other processes find points."),
    Setting::new(
        "rewards.database_url",
        "",
        Allowed::Url(DATABASES),
        "Database of rewards. Empty: SQLite in data.dir.",
    ),
    Setting::new(
        "rewards.database_schema",
        "",
        Allowed::Path,
        "Schema of rewards' tables, where services share one PostgreSQL database.",
    ),
    Setting::new("rewards.url", "", Allowed::Url(&["http"]), "Where other processes find rewards."),
    Setting::new(
        "notifications.database_url",
        "",
        Allowed::Url(DATABASES),
        "Database of notifications. Empty: SQLite in data.dir.",
    ),
    Setting::new(
        "notifications.database_schema",
        "",
        Allowed::Path,
        "Schema of notifications' tables, where services share one PostgreSQL database.",
    ),
    Setting::new(
        "notifications.url",
        "",
        Allowed::Url(&["http"]),
        "Where other processes find notifications.",
    ),
    Setting::new(
        "webhooks.database_url",
        "",
        Allowed::Url(DATABASES),
        "Database of webhooks. Empty: SQLite in data.dir.",
    ),
    Setting::new(
        "webhooks.database_schema",
        "",
        Allowed::Path,
        "Schema of webhooks' tables, where services share one PostgreSQL database.",
    ),
    Setting::new("webhooks.url", "", Allowed::Url(&["http"]), "Where other processes find webhooks."),
    Setting::new(
        "database.max_connections",
        "8",
        Allowed::Whole { min: 2, max: 500 },
        "Connections of each service to its database, at most.",
    ),
    Setting::new(
        "database.acquire_timeout_ms",
        "5000",
        Allowed::Whole { min: 100, max: 60_000 },
        "How long a request waits for a connection, in milliseconds.",
    ),
    Setting::new(
        "database.follow_clock",
        "true",
        Allowed::Truth,
        "Whether services on PostgreSQL go by their database's time, and the gateway by theirs; otherwise by their machine's clock. With several replicas, leave it on.",
    ),
    Setting::new(
        "database.migrate_at_start",
        "true",
        Allowed::Truth,
        "Whether a start brings the schema up to date; otherwise `vafa migrate` does.",
    ),
];

/// Every table of settings, the platform's first.
#[must_use]
pub fn tables() -> Vec<&'static [Setting]> {
    let mut all =
        vec![PLATFORM_SETTINGS, CHAIN_SETTINGS, SECRET_SETTINGS, TELEMETRY_SETTINGS, gateway::SETTINGS];
    all.extend(services().iter().map(|service| service.settings()));
    all
}

/// The settings, with the folders of messages to members where nobody named others.
///
/// # Errors
/// When the tables do not name the setting any more.
pub fn with_outbox(values: Values) -> Result<Values, SettingsError> {
    const FOLDERS: [(&str, &str); 2] =
        [("membership.outbox_dir", "outbox"), ("notifications.outbox_dir", "messages")];
    let mut values = values;
    for (name, folder) in FOLDERS {
        if values.given(name).is_none() {
            let folder = format!("{}/{folder}", values.text("data.dir"));
            values = values.with(&tables(), name, &folder)?;
        }
    }
    Ok(values)
}

/// Reads all settings: defaults, then the file, then the process's variables.
///
/// # Errors
/// Every mistake at once.
pub fn load_settings(file: Option<&Path>) -> Result<Values, SettingsError> {
    load(&tables(), file, std::env::vars())
}
