//! What the API's description says of the public routes.

use utoipa::OpenApi;

use super::{deliveries, kinds, secrets, webhooks};

/// The documentation of the public routes.
#[derive(OpenApi)]
#[openapi(
    paths(
        webhooks::subscribe,
        webhooks::list,
        webhooks::read,
        webhooks::change,
        webhooks::remove,
        secrets::rotate,
        deliveries::send_ping,
        deliveries::list,
        deliveries::read,
        deliveries::replay,
        deliveries::replay_all,
        kinds::list,
    ),
    tags((name = "webhooks", description = "Addresses of partners and of the chain that are told facts, in signed messages."))
)]
pub struct ApiDoc;
