//! What the chain promises members who bring friends.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{Currency, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::{Put, put_referral_terms::put_referral_terms},
    domain::{
        question::Words,
        referral_terms::{ReferralTerms, ReferralTermsFlaw},
    },
    error::{CONTENDED, DATABASE_BUSY, Error, Missing, REFERRAL_TERMS_INVALID, REFERRAL_TERMS_UNKNOWN},
    queries::referrals::terms,
    store::referral_terms::Versioned,
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/referral-terms", "put_referral_terms", Access::Operator)
        .staff(Bound::Chain, roles::MARKETERS)
        .body_limit(16 * 1024)
        .problems(&[&REFERRAL_TERMS_INVALID, &CONTENDED, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/referral-terms", "read_referral_terms", Access::Operator)
        .staff(Bound::Anywhere, roles::MARKETING_READERS)
        .problems(&[&REFERRAL_TERMS_UNKNOWN, &DATABASE_BUSY]);

/// What shall hold for whoever gives a code from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReferralTermsBody {
    /// Whether friends are referred now. Referrals that were made go on.
    #[serde(default = "now")]
    pub live: bool,
    /// The least that the friend's purchase costs, in minor units.
    #[schema(example = 2_000_000)]
    pub minimum_amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How long the friend has for it, in days from giving the code: 1 to 365.
    #[schema(example = 30)]
    pub days: u16,
    /// How long after joining the code is given, in days: 1 to 90.
    #[schema(example = 7)]
    pub join_days: u16,
    /// The most referrals of one member within 30 days: 1 to 1,000.
    #[schema(example = 10)]
    pub per_month: u16,
    /// The address that members pass on: https, 200 characters at most, with `{code}` once in the place of their code.
    #[schema(example = "https://club.example/join?code={code}")]
    pub link: String,
    /// What members write to their friends: a line of 200 characters at most in each language, with `{link}` or `{code}` in it.
    pub invitation: Words,
}

const fn now() -> bool {
    true
}

/// What holds for whoever gives a code now.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralTermsView {
    /// From 1; goes up with each change.
    #[schema(example = 1)]
    pub version: u64,
    /// Since when.
    pub since: Timestamp,
    /// Whether friends are referred now.
    pub live: bool,
    /// The least that the friend's purchase costs, in minor units.
    pub minimum_amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How long the friend has for it, in days from giving the code.
    pub days: u16,
    /// How long after joining the code is given, in days.
    pub join_days: u16,
    /// The most referrals of one member within 30 days.
    pub per_month: u16,
    /// The address that members pass on.
    pub link: String,
    /// What members write to their friends.
    pub invitation: Words,
}

impl From<Versioned> for ReferralTermsView {
    fn from(known: Versioned) -> Self {
        let Versioned { version, terms, since } = known;
        let ReferralTerms { live, minimum_amount, currency, days, join_days, per_month, link, invitation } =
            terms;
        Self { version, since, live, minimum_amount, currency, days, join_days, per_month, link, invitation }
    }
}

impl From<ReferralTermsBody> for ReferralTerms {
    fn from(body: ReferralTermsBody) -> Self {
        let ReferralTermsBody {
            live,
            minimum_amount,
            currency,
            days,
            join_days,
            per_month,
            link,
            invitation,
        } = body;
        Self { live, minimum_amount, currency, days, join_days, per_month, link, invitation }
    }
}

/// Says what friends must buy, in what time, and what members pass on to them.
///
/// It holds for whoever gives a code from now on: what others were promised stays. What both sides earn stands in the
/// programme, in rules about the actions `referral` and `referred`.
#[utoipa::path(
    put, path = "/v1/referral-terms", operation_id = "put_referral_terms", tag = "referrals",
    request_body(content = ReferralTermsBody),
    responses(
        (status = 201, description = "Members can refer friends from now on.", body = ReferralTermsView),
        (status = 200, description = "There were terms; they are now as sent.", body = ReferralTermsView),
    )
)]
pub(super) async fn put_terms(
    State(counter): State<Counter>,
    Body(body): Body<ReferralTermsBody>,
) -> Result<(StatusCode, Json<ReferralTermsView>), Problem> {
    let checked = ReferralTerms::from(body).checked().map_err(|ReferralTermsFlaw(field)| {
        Problem::new(&REFERRAL_TERMS_INVALID).arg("field", field).pointer(format!("/{field}"))
    })?;
    Ok(match put_referral_terms(counter.desk(), checked).await? {
        Put::New(terms) => (StatusCode::CREATED, Json(terms.into())),
        Put::Known(terms) => (StatusCode::OK, Json(terms.into())),
    })
}

/// Shows what holds for referrals now.
#[utoipa::path(
    get, path = "/v1/referral-terms", operation_id = "read_referral_terms", tag = "referrals",
    responses((status = 200, description = "The terms.", body = ReferralTermsView))
)]
pub(super) async fn read_terms(State(counter): State<Counter>) -> Result<Json<ReferralTermsView>, Problem> {
    let known = terms(&counter.desk().vault).await?;
    Ok(Json(known.ok_or(Error::from(Missing::ReferralTerms))?.into()))
}
