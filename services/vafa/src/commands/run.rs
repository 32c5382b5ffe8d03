//! `vafa run`: all services in this process, or the named ones.

use std::path::Path;

use anyhow::Context as _;
use runtime::Telemetry;
use tokio::signal::unix::{SignalKind, signal};

use super::Outcome;
use crate::{Platform, StartPlan, load_settings, read_roles};

/// Starts, serves until SIGTERM or Ctrl-C, stops cleanly.
///
/// # Errors
/// Wrong settings, or what cannot be reached.
pub async fn run(names: &[String], config: Option<&Path>) -> anyhow::Result<Outcome> {
    let told = until_told()?;
    let values = load_settings(config)?;
    let roles = read_roles(names)?;
    let telemetry = Telemetry::start(&values)?;
    let mut plan = StartPlan::new(values);
    plan.roles = roles;
    plan.registry = telemetry.registry();
    plan.sample_ratio = telemetry.sample_ratio();
    let platform = Platform::start(plan).await?;
    tracing::info!(address = %platform.address(), "taking requests");
    told.await;
    tracing::info!("stopping: finishing what is in flight");
    let clean = platform.stop().await;
    telemetry.stop();
    tracing::info!(clean, "stopped");
    Ok(if clean { Outcome::Fine } else { Outcome::Found })
}

/// Listens for SIGTERM and Ctrl-C from now on; what is answered ends with the first of them. Call it before anybody can
/// see that the process is there: until then a signal ends it on the spot.
///
/// # Errors
/// When the system gives no signals.
pub fn until_told() -> anyhow::Result<impl Future<Output = ()>> {
    let mut term = signal(SignalKind::terminate()).context("SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("Ctrl-C")?;
    Ok(async move {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
