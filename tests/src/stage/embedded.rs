//! The embedded shape, in this process.

use std::sync::OnceLock;

use runtime::Telemetry;
use vafa::{Platform, StartPlan, tables};

/// Starts all services in this process.
pub(super) async fn start(settings: &[(String, String)]) -> anyhow::Result<Platform> {
    // A second start takes the port of the first one.
    let any_port = super::variable("http.listen", "127.0.0.1:0");
    let settings = std::iter::once(any_port).chain(settings.iter().cloned());
    let values = runtime::settings::load(&tables(), None, settings)?;
    // Metrics and log lines belong to the process: the first stage starts them for all.
    static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();
    let telemetry = match TELEMETRY.get() {
        Some(started) => started,
        None => {
            let started =
                Telemetry::start(&values.clone().with(&tables(), "telemetry.log_level", "error")?)?;
            TELEMETRY.get_or_init(|| started)
        }
    };
    let mut plan = StartPlan::new(values);
    plan.registry = telemetry.registry();
    Platform::start(plan).await
}
