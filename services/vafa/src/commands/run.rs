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
    let values = load_settings(config)?;
    let roles = read_roles(names)?;
    let telemetry = Telemetry::start(&values)?;
    let mut plan = StartPlan::new(values);
    plan.roles = roles;
    plan.registry = telemetry.registry();
    plan.sample_ratio = telemetry.sample_ratio();
    let platform = Platform::start(plan).await?;
    tracing::info!(address = %platform.address(), "taking requests");
    until_told().await?;
    tracing::info!("stopping: finishing what is in flight");
    let clean = platform.stop().await;
    telemetry.stop();
    tracing::info!(clean, "stopped");
    Ok(if clean { Outcome::Fine } else { Outcome::Found })
}

/// Waits for SIGTERM or Ctrl-C.
///
/// # Errors
/// When the system gives no signals.
pub async fn until_told() -> anyhow::Result<()> {
    let mut term = signal(SignalKind::terminate()).context("SIGTERM")?;
    tokio::select! {
        _ = term.recv() => {}
        told = tokio::signal::ctrl_c() => told.context("Ctrl-C")?,
    }
    Ok(())
}
