//! The operations routes of every process: is it alive, is it ready, what do its metrics say.

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use axum::{Json, Router, extract::State, routing::get};
use http::{StatusCode, header};
use prometheus::{Registry, TextEncoder};

/// Something that must work before the process takes requests: a database, a broker, another service.
#[async_trait]
pub trait Readiness: Send + Sync {
    /// What it is, as shown in `/readyz`.
    fn name(&self) -> String;
    /// Asks it for real; an error says what is wrong, without secrets.
    async fn check(&self) -> Result<(), String>;
}

/// What the operations routes look at.
#[derive(Clone)]
pub struct OpsState {
    /// The metrics of the process.
    pub registry: Registry,
    /// What must work.
    pub checks: Arc<Vec<Box<dyn Readiness>>>,
    /// Is cancelled when the process stops, from when on it is not ready.
    pub stopping: tokio_util::sync::CancellationToken,
}

/// Routes `/healthz` (the process answers), `/readyz` (everything it needs answers, within 2 s each) and `/metrics`
/// (Prometheus text).
pub fn ops_router(state: OpsState) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(state)
}

async fn ready(State(state): State<OpsState>) -> (StatusCode, Json<Vec<(String, String)>>) {
    let mut rows = Vec::with_capacity(state.checks.len() + 1);
    let mut fine = !state.stopping.is_cancelled();
    if !fine {
        rows.push(("process".to_owned(), "stopping".to_owned()));
    }
    for check in state.checks.iter() {
        let outcome = match tokio::time::timeout(Duration::from_secs(2), check.check()).await {
            Ok(Ok(())) => "ok".to_owned(),
            Ok(Err(fault)) => fault,
            Err(_) => "no answer within 2 s".to_owned(),
        };
        fine &= outcome == "ok";
        rows.push((check.name(), outcome));
    }
    (if fine { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }, Json(rows))
}

async fn metrics(State(state): State<OpsState>) -> ([(header::HeaderName, &'static str); 1], String) {
    let text = TextEncoder::new().encode_to_string(&state.registry.gather()).unwrap_or_default();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}
