//! The HTTP face: the route table, and one file a resource with its bodies beside their handlers.

mod action_refusals;
mod action_reversals;
mod actions;
mod activations;
mod adjustments;
mod archive;
mod audiences;
mod balance;
mod checks;
mod erasures;
mod hands;
mod history;
mod holds;
mod last_purchases;
mod looks;
mod money;
mod money_csv;
mod names;
mod operations;
mod own_transfers;
mod problems;
mod programme;
mod programme_changes;
mod programme_versions;
mod proof;
mod purchase_answer;
mod purchase_request;
mod purchases;
mod rates;
mod reasons;
mod redemptions;
mod returns;
mod roles;
mod segments;
mod shared_faults;
mod simulations;
mod standings;
mod statements;
mod tier_grants;
mod tiers;
mod transfer_answer;
mod transfer_refusals;
mod transfer_steps;
mod transfers;
mod whereabouts;

use std::sync::Arc;

use axum::Router;
use kernel::{Clock, Language};
use locale::phone::Country;
use runtime::{BlindKeys, Chain, Committer, LookBook};
use store::Database;
use utoipa::OpenApi;
use web::{CallerKey, Catalog, Face, Peer, RouteSpec, Texts};

use crate::{
    commands::{
        record_purchases::{RecordPurchase, Recorded, Recorder, Refusal},
        request_transfer::{self, RequestTransfer, Requested},
    },
    domain::{DebtTerms, Moment, Programme},
    queries::balance::Balances,
    settings::Settings,
    store::places::BranchZones,
};

pub use archive::ARCHIVE_WORDS;
pub use problems::{
    come_back, fault, not_simulated, operation_refused, programme_not_changed, refused, rejected,
    return_refused, unknown_customer,
};
pub use programme_changes::programme_schema;
pub use purchase_request::Named;
pub use reasons::Reasons;
pub use shared_faults::{not_taken, shared_fault};

/// The texts of this service's problems.
pub const LOCALES: &Catalog = &[
    (Language::En, include_str!("../locales/en.ftl")),
    (Language::Fa, include_str!("../locales/fa.ftl")),
    (Language::Ar, include_str!("../locales/ar.ftl")),
];

/// Every route of the service.
pub const ROUTES: &[&RouteSpec] = &[
    &purchases::RECORD,
    &purchases::READ,
    &activations::ACTIVATE,
    &returns::RECORD,
    &returns::READ,
    &actions::RECORD,
    &actions::READ,
    &action_reversals::REVERSE,
    &holds::PLACE,
    &holds::CAPTURE,
    &holds::RELEASE,
    &holds::READ,
    &redemptions::REDEEM,
    &redemptions::REVERSE,
    &adjustments::ADJUST,
    &adjustments::READ,
    &adjustments::APPROVE,
    &adjustments::REJECT,
    &adjustments::FREEZE,
    &adjustments::UNFREEZE,
    &adjustments::CLOSE,
    &balance::READ,
    &erasures::BALANCE,
    &erasures::LIST,
    &names::LIST,
    &looks::LIST,
    &standings::READ,
    &last_purchases::READ,
    &archive::PART,
    &history::LIST,
    &statements::READ,
    &tiers::READ,
    &tier_grants::GRANT,
    &tier_grants::LIST,
    &tier_grants::END,
    &transfers::REQUEST,
    &transfers::QUOTE,
    &transfers::HAND_OVER,
    &transfers::READ,
    &transfers::LIST,
    &transfer_steps::CONFIRM,
    &transfer_steps::ACCEPT,
    &transfer_steps::DECLINE,
    &transfer_steps::RECALL,
    &transfer_steps::APPROVE,
    &transfer_steps::REJECT,
    &programme::PUT,
    &programme::READ,
    &programme_versions::LIST,
    &programme_versions::DRAFT,
    &programme_versions::READ,
    &programme_versions::CHANGE,
    &programme_versions::DROP,
    &programme_versions::ANNOUNCE,
    &money::ROLL_FORWARD,
    &money::LIABILITY,
    &money::CLEARING,
    &rates::PUT,
    &rates::LIST,
    &programme_changes::COMPARE,
    &programme_changes::SCHEMA,
    &segments::OPEN,
    &segments::CHANGE,
    &segments::LIST,
    &segments::MEMBERS,
    &audiences::TELL,
    &simulations::ASK,
    &simulations::READ,
];

/// What handlers are given.
#[derive(Clone)]
pub struct Counter(Arc<Shared>);

/// What every request shares.
pub struct Shared {
    /// Takes purchases.
    pub committer: Committer<RecordPurchase, Result<Recorded, Refusal>>,
    /// Takes transfers.
    pub transfers: Committer<RequestTransfer, Result<Requested, request_transfer::Refusal>>,
    /// Answers what members have.
    pub balances: Balances,
    /// Rehearses purchases, publishes programmes.
    pub recorder: Arc<Recorder>,
    /// The service's own database.
    pub database: Database,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// The chain's own facts.
    pub chain: Arc<Chain>,
    /// The country whose phones may be national.
    pub country: Country,
    /// Find identifiers.
    pub blind_keys: BlindKeys,
    /// Where branches have another wall clock.
    pub zones: BranchZones,
    /// Who of the back office looked at whom.
    pub looks: LookBook,
    /// Who knows members when points does not yet.
    pub membership: Peer,
    /// Why rules gave nothing, in words.
    pub reasons: Reasons,
    /// The words of the programme's pages.
    pub texts: Texts,
    /// The service's settings.
    pub settings: Settings,
}

impl Counter {
    /// Hands requests to these.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self(Arc::new(shared))
    }
}

impl Shared {
    /// The present moment on the chain's wall clock.
    pub fn moment(&self) -> Moment {
        let now = self.clock.now();
        Moment { now, today: self.chain.local(now, None).day }
    }

    /// How debts are recovered, as the live programme says.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn debt_terms(&self) -> anyhow::Result<Option<DebtTerms>> {
        let live = self.live_by(None).await?;
        Ok(live.and_then(|programme| programme.document.debt))
    }

    /// The live programme; nothing is asked where the latest announcement was seen and is known already.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn live_by(&self, announcement: Option<u32>) -> anyhow::Result<Option<Arc<Programme>>> {
        let (programmes, connection, now) =
            (&self.recorder.programmes, self.database.connection(), self.clock.now());
        match announcement {
            Some(latest) => programmes.live_by(connection, latest, now).await,
            None => programmes.live(connection, now).await,
        }
    }
}

impl std::ops::Deref for Counter {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// The routes of actions, and of pending points that become spendable.
fn actions_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&actions::RECORD, actions::record_action)
        .route(&actions::READ, actions::read_action)
        .route(&action_reversals::REVERSE, action_reversals::reverse_action)
        .route(&activations::ACTIVATE, activations::activate_points)
}

/// What other services ask about members: who leaves or wants to see everything, where they stand; and who looked at whom.
fn erasures_on(face: Face<Counter>) -> Face<Counter> {
    face.route(&erasures::BALANCE, balance::read_balance)
        .route(&erasures::LIST, erasures::list_erasures)
        .route(&names::LIST, names::tell_tier_names)
        .route(&archive::PART, archive::tell_part)
        .route(&looks::LIST, looks::list_looks)
        .route(&standings::READ, standings::tell_standing)
        .route(&last_purchases::READ, last_purchases::tell_last_purchases)
}

/// The router of all routes; callers who name no language are spoken to in `language`.
pub fn router(counter: Counter, caller_key: CallerKey, language: Language) -> Router {
    let face = Face::new("points", caller_key, Texts::new(&[LOCALES]).speaking(language));
    let face = face.whereabouts(whereabouts::of(counter.database.clone()));
    let face = erasures_on(face.looks(counter.looks.noting(&counter.clock)));
    audiences::on(segments::on(simulations::on(actions_on(face))))
        .route(&purchases::RECORD, purchases::record_purchase)
        .route(&purchases::READ, purchases::read_purchase)
        .route(&returns::RECORD, returns::record_return)
        .route(&returns::READ, returns::read_return)
        .route(&holds::PLACE, holds::place_hold)
        .route(&holds::CAPTURE, holds::capture_hold)
        .route(&holds::RELEASE, holds::release_hold)
        .route(&holds::READ, holds::read_hold)
        .route(&redemptions::REDEEM, redemptions::redeem_points)
        .route(&redemptions::REVERSE, redemptions::reverse_redemption)
        .route(&adjustments::ADJUST, adjustments::adjust_points)
        .route(&adjustments::READ, adjustments::read_adjustment)
        .route(&adjustments::APPROVE, adjustments::approve_adjustment)
        .route(&adjustments::REJECT, adjustments::reject_adjustment)
        .route(&adjustments::FREEZE, adjustments::freeze_account)
        .route(&adjustments::UNFREEZE, adjustments::unfreeze_account)
        .route(&adjustments::CLOSE, adjustments::close_account)
        .route(&balance::READ, balance::read_balance)
        .route(&history::LIST, history::list_history)
        .route(&statements::READ, statements::read_statement)
        .route(&tiers::READ, tiers::read_tier)
        .route(&tier_grants::GRANT, tier_grants::grant_tier)
        .route(&tier_grants::LIST, tier_grants::list_grants)
        .route(&tier_grants::END, tier_grants::end_tier_grant)
        .route(&transfers::REQUEST, transfers::request_transfer)
        .route(&transfers::QUOTE, transfers::quote_transfer)
        .route(&transfers::HAND_OVER, transfers::hand_over_points)
        .route(&transfers::READ, transfers::read_transfer)
        .route(&transfers::LIST, transfers::list_transfers)
        .route(&transfer_steps::CONFIRM, transfer_steps::confirm_transfer)
        .route(&transfer_steps::ACCEPT, transfer_steps::accept_transfer)
        .route(&transfer_steps::DECLINE, transfer_steps::decline_transfer)
        .route(&transfer_steps::RECALL, transfer_steps::recall_transfer)
        .route(&transfer_steps::APPROVE, transfer_steps::approve_transfer)
        .route(&transfer_steps::REJECT, transfer_steps::reject_transfer)
        .route(&programme::PUT, programme::put_programme)
        .route(&programme::READ, programme::read_programme)
        .route(&programme_versions::LIST, programme_versions::list_programmes)
        .route(&programme_versions::DRAFT, programme_versions::draft_programme)
        .route(&programme_versions::READ, programme_versions::read_programme_version)
        .route(&programme_versions::CHANGE, programme_versions::change_draft)
        .route(&programme_versions::DROP, programme_versions::drop_draft)
        .route(&programme_versions::ANNOUNCE, programme_versions::announce_programme)
        .route(&money::ROLL_FORWARD, money::read_roll_forward)
        .route(&money::LIABILITY, money::read_liability)
        .route(&money::CLEARING, money::read_clearing)
        .route(&rates::PUT, rates::put_rates)
        .route(&rates::LIST, rates::list_rates)
        .route(&programme_changes::COMPARE, programme_changes::list_programme_changes)
        .route(&programme_changes::SCHEMA, programme_changes::read_programme_schema)
        .finish(counter)
}

/// The documentation of the routes.
#[derive(OpenApi)]
#[openapi(
    paths(
        purchases::record_purchase,
        purchases::read_purchase,
        activations::activate_points,
        returns::record_return,
        returns::read_return,
        actions::record_action,
        actions::read_action,
        action_reversals::reverse_action,
        holds::place_hold,
        holds::capture_hold,
        holds::release_hold,
        holds::read_hold,
        redemptions::redeem_points,
        redemptions::reverse_redemption,
        adjustments::adjust_points,
        adjustments::read_adjustment,
        adjustments::approve_adjustment,
        adjustments::reject_adjustment,
        adjustments::freeze_account,
        adjustments::unfreeze_account,
        adjustments::close_account,
        balance::read_balance,
        history::list_history,
        looks::list_looks,
        statements::read_statement,
        tiers::read_tier,
        tier_grants::grant_tier,
        tier_grants::list_grants,
        tier_grants::end_tier_grant,
        transfers::request_transfer,
        transfers::quote_transfer,
        transfers::hand_over_points,
        transfers::read_transfer,
        transfers::list_transfers,
        transfer_steps::confirm_transfer,
        transfer_steps::accept_transfer,
        transfer_steps::decline_transfer,
        transfer_steps::recall_transfer,
        transfer_steps::approve_transfer,
        transfer_steps::reject_transfer,
        programme::put_programme,
        programme::read_programme,
        programme_versions::list_programmes,
        programme_versions::draft_programme,
        programme_versions::read_programme_version,
        programme_versions::change_draft,
        programme_versions::drop_draft,
        programme_versions::announce_programme,
        money::read_roll_forward,
        money::read_liability,
        money::read_clearing,
        rates::put_rates,
        rates::list_rates,
        programme_changes::list_programme_changes,
        programme_changes::read_programme_schema,
        segments::open_segment,
        segments::change_members,
        segments::list_segments,
        segments::list_members,
        simulations::simulate_programme,
        simulations::read_simulation,
    ),
    tags(
        (name = "purchases", description = "A till's purchase becomes points."),
        (name = "actions", description = "What members do besides buying becomes points."),
        (name = "spending", description = "Points are set aside, redeemed, and given back."),
        (name = "staff", description = "What people do to accounts by hand."),
        (name = "accounts", description = "What a member has, and how it came to be."),
        (name = "transfers", description = "Points from one member to another."),
        (name = "programme", description = "What earns how much."),
        (name = "segments", description = "Members whom the chain has chosen."),
        (name = "tiers", description = "Where members stand on the ladder."),
        (name = "money", description = "What the chain owes in points, for its accountants."),
    )
)]
pub struct ApiDoc;
