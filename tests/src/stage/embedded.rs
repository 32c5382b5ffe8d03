//! The embedded shape, in this process.

use runtime::Telemetry;
use tokio::sync::OnceCell;
use vafa::{Platform, StartPlan, tables};

// Metrics and log lines belong to the process: the first stage starts them for all.
static TELEMETRY: OnceCell<Telemetry> = OnceCell::const_new();

/// Starts all services in this process.
pub(super) async fn start(settings: &[(String, String)]) -> anyhow::Result<Platform> {
    // A second start takes the port of the first one.
    let any_port = super::variable("http.listen", "127.0.0.1:0");
    let settings = std::iter::once(any_port).chain(settings.iter().cloned());
    let values = runtime::settings::load(&tables(), None, settings)?;
    let quiet = values.clone().with(&tables(), "telemetry.log_level", "error")?;
    let telemetry = TELEMETRY.get_or_try_init(async || Telemetry::start(&quiet)).await?;
    let mut plan = StartPlan::new(values);
    plan.registry = telemetry.registry();
    Platform::start(plan).await
}
