//! Paying for a plan in the app: a checkout, and where it stands.

use axum::{
    extract::State,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use kernel::{CheckoutId, Currency, MemberId, PlanCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, DeadlineAt, IdempotencyKey, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, roles};
use crate::{
    commands::{Put, checkouts::begin_checkout},
    domain::checkout::{Checkout, CheckoutState},
    error::{
        CHECKOUT_OPEN, CHECKOUT_UNKNOWN, CHECKOUTS_CLOSED, CONTENDED, DATABASE_BUSY, KEY_REUSED,
        MEMBER_UNKNOWN, PLAN_CLOSED, PLAN_NOT_DUE, PLAN_OTHER, PLAN_UNKNOWN,
    },
    queries::plans::own_checkout,
};

pub(super) static BEGIN: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/plan-checkouts", "begin_checkout", Access::Member)
        .keyed()
        .body_limit(1024)
        .problems(&[
            &CHECKOUTS_CLOSED,
            &MEMBER_UNKNOWN,
            &KEY_REUSED,
            &CHECKOUT_OPEN,
            &PLAN_UNKNOWN,
            &PLAN_CLOSED,
            &PLAN_OTHER,
            &PLAN_NOT_DUE,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

pub(super) static GET: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/plan-checkouts/{checkout_id}",
    "read_checkout",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT_READERS)
.problems(&[&MEMBER_UNKNOWN, &CHECKOUT_UNKNOWN, &DATABASE_BUSY]);

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// For which plan a member wants to pay.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckoutBody {
    /// The plan.
    #[schema(example = "plus")]
    pub plan: PlanCode,
}

/// How far a checkout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStateView {
    /// The provider has not answered yet: look again soon.
    Begun,
    /// The member pays at `page_url`.
    Waiting,
    /// The period is paid for.
    Paid,
    /// Nothing will be paid. Begin another one.
    Failed,
    /// Nobody paid in time. Begin another one.
    Lapsed,
}

/// A period of a plan on its way to being paid in the app.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckoutView {
    /// Its id.
    pub checkout_id: CheckoutId,
    /// For which plan.
    pub plan: PlanCode,
    /// On which version of its terms.
    pub version: u32,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// How far it is.
    pub state: CheckoutStateView,
    /// Where the member pays, while it waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://pay.example/p/7")]
    pub page_url: Option<String>,
    /// Until when it is waited for.
    pub expires_at: Timestamp,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

impl From<Checkout> for CheckoutView {
    fn from(checkout: Checkout) -> Self {
        let state = match checkout.state {
            CheckoutState::Begun => CheckoutStateView::Begun,
            CheckoutState::Waiting => CheckoutStateView::Waiting,
            CheckoutState::Paid => CheckoutStateView::Paid,
            CheckoutState::Failed => CheckoutStateView::Failed,
            CheckoutState::Lapsed => CheckoutStateView::Lapsed,
        };
        Self {
            checkout_id: checkout.id,
            plan: checkout.plan,
            version: checkout.version,
            amount: checkout.amount,
            currency: checkout.currency,
            state,
            page_url: checkout.page.filter(|_| state == CheckoutStateView::Waiting),
            expires_at: checkout.expires_at,
            ended_at: checkout.ended_at,
        }
    }
}

/// Begins to pay for the next period of a plan in the app.
///
/// Open `page_url` when there is one; while the state is `begun`, read the checkout again after a moment. What cannot be paid at a till
/// cannot be paid here. One checkout is open at a time: while it is, another call for the same plan gets it again, with
/// `Idempotency-Replayed: true`.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/plan-checkouts", operation_id = "begin_checkout", tag = "plans",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("Idempotency-Key" = String, Header, description = "The app's own name for this call."),
    ),
    request_body(content = CheckoutBody),
    responses(
        (status = 201, description = "It has begun.", body = CheckoutView),
        (status = 200, description = "It had begun before.", body = CheckoutView),
    )
)]
pub(super) async fn begin(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    deadline: DeadlineAt,
    key: IdempotencyKey,
    Body(body): Body<CheckoutBody>,
) -> Result<Response, Problem> {
    deadline.check()?;
    let begun = begin_checkout(counter.desk(), member, &body.plan, key.as_str(), counter.today()).await?;
    Ok(match begun {
        Put::New(checkout) => (StatusCode::CREATED, private(CheckoutView::from(checkout))).into_response(),
        Put::Known(checkout) => {
            (StatusCode::OK, [(REPLAYED, "true")], private(CheckoutView::from(checkout))).into_response()
        }
    })
}

/// Shows how far a checkout of a member is. It is kept for 90 days after it ended; what was paid stays.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/plan-checkouts/{checkout_id}", operation_id = "read_checkout",
    tag = "plans",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("checkout_id" = CheckoutId, Path, description = "The checkout's id."),
    ),
    responses((status = 200, description = "The checkout.", body = CheckoutView))
)]
pub(super) async fn read(
    State(counter): State<Counter>,
    PathParams((member, id)): PathParams<(MemberId, CheckoutId)>,
) -> Result<Private<CheckoutView>, Problem> {
    Ok(private(own_checkout(&counter.desk().vault, member, id).await?.into()))
}
