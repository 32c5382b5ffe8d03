//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod api_doc;
pub mod deliveries;
pub mod kinds;
mod pages;
mod roles;
pub mod secrets;
pub mod webhooks;

use axum::{
    Json, Router,
    http::{HeaderName, header::CACHE_CONTROL},
};
use kernel::Language;
use web::{Caller, CallerKey, Catalog, Face, RouteSpec, Texts};

pub use api_doc::ApiDoc;

use crate::{commands::Desk, domain::asker::Asker};

/// The texts of this service's problems.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../../locales/en.ftl")),
    (Language::Fa, include_str!("../../locales/fa.ftl")),
    (Language::Ar, include_str!("../../locales/ar.ftl")),
];

/// Every route of the service.
pub const ROUTES: &[&RouteSpec] = &[
    &webhooks::SUBSCRIBE,
    &webhooks::LIST,
    &webhooks::GET,
    &webhooks::CHANGE,
    &webhooks::REMOVE,
    &secrets::ROTATE,
    &deliveries::PING,
    &deliveries::LIST,
    &deliveries::GET,
    &deliveries::REPLAY_ONE,
    &deliveries::REPLAY,
    &kinds::LIST,
];

/// An answer that no cache may keep.
type Private<T> = ([(HeaderName, &'static str); 1], Json<T>);

fn private<T>(view: T) -> Private<T> {
    ([(CACHE_CONTROL, "no-store")], Json(view))
}

/// Partners see their own; whoever else the routes let in is the back office.
fn asker(caller: Caller) -> Asker {
    match caller {
        Caller::Partner { partner, scopes, .. } => Asker::Partner(partner, scopes),
        _ => Asker::Chain,
    }
}

/// The router of all routes.
pub fn router(desk: Desk, caller_key: CallerKey) -> Router {
    Face::new(crate::NAME, caller_key, Texts::new(&[LOCALES]))
        .route(&webhooks::SUBSCRIBE, webhooks::subscribe)
        .route(&webhooks::LIST, webhooks::list)
        .route(&webhooks::GET, webhooks::read)
        .route(&webhooks::CHANGE, webhooks::change)
        .route(&webhooks::REMOVE, webhooks::remove)
        .route(&secrets::ROTATE, secrets::rotate)
        .route(&deliveries::PING, deliveries::send_ping)
        .route(&deliveries::LIST, deliveries::list)
        .route(&deliveries::GET, deliveries::read)
        .route(&deliveries::REPLAY_ONE, deliveries::replay)
        .route(&deliveries::REPLAY, deliveries::replay_all)
        .route(&kinds::LIST, kinds::list)
        .finish(desk)
}
