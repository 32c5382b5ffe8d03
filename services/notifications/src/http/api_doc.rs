//! What the API's description says of the public routes.

use utoipa::OpenApi;

use super::{calls, campaigns, log, looks, queue};

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
        looks::list_looks,
        campaigns::keeping::put_campaign,
        campaigns::keeping::read_campaign,
        campaigns::keeping::list_campaigns,
        campaigns::keeping::add_campaign_members,
        campaigns::keeping::count_campaign_audience,
        campaigns::stages::schedule_campaign,
        campaigns::stages::recall_campaign,
        campaigns::stages::pause_campaign,
        campaigns::stages::resume_campaign,
        campaigns::stages::stop_campaign,
        campaigns::results::read_campaign_results,
        calls::fill_call_list,
        calls::list_calls,
        calls::record_call_outcome,
    ),
    tags(
        (name = "messages", description = "What members hear from the club, on which ways, and what came of it."),
        (name = "campaigns", description = "What the chain says to many of its own will, and what that does."),
        (name = "calls", description = "Members whom people of the chain call, and what came of it."),
    )
)]
pub struct ApiDoc;
