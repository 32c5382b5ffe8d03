//! Personal offers as members see them and take them up.

use axum::{Json, extract::State};
use kernel::{MemberId, OfferCode, RewardCode, Timestamp, VoucherId};
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, Lang, PathParams, Problem, RouteSpec};

use crate::{
    commands::personal_offers::activate_offer::{Tap, activate_offer},
    domain::personal_offer::{Activation, Condition},
    error::{
        DATABASE_BUSY, LIMIT_REACHED, Missing, NOT_OFFERED, OFFER_OVER, OFFER_TAPLESS, OFFER_UNKNOWN,
        OFFER_USED_UP, OUT_OF_STOCK, POINTS_SILENT,
    },
    http::{Counter, members::standing, redemptions::standing_of, roles, traceparent, views::Said},
    queries::personal_offers::{MemberOffer, Taken, member_offer, of_member},
    store::{personal_offers, takings},
};

pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/offers", "list_member_offers", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::MEMBER_READERS)
        .problems(&[&DATABASE_BUSY]);
pub(in crate::http) static ACTIVATE: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/offers/{offer}/activations/{number}",
    "activate_member_offer",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[
    &OFFER_UNKNOWN,
    &OFFER_OVER,
    &OFFER_TAPLESS,
    &LIMIT_REACHED,
    &OFFER_USED_UP,
    &NOT_OFFERED,
    &OUT_OF_STOCK,
    &POINTS_SILENT,
    &DATABASE_BUSY,
]);

/// What a member took up of an offer.
#[derive(Serialize, ToSchema)]
pub struct OfferTaking {
    /// The how-manyth time, from 1.
    #[schema(example = 1)]
    pub number: i64,
    /// `active` (it waits for the purchase), `given`, `lapsed` (its time was over), or `ended` (nothing came of it).
    #[schema(example = "active")]
    pub state: &'static str,
    /// When it was activated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activated_at: Option<Timestamp>,
    /// Until when the purchase can be made.
    pub use_by: Timestamp,
    /// Its voucher; absent while there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voucher_id: Option<VoucherId>,
    /// Why nothing came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "returned")]
    pub reason: Option<String>,
}

impl From<&Taken> for OfferTaking {
    fn from(taken: &Taken) -> Self {
        Self {
            number: taken.taking.number,
            state: taken.taking.state.word(),
            activated_at: taken.taking.activated_at,
            use_by: taken.taking.use_by,
            voucher_id: taken.voucher,
            reason: taken.reason.clone(),
        }
    }
}

/// An offer that a member has.
#[derive(Serialize, ToSchema)]
pub struct MemberOfferView {
    /// Its code.
    #[schema(value_type = String, example = "coffee-week")]
    pub offer: OfferCode,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<Said>,
    /// What is to be said of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<Said>,
    /// `open`, `used_up` (nothing is left of it), `had` (the member had it as often as they may) or `over`.
    #[schema(example = "open")]
    pub state: &'static str,
    /// Until then.
    pub until: Timestamp,
    /// Whether it is activated, and how; absent where it counts by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activation: Option<Activation>,
    /// The purchase that it asks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<Condition>,
    /// What it gives.
    #[schema(value_type = String, example = "cake")]
    pub reward: RewardCode,
    /// How often the member can take it up still.
    pub left: u32,
    /// What they took up of it.
    pub taken: Vec<OfferTaking>,
}

impl MemberOfferView {
    pub(super) fn of(found: &MemberOffer, Lang(language): Lang) -> Self {
        let terms = &found.kept.terms;
        let state = match (found.open, found.left, found.used_up) {
            (false, ..) => "over",
            (true, 0, _) => "had",
            (true, _, true) => "used_up",
            (true, ..) => "open",
        };
        Self {
            offer: found.kept.code.clone(),
            title: Said::of(&terms.title, language),
            about: Said::of(&terms.about, language),
            state,
            until: terms.until,
            activation: terms.activation,
            condition: terms.condition.clone(),
            reward: terms.reward.clone(),
            left: found.left,
            taken: found.taken.iter().map(OfferTaking::from).collect(),
        }
    }
}

/// A member's offers.
#[derive(Serialize, ToSchema)]
pub struct MemberOffers {
    /// Those that are open to them, and those that they activated and can use, by code.
    pub offers: Vec<MemberOfferView>,
}

/// Lists a member's own offers.
///
/// Where points does not say in time where the member stands, offers for segments and tiers are left out.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/offers", operation_id = "list_member_offers", tag = "offers",
    params(("member_id" = MemberId, Path, description = "The member.")),
    responses((status = 200, description = "The offers.", body = MemberOffers))
)]
pub(in crate::http) async fn list_member_offers(
    State(counter): State<Counter>,
    lang: Lang,
    PathParams(member): PathParams<MemberId>,
) -> Result<Json<MemberOffers>, Problem> {
    let standing = standing(&counter, member).await;
    let found = of_member(&counter.desk.database, (member, standing.as_ref()), counter.now()).await?;
    Ok(Json(MemberOffers { offers: found.iter().map(|found| MemberOfferView::of(found, lang)).collect() }))
}

/// Activates an offer: it is given at once, or waits for the purchase that it asks for.
///
/// `number` counts the times, from 1; the same number again changes nothing and answers the same. What is activated is reserved for the
/// member until its time is over.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/offers/{offer}/activations/{number}", operation_id = "activate_member_offer", tag = "offers",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("offer" = OfferCode, Path, description = "The offer's code."),
        ("number" = u32, Path, description = "The how-manyth time, from 1."),
    ),
    responses((status = 200, description = "The offer as the member has it now.", body = MemberOfferView))
)]
pub(in crate::http) async fn activate_member_offer(
    State(counter): State<Counter>,
    lang: Lang,
    PathParams((member, offer, number)): PathParams<(MemberId, OfferCode, u32)>,
) -> Result<Json<MemberOfferView>, Problem> {
    let on = counter.desk.database.connection();
    let known = personal_offers::load(on, &offer).await?.ok_or(Missing::Offer)?;
    let standing =
        if known.terms.audience.asks_standing() { Some(standing_of(&counter, member).await?) } else { None };
    let tap = Tap { offer, member, number, standing, traceparent: traceparent() };
    let desk = counter.desk.clone();
    let (kept, _) = store::shielded(async move { activate_offer(&desk, &tap).await }).await?;
    let own = takings::of_member(on, member, Some(&kept.code)).await?;
    let found = member_offer(&counter.desk.database, kept, own, counter.now()).await?;
    Ok(Json(MemberOfferView::of(&found, lang)))
}
