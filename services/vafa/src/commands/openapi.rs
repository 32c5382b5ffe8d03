//! `vafa openapi`: the description of the public API.

use std::sync::{Arc, OnceLock};

use web::Upstream;

use super::Outcome;
use crate::services;

/// Prints the OpenAPI 3.1 document of all services as JSON.
///
/// # Errors
/// A route without documentation, or the other way round.
pub fn run() -> anyhow::Result<Outcome> {
    println!("{}", document()?.to_pretty_json()?);
    Ok(Outcome::Fine)
}

/// The merged document, as the gateway serves it.
///
/// # Errors
/// As [`run`].
pub fn document() -> anyhow::Result<utoipa::openapi::OpenApi> {
    let backends = services().iter().map(|service| gateway::Backend {
        service: service.name(),
        routes: service.routes(),
        openapi: Arc::new(|| service.openapi()),
        upstream: Upstream::in_process(Arc::new(OnceLock::new())),
    });
    gateway::openapi(&backends.collect::<Vec<_>>())
}
