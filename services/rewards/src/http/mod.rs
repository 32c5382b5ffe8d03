//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod api_doc;
mod archive;
pub mod bookings;
pub mod cancellations;
pub mod catalogue;
pub mod challenges;
pub mod code_batches;
pub mod code_uses;
pub mod draws;
mod erasures;
pub mod events;
pub mod fulfilments;
pub mod gift_rules;
pub mod gifts;
mod looks;
pub mod members;
pub mod money;
mod money_csv;
pub mod money_views;
mod names;
mod pages;
pub mod personal_offers;
pub mod rates;
mod reasons;
pub mod redemptions;
pub mod rewards;
mod roles;
pub mod statements;
pub mod tills;
pub mod top_up_events;
pub mod uses;
pub mod views;
pub mod vouchers;

use std::sync::Arc;

use axum::{Router, http::HeaderName};
use kernel::{Language, Timestamp};
use locale::phone::Country;
use runtime::{BlindKeys, Committer, LookBook};
use store::Database;
use tracing::Span;
use web::{Caller, CallerKey, Catalog, Face, Peer, RouteSpec, Texts, TraceParent, Whereabouts};

pub use api_doc::ApiDoc;
pub use archive::ARCHIVE_WORDS;

use crate::{
    adapters::proofs::Proofs,
    commands::{Desk, digest, redeem::Wish, redeem_together::Begin},
    jobs::Lookout,
    store::{places, redemptions::Request},
};

/// The texts of this service's problems.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../../locales/en.ftl")),
    (Language::Fa, include_str!("../../locales/fa.ftl")),
    (Language::Ar, include_str!("../../locales/ar.ftl")),
];

/// Every route of the service.
pub const ROUTES: &[&RouteSpec] = &[
    &rewards::PUT,
    &rewards::READ,
    &rewards::LIST,
    &rewards::SCHEDULE,
    &rewards::STOCK,
    &rewards::COUPONS,
    &catalogue::LIST,
    &redemptions::REDEEM,
    &redemptions::READ,
    &redemptions::LIST,
    &cancellations::CANCEL,
    &vouchers::LIST,
    &vouchers::SYMBOL,
    &vouchers::LOOK_UP,
    &vouchers::CANCEL,
    &uses::USE,
    &uses::CONFIRM,
    &uses::CANCEL,
    &draws::keeping::PUT,
    &draws::keeping::PUBLISH,
    &draws::keeping::CANCEL,
    &draws::keeping::READ,
    &draws::keeping::LIST,
    &draws::entropy::ENTER,
    &draws::entropy::CONFIRM,
    &draws::record::READ,
    &draws::record::ENTRIES,
    &draws::tickets::GRANT,
    &draws::members::LIST,
    &draws::members::CLAIM,
    &draws::members::HAND_OVER,
    &code_batches::BEGIN,
    &code_batches::READ,
    &code_batches::LIST,
    &code_batches::FILE,
    &code_batches::REVOKE,
    &code_uses::USE,
    &code_uses::CANCEL,
    &fulfilments::LIST,
    &fulfilments::DECIDE,
    &top_up_events::POST,
    &events::PUT,
    &events::CANCEL,
    &events::READ,
    &events::LIST,
    &events::OF_MEMBER,
    &bookings::BOOK,
    &bookings::LIST,
    &bookings::CANCEL,
    &gift_rules::PUT,
    &gift_rules::READ,
    &gift_rules::LIST,
    &gifts::LIST,
    &personal_offers::keeping::PUT,
    &personal_offers::keeping::MEMBERS,
    &personal_offers::keeping::PUBLISH,
    &personal_offers::keeping::WITHDRAW,
    &personal_offers::keeping::READ,
    &personal_offers::keeping::LIST,
    &personal_offers::members::LIST,
    &personal_offers::members::ACTIVATE,
    &personal_offers::best::LIST,
    &money::COSTS,
    &money::LIABILITY,
    &rates::READ,
    &statements::CLOSE,
    &statements::DRAFT,
    &statements::LIST,
    &statements::READ,
    &challenges::keeping::PUT,
    &challenges::keeping::PUBLISH,
    &challenges::keeping::WITHDRAW,
    &challenges::keeping::READ,
    &challenges::keeping::LIST,
    &challenges::members::LIST,
    &looks::LIST,
    &archive::PART,
    &erasures::LIST,
    &names::LIST,
];

/// The header that says that an answer was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What handlers are given.
#[derive(Clone)]
pub struct Counter(Arc<Shared>);

/// What every request shares.
pub struct Shared {
    /// What commands are done with.
    pub(crate) desk: Desk,
    /// Who of the back office looked at whom.
    pub(crate) looks: LookBook,
    /// The country whose phones may be national.
    pub(crate) country: Country,
    /// Finds members by phones and cards.
    pub(crate) blind_keys: BlindKeys,
    /// Who knows where members stand.
    pub(crate) points: Peer,
    /// Who knows members.
    pub(crate) membership: Peer,
    /// Knows what they have shown, many in one question.
    pub(crate) proofs: Proofs,
    /// Begins redemptions, many in one commit.
    pub(crate) beginnings: Committer<Wish, Begin>,
    /// Knows when they are over.
    pub(crate) lookout: Lookout,
    /// The words of the archive.
    pub(crate) texts: Texts,
}

impl Counter {
    /// Hands requests to these.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Shared {
    fn now(&self) -> Timestamp {
        self.desk.teller.clock.now()
    }
}

impl std::ops::Deref for Counter {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Who asks under which key, and for what. A member's keys are theirs for ever, not those of one session.
fn asking(caller: &Caller, key: &str, asked: &[&str]) -> Request {
    let fingerprint = digest("asked", asked);
    let key = match caller {
        Caller::Till { branch, till, .. } => digest("till's key", &[branch.as_str(), till.as_str(), key]),
        Caller::Member { member, .. } => digest("member's key", &[&member.to_string(), key]),
        Caller::Staff { staff, .. } => digest("staff's key", &[&staff.to_string(), key]),
        _ => digest("operator's key", &[key]),
    };
    Request { key, fingerprint }
}

/// Who of the chain asks, as rows name them.
fn actor(caller: &Caller) -> String {
    match caller {
        Caller::Staff { staff, .. } => staff.to_string(),
        _ => "operator".to_owned(),
    }
}

/// The trace context of the request, when it is sampled.
fn traceparent() -> Option<String> {
    TraceParent::of_span(&Span::current()).map(|parent| parent.to_text())
}

/// To which regions branches belong, as membership told it.
fn whereabouts(database: Database) -> Whereabouts {
    Arc::new(move |branch| {
        let database = database.clone();
        Box::pin(async move { Ok(places::region_of(database.connection(), &branch).await?) })
    })
}

/// The routes of draws.
fn draws_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&draws::keeping::PUT, draws::keeping::put_draw)
        .route(&draws::keeping::PUBLISH, draws::keeping::publish_draw)
        .route(&draws::keeping::CANCEL, draws::keeping::cancel_draw)
        .route(&draws::keeping::READ, draws::keeping::read_draw)
        .route(&draws::keeping::LIST, draws::keeping::list_draws)
        .route(&draws::entropy::ENTER, draws::entropy::enter_draw_entropy)
        .route(&draws::entropy::CONFIRM, draws::entropy::confirm_draw_entropy)
        .route(&draws::record::READ, draws::record::read_draw_record)
        .route(&draws::record::ENTRIES, draws::record::list_draw_entries)
        .route(&draws::tickets::GRANT, draws::tickets::grant_draw_tickets)
        .route(&draws::members::LIST, draws::members::list_member_draws)
        .route(&draws::members::CLAIM, draws::members::claim_draw_prize)
        .route(&draws::members::HAND_OVER, draws::members::hand_over_draw_prize)
}

/// The routes of personal offers.
fn offers_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&personal_offers::keeping::PUT, personal_offers::keeping::put_personal_offer)
        .route(&personal_offers::keeping::MEMBERS, personal_offers::keeping::list_offer_members)
        .route(&personal_offers::keeping::PUBLISH, personal_offers::keeping::publish_personal_offer)
        .route(&personal_offers::keeping::WITHDRAW, personal_offers::keeping::withdraw_personal_offer)
        .route(&personal_offers::keeping::READ, personal_offers::keeping::read_personal_offer)
        .route(&personal_offers::keeping::LIST, personal_offers::keeping::list_personal_offers)
        .route(&personal_offers::members::LIST, personal_offers::members::list_member_offers)
        .route(&personal_offers::members::ACTIVATE, personal_offers::members::activate_member_offer)
        .route(&personal_offers::best::LIST, personal_offers::best::list_best_offers)
}

/// The routes of what rewards cost.
fn money_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&money::COSTS, money::read_reward_costs)
        .route(&money::LIABILITY, money::read_reward_liability)
        .route(&rates::READ, rates::read_redemption_rates)
        .route(&statements::CLOSE, statements::close_sponsor_statement)
        .route(&statements::DRAFT, statements::draft_sponsor_statement)
        .route(&statements::LIST, statements::list_sponsor_statements)
        .route(&statements::READ, statements::read_sponsor_statement)
}

/// The routes of challenges and contests.
fn challenges_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&challenges::keeping::PUT, challenges::keeping::put_challenge)
        .route(&challenges::keeping::PUBLISH, challenges::keeping::publish_challenge)
        .route(&challenges::keeping::WITHDRAW, challenges::keeping::withdraw_challenge)
        .route(&challenges::keeping::READ, challenges::keeping::read_challenge)
        .route(&challenges::keeping::LIST, challenges::keeping::list_challenges)
        .route(&challenges::members::LIST, challenges::members::list_member_challenges)
}

/// The router of all routes; callers who name no language are spoken to in `language`.
pub fn router(counter: Counter, caller_key: CallerKey, language: Language) -> Router {
    let looks = counter.looks.noting(&counter.desk.teller.clock);
    let face = Face::new(crate::NAME, caller_key, Texts::new(&[LOCALES]).speaking(language));
    let face = face.looks(looks).whereabouts(whereabouts(counter.desk.database.clone()));
    money_on(challenges_on(offers_on(draws_on(face))))
        .route(&rewards::PUT, rewards::put_reward)
        .route(&rewards::READ, rewards::read_reward)
        .route(&rewards::LIST, rewards::list_rewards)
        .route(&rewards::SCHEDULE, rewards::schedule_reward)
        .route(&rewards::STOCK, rewards::set_reward_stock)
        .route(&rewards::COUPONS, rewards::import_coupons)
        .route(&catalogue::LIST, catalogue::list_member_rewards)
        .route(&redemptions::REDEEM, redemptions::redeem_reward)
        .route(&redemptions::READ, redemptions::read_reward_redemption)
        .route(&redemptions::LIST, redemptions::list_reward_redemptions)
        .route(&cancellations::CANCEL, cancellations::cancel_reward_redemption)
        .route(&vouchers::LIST, vouchers::list_vouchers)
        .route(&vouchers::SYMBOL, vouchers::draw_voucher)
        .route(&vouchers::LOOK_UP, vouchers::look_up_vouchers)
        .route(&vouchers::CANCEL, vouchers::cancel_voucher)
        .route(&uses::USE, uses::use_voucher)
        .route(&uses::CONFIRM, uses::confirm_voucher_use)
        .route(&uses::CANCEL, uses::cancel_voucher_use)
        .route(&code_batches::BEGIN, code_batches::make_code_batch)
        .route(&code_batches::READ, code_batches::read_code_batch)
        .route(&code_batches::LIST, code_batches::list_code_batches)
        .route(&code_batches::FILE, code_batches::fetch_code_batch)
        .route(&code_batches::REVOKE, code_batches::revoke_code_batch)
        .route(&code_uses::USE, code_uses::use_code)
        .route(&code_uses::CANCEL, code_uses::cancel_code_use)
        .route(&fulfilments::LIST, fulfilments::list_fulfilments)
        .route(&fulfilments::DECIDE, fulfilments::decide_fulfilment)
        .route(&top_up_events::POST, top_up_events::receive_top_up_event)
        .route(&events::PUT, events::put_event)
        .route(&events::CANCEL, events::cancel_event)
        .route(&events::READ, events::read_event)
        .route(&events::LIST, events::list_events)
        .route(&events::OF_MEMBER, events::list_member_events)
        .route(&bookings::BOOK, bookings::book_seat)
        .route(&bookings::LIST, bookings::list_event_bookings)
        .route(&bookings::CANCEL, bookings::give_seat_back)
        .route(&gift_rules::PUT, gift_rules::put_gift_rule)
        .route(&gift_rules::READ, gift_rules::read_gift_rule)
        .route(&gift_rules::LIST, gift_rules::list_gift_rules)
        .route(&gifts::LIST, gifts::list_gifts)
        .route(&looks::LIST, looks::list_looks)
        .route(&archive::PART, archive::tell_part)
        .route(&erasures::LIST, erasures::tell_erasures)
        .route(&names::LIST, names::tell_names)
        .finish(counter)
}
