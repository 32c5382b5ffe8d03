//! What the API's description says of the public routes.

use utoipa::OpenApi;

use super::{
    bookings, cancellations, catalogue, code_batches, code_uses, draws, events, fulfilments, gift_rules,
    gifts, looks, redemptions, rewards, top_up_events, uses, vouchers,
};

/// The documentation of the public routes.
#[derive(OpenApi)]
#[openapi(
    paths(
        rewards::put_reward,
        rewards::read_reward,
        rewards::list_rewards,
        rewards::schedule_reward,
        rewards::set_reward_stock,
        rewards::import_coupons,
        catalogue::list_member_rewards,
        redemptions::redeem_reward,
        redemptions::read_reward_redemption,
        redemptions::list_reward_redemptions,
        cancellations::cancel_reward_redemption,
        vouchers::list_vouchers,
        vouchers::draw_voucher,
        vouchers::look_up_vouchers,
        vouchers::cancel_voucher,
        uses::use_voucher,
        uses::confirm_voucher_use,
        uses::cancel_voucher_use,
        draws::keeping::put_draw,
        draws::keeping::publish_draw,
        draws::keeping::read_draw,
        draws::keeping::list_draws,
        draws::entropy::enter_draw_entropy,
        draws::entropy::confirm_draw_entropy,
        draws::record::read_draw_record,
        draws::record::list_draw_entries,
        draws::tickets::grant_draw_tickets,
        draws::members::list_member_draws,
        draws::members::claim_draw_prize,
        draws::members::hand_over_draw_prize,
        code_batches::make_code_batch,
        code_batches::read_code_batch,
        code_batches::list_code_batches,
        code_batches::fetch_code_batch,
        code_batches::revoke_code_batch,
        code_uses::use_code,
        code_uses::cancel_code_use,
        fulfilments::list_fulfilments,
        fulfilments::decide_fulfilment,
        top_up_events::receive_top_up_event,
        events::put_event,
        events::read_event,
        events::list_events,
        events::list_member_events,
        bookings::book_seat,
        bookings::list_event_bookings,
        bookings::give_seat_back,
        gift_rules::put_gift_rule,
        gift_rules::read_gift_rule,
        gift_rules::list_gift_rules,
        gifts::list_gifts,
        looks::list_looks,
    ),
    // What stands in paths and queries alone.
    components(schemas(kernel::DrawCode, top_up_events::TopUpEventData, kernel::RewardCode, kernel::GiftRuleCode, kernel::EventCode, catalogue::Sort, catalogue::Reachable, web::symbol::Symbology)),
    tags(
        (name = "rewards", description = "What the chain offers for points."),
        (name = "catalogue", description = "What a member can have."),
        (name = "draws", description = "Prizes among tickets, drawn so that anyone can check it."),
        (name = "redemptions", description = "Members redeem rewards."),
        (name = "code batches", description = "Codes without members, for campaigns."),
        (name = "fulfilments", description = "What providers and people deliver."),
        (name = "events", description = "Events and workshops for members."),
        (name = "gifts", description = "What members are given without points."),
        (name = "vouchers", description = "What members got, and its use at tills."),
    )
)]
pub struct ApiDoc;
