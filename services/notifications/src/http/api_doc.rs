//! What the API's description says of the public routes.

use utoipa::OpenApi;

use super::{log, looks, queue, receipts};

/// The documentation of the public routes.
#[derive(OpenApi)]
#[openapi(
    paths(
        log::list_member_messages,
        log::list_dead_messages,
        queue::read_message_queue,
        queue::list_message_costs,
        queue::replay_messages,
        queue::replay_message,
        receipts::receive_receipts,
        receipts::receive_receipt_by_address,
        looks::list_looks,
    ),
    tags((name = "messages", description = "What members hear from the club, on which ways, and what came of it."))
)]
pub struct ApiDoc;
