//! What the API's description says of the public routes.

use utoipa::OpenApi;

use super::{
    calls, campaigns, inbound, log, looks, opt_outs, queue, receipts, templates, unknown_texts, wishes,
};

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
        templates::list_message_templates,
        templates::read_message_template,
        templates::write_message_draft,
        templates::discard_message_draft,
        templates::publish_message_draft,
        templates::restore_message_template,
        templates::preview_message_template,
        templates::try_message_template,
        wishes::read_message_preferences,
        wishes::set_message_preferences,
        opt_outs::show_opt_out,
        opt_outs::opt_out,
        inbound::receive_member_text,
        inbound::receive_member_text_by_address,
        unknown_texts::list_unknown_texts,
        unknown_texts::answer_unknown_text,
        unknown_texts::close_unknown_text,
        receipts::receive_receipts,
        receipts::receive_receipt_by_address,
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
    components(schemas(kernel::CampaignCode)),
    tags(
        (name = "messages", description = "What members hear from the club, on which ways, and what came of it."),
        (name = "campaigns", description = "What the chain says to many of its own will, and what that does."),
        (name = "calls", description = "Members whom people of the chain call, and what came of it."),
    )
)]
pub struct ApiDoc;
