//! Personal offers as the chain keeps them.

use axum::{Json, extract::State};
use kernel::{MemberId, OfferCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use crate::{
    commands::personal_offers::keep_offers::{list_members, publish_offer, put_offer, withdraw_offer},
    domain::{personal_offer::OfferTerms, taking::Stage},
    error::{
        CURSOR_INVALID, DATABASE_BUSY, GIFT_BUDGET_TOO_SMALL, LIMIT_OUT_OF_RANGE, Missing, OFFER_FIXED,
        OFFER_INVALID, OFFER_MEMBERS_INVALID, OFFER_OVER, OFFER_UNKNOWN, REWARD_UNKNOWN,
    },
    http::{Counter, pages, roles},
    store::personal_offers::{self, KeptOffer},
};

/// Members whom one request names at most.
const MOST_AT_ONCE: usize = 10_000;

pub(in crate::http) static PUT: RouteSpec =
    RouteSpec::put("/v1/personal-offers/{offer}", "put_personal_offer", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&OFFER_INVALID, &REWARD_UNKNOWN, &OFFER_FIXED, &GIFT_BUDGET_TOO_SMALL, &DATABASE_BUSY]);
pub(in crate::http) static MEMBERS: RouteSpec =
    RouteSpec::post("/v1/personal-offers/{offer}/members", "list_offer_members", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .heavy()
        .body_limit(512 * 1024)
        .problems(&[&OFFER_UNKNOWN, &OFFER_OVER, &OFFER_MEMBERS_INVALID, &DATABASE_BUSY]);
pub(in crate::http) static PUBLISH: RouteSpec =
    RouteSpec::post("/v1/personal-offers/{offer}/publication", "publish_personal_offer", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&OFFER_UNKNOWN, &OFFER_OVER, &DATABASE_BUSY]);
pub(in crate::http) static WITHDRAW: RouteSpec =
    RouteSpec::post("/v1/personal-offers/{offer}/withdrawal", "withdraw_personal_offer", Access::Operator)
        .staff(Bound::Chain, roles::KEEPERS)
        .problems(&[&OFFER_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/personal-offers/{offer}", "read_personal_offer", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&OFFER_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/personal-offers", "list_personal_offers", Access::Operator)
        .staff(Bound::Anywhere, roles::READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

/// An offer as the chain keeps it.
#[derive(Serialize, ToSchema)]
pub struct KeptPersonalOffer {
    /// Its code.
    #[schema(value_type = String, example = "coffee-week")]
    pub offer: OfferCode,
    /// `draft`, `scheduled`, `live`, `used_up`, `over` (by its time) or `withdrawn`.
    #[schema(example = "live")]
    pub state: &'static str,
    /// What it says.
    pub terms: OfferTerms,
    /// Members on its list.
    pub listed: i64,
    /// Activations, all in all.
    pub activated: i64,
    /// How many are taken of its budget: activated and waiting, or given.
    pub taken: i64,
    /// What those cost, in minor units.
    pub spent: i64,
    /// When it was published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub published_at: Option<Timestamp>,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<Timestamp>,
}

impl KeptPersonalOffer {
    fn of(kept: KeptOffer, now: Timestamp) -> Self {
        let state = match kept.stage {
            Stage::Draft => "draft",
            Stage::Ended => "withdrawn",
            Stage::Live if now < kept.terms.from => "scheduled",
            Stage::Live if kept.terms.until <= now => "over",
            Stage::Live if kept.is_used_up(0) => "used_up",
            Stage::Live => "live",
        };
        Self {
            state,
            listed: kept.listed,
            activated: kept.activated,
            taken: kept.taken,
            spent: kept.spent,
            published_at: kept.live_at,
            withdrawn_at: kept.withdrawn_at,
            offer: kept.code,
            terms: kept.terms,
        }
    }
}

/// Who is put on an offer's list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OfferMembersBody {
    /// Their ids, 1 to 10,000 at once; whoever is on it stays.
    #[schema(min_items = 1, max_items = 10_000)]
    pub members: Vec<MemberId>,
}

/// What became of a list.
#[derive(Serialize, ToSchema)]
pub struct OfferMembersListed {
    /// How many were new.
    pub added: i64,
    /// How many are on it now.
    pub listed: i64,
}

/// Which offers.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PersonalOffersParams {
    /// How many, 1 to 200; 50 when it is not said.
    #[param(minimum = 1, maximum = 200)]
    pub limit: Option<u64>,
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
}

/// A page of offers, by code.
#[derive(Serialize, ToSchema)]
pub struct PersonalOfferPage {
    /// The offers.
    pub offers: Vec<KeptPersonalOffer>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Writes a personal offer down.
///
/// A draft is replaced. Of one that is published the texts, the end, the budget and the categories may change; of one that is withdrawn nothing.
#[utoipa::path(
    put, path = "/v1/personal-offers/{offer}", operation_id = "put_personal_offer", tag = "offers",
    params(("offer" = OfferCode, Path, description = "The offer's code.")),
    request_body(content = OfferTerms, example = json!({
        "title": {"en": "A cake with your coffee", "fa": "کیک با قهوه"}, "from": "2026-12-01T00:00:00Z", "until": "2027-01-01T00:00:00Z",
        "audience": {"segments": ["coffee-lovers"]}, "activation": {"use_within_hours": 72},
        "condition": {"minimum_amount": 500_000, "category": "coffee"}, "reward": "cake", "budget": {"count": 1000, "cost": 90_000_000},
    })),
    responses((status = 200, description = "The offer as it is now.", body = KeptPersonalOffer))
)]
pub(in crate::http) async fn put_personal_offer(
    State(counter): State<Counter>,
    PathParams(code): PathParams<OfferCode>,
    Body(terms): Body<OfferTerms>,
) -> Result<Json<KeptPersonalOffer>, Problem> {
    if let Some(pointer) = terms.mistake() {
        return Err(Problem::new(&OFFER_INVALID).pointer(pointer));
    }
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { put_offer(&desk, &code, &terms).await }).await?;
    Ok(Json(KeptPersonalOffer::of(kept, counter.now())))
}

/// Puts members on an offer's list.
///
/// Whoever was merged is put there as who they are now; whose data is erased is left out. Send longer lists in parts: once more changes nothing.
#[utoipa::path(
    post, path = "/v1/personal-offers/{offer}/members", operation_id = "list_offer_members", tag = "offers",
    params(("offer" = OfferCode, Path, description = "The offer's code.")),
    request_body = OfferMembersBody,
    responses((status = 200, description = "How many were new.", body = OfferMembersListed))
)]
pub(in crate::http) async fn list_offer_members(
    State(counter): State<Counter>,
    PathParams(code): PathParams<OfferCode>,
    Body(body): Body<OfferMembersBody>,
) -> Result<Json<OfferMembersListed>, Problem> {
    if !(1..=MOST_AT_ONCE).contains(&body.members.len()) {
        return Err(Problem::new(&OFFER_MEMBERS_INVALID).pointer("/members"));
    }
    let desk = counter.desk.clone();
    let (added, kept) =
        store::shielded(async move { list_members(&desk, &code, &body.members).await }).await?;
    Ok(Json(OfferMembersListed { added, listed: kept.listed }))
}

/// Publishes an offer: members have it from its beginning on.
#[utoipa::path(
    post, path = "/v1/personal-offers/{offer}/publication", operation_id = "publish_personal_offer", tag = "offers",
    params(("offer" = OfferCode, Path, description = "The offer's code.")),
    responses((status = 200, description = "The offer as it is now.", body = KeptPersonalOffer))
)]
pub(in crate::http) async fn publish_personal_offer(
    State(counter): State<Counter>,
    PathParams(code): PathParams<OfferCode>,
) -> Result<Json<KeptPersonalOffer>, Problem> {
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { publish_offer(&desk, &code).await }).await?;
    Ok(Json(KeptPersonalOffer::of(kept, counter.now())))
}

/// Withdraws an offer: nobody takes it up any more.
///
/// What was activated before can be used until its time is over; vouchers that were given stay.
#[utoipa::path(
    post, path = "/v1/personal-offers/{offer}/withdrawal", operation_id = "withdraw_personal_offer", tag = "offers",
    params(("offer" = OfferCode, Path, description = "The offer's code.")),
    responses((status = 200, description = "The offer as it is now.", body = KeptPersonalOffer))
)]
pub(in crate::http) async fn withdraw_personal_offer(
    State(counter): State<Counter>,
    PathParams(code): PathParams<OfferCode>,
) -> Result<Json<KeptPersonalOffer>, Problem> {
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { withdraw_offer(&desk, &code).await }).await?;
    Ok(Json(KeptPersonalOffer::of(kept, counter.now())))
}

/// Shows an offer, and how much of it is taken.
#[utoipa::path(
    get, path = "/v1/personal-offers/{offer}", operation_id = "read_personal_offer", tag = "offers",
    params(("offer" = OfferCode, Path, description = "The offer's code.")),
    responses((status = 200, description = "The offer.", body = KeptPersonalOffer))
)]
pub(in crate::http) async fn read_personal_offer(
    State(counter): State<Counter>,
    PathParams(code): PathParams<OfferCode>,
) -> Result<Json<KeptPersonalOffer>, Problem> {
    let found = personal_offers::load(counter.desk.database.connection(), &code).await?;
    Ok(Json(KeptPersonalOffer::of(found.ok_or(Missing::Offer)?, counter.now())))
}

/// Lists offers, drafts and those that are over with them.
#[utoipa::path(
    get, path = "/v1/personal-offers", operation_id = "list_personal_offers", tag = "offers",
    params(PersonalOffersParams),
    responses((status = 200, description = "A page of offers.", body = PersonalOfferPage))
)]
pub(in crate::http) async fn list_personal_offers(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<PersonalOffersParams>,
) -> Result<Json<PersonalOfferPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<OfferCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", OfferCode::as_str);
    let mut found = personal_offers::list(counter.desk.database.connection(), after, limit + 1).await?;
    let next_cursor = pages::cut(&mut found, limit, |kept| kept.code.clone());
    let now = counter.now();
    Ok(Json(PersonalOfferPage {
        offers: found.into_iter().map(|kept| KeptPersonalOffer::of(kept, now)).collect(),
        has_more: next_cursor.is_some(),
        next_cursor,
    }))
}
