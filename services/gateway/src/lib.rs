//! The one public door of the platform.
//!
//! Owns nothing durable: it finds the route in the merged table of all services, finds out who is calling and signs
//! it, keeps limits, gives every request an id and a deadline, streams it to its service (in this process or over
//! HTTP) and words what goes wrong at the door itself. It shows the merged OpenAPI document and its readable form.
//!
//! Promises: `vafa-*` headers from outside never reach a service; routes for services are unreachable; a revoked till
//! key is refused within 5 s on every replica; a body is streamed through and never parsed; keys and bodies are
//! in no log; overload is refused early, money last. Absent on purpose: business rules, a database.

mod callers;
mod error;
mod guard;
mod http;
mod limits;
mod openapi;
mod replicas;
mod settings;

use std::sync::Arc;

use axum::Router;
use kernel::Language;
use utoipa::openapi::OpenApi;
use web::{CallerKey, Catalog, Peer, RouteSpec, Texts, Upstream};

pub use error::ERRORS;
pub use replicas::Replicas;
pub use settings::{ForwardedSettings, GatewaySettings, GuardSettings, SETTINGS};

/// The gateway's name as an asker of questions and in metrics.
pub const NAME: &str = "gateway";

/// The texts of this service.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../locales/en.ftl")),
    (Language::Fa, include_str!("../locales/fa.ftl")),
    (Language::Ar, include_str!("../locales/ar.ftl")),
];

/// Makes a service's part of the documentation.
pub type Describe = Arc<dyn Fn() -> OpenApi + Send + Sync>;

/// A service behind the gateway.
#[derive(Clone)]
pub struct Backend {
    /// Its name.
    pub service: &'static str,
    /// All its routes; the gateway shows the public ones.
    pub routes: Vec<&'static RouteSpec>,
    /// Its part of the documentation, made when somebody asks for it.
    pub openapi: Describe,
    /// The way to it.
    pub upstream: Upstream,
}

/// What the gateway is given when it starts.
pub struct Plan {
    /// Its settings.
    pub settings: GatewaySettings,
    /// Signs who is calling.
    pub caller_key: CallerKey,
    /// The operator's key; nobody is the operator while it is empty.
    pub operator_key: String,
    /// The language for callers who name none.
    pub language: Language,
    /// Which share of the requests is traced when the caller did not decide, from 0 to 1.
    pub sample_ratio: f64,
    /// How many gateways share the callers' limits.
    pub replicas: Replicas,
    /// The services behind it; `membership` must be among them, since it knows the till keys and the sessions.
    pub backends: Vec<Backend>,
}

/// The gateway's router: everything under `/v1`, `/openapi.json` and `/docs`.
///
/// # Errors
/// When two services claim a route, or nobody knows the till keys.
pub fn router(plan: Plan) -> anyhow::Result<Router> {
    let texts = Texts::new(&[LOCALES]).speaking(plan.language);
    let membership = plan.backends.iter().find(|backend| backend.service == "membership");
    let membership = membership.ok_or_else(|| anyhow::anyhow!("the gateway needs a way to membership"))?;
    let peer = Peer::new(membership.upstream.clone(), plan.caller_key.clone(), NAME, "membership");
    let callers =
        callers::Callers::new(peer, plan.caller_key, &plan.operator_key, &plan.settings, &plan.replicas);
    let classes = limits::ClassLimits::new(&plan.settings, &plan.replicas);
    let described = plan.backends.clone();
    let documents = http::Documents::new(Arc::new(move || openapi(&described)));
    let entrance = http::Entrance::new(
        &plan.settings,
        plan.sample_ratio,
        &plan.backends,
        (callers, classes),
        documents,
        texts,
    )?;
    Ok(entrance.into_router())
}

/// The documentation of the public API: all services merged, with what they have in common.
///
/// # Errors
/// A public route without documentation, or documentation without a route.
pub fn openapi(backends: &[Backend]) -> anyhow::Result<OpenApi> {
    openapi::merged(backends, &Texts::new(&[LOCALES]))
}
