//! Money that came from the payment provider and that no checkout wanted: finance looks at it, and says what became of it.

use axum::extract::State;
use kernel::{CheckoutId, Currency, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, roles, staff::who};
use crate::{
    commands::settle_stray::settle_stray,
    domain::stray::{Outcome, Stray, StrayReason},
    error::{DATABASE_BUSY, STRAY_SETTLED, STRAY_UNKNOWN},
    queries::plans::open_strays,
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/stray-payments", "list_stray_payments", Access::Operator)
        .staff(Bound::Chain, roles::MONEY_READERS)
        .problems(&[&DATABASE_BUSY]);

pub(super) static SETTLE: RouteSpec = RouteSpec::put(
    "/v1/stray-payments/{stray_payment_id}/settlement",
    "settle_stray_payment",
    Access::Operator,
)
.staff(Bound::Chain, roles::MONEY_HANDS)
.body_limit(1024)
.problems(&[&STRAY_UNKNOWN, &STRAY_SETTLED, &DATABASE_BUSY]);

/// Why money was wanted by no checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StrayReasonView {
    /// Its reference leads to no checkout.
    Unknown,
    /// Its checkout had lapsed, or failed.
    Over,
    /// Its checkout was paid by another payment.
    PaidBefore,
    /// It is more or less than was asked for, or of another currency.
    Amount,
    /// The period was paid at a till meanwhile, or another plan runs.
    Plan,
}

/// What became of a stray payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SettledAs {
    /// It was paid back at the provider.
    PaidBack,
    /// The member got something else for it.
    MadeGood,
    /// It is not this chain's.
    NotOurs,
}

/// What is said of a stray payment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettlementBody {
    /// What became of it.
    pub outcome: SettledAs,
}

/// Money that no checkout wanted.
#[derive(Debug, Serialize, ToSchema)]
pub struct StrayPaymentView {
    /// Its id here.
    pub stray_payment_id: PaymentId,
    /// What the provider calls it: it is paid back under this name.
    #[schema(example = "pay_7")]
    pub payment: String,
    /// The checkout that it came for, as far as it named one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_id: Option<CheckoutId>,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// Why it was not wanted.
    pub reason: StrayReasonView,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// What became of it; absent while nobody has said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// Stray payments that somebody has to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct StrayPaymentsView {
    /// The oldest first, 100 at most; those that are settled make room for the next ones.
    pub payments: Vec<StrayPaymentView>,
}

impl From<Stray> for StrayPaymentView {
    fn from(stray: Stray) -> Self {
        let reason = match stray.reason {
            StrayReason::Unknown => StrayReasonView::Unknown,
            StrayReason::Over => StrayReasonView::Over,
            StrayReason::PaidBefore => StrayReasonView::PaidBefore,
            StrayReason::Amount => StrayReasonView::Amount,
            StrayReason::Plan => StrayReasonView::Plan,
        };
        Self {
            stray_payment_id: stray.id,
            payment: stray.money.payment,
            checkout_id: stray.checkout,
            amount: stray.money.amount,
            currency: stray.money.currency,
            reason,
            noted_at: stray.noted_at,
            outcome: stray.outcome,
        }
    }
}

/// Lists money that came from the payment provider, that no checkout wanted, and that nobody has settled.
#[utoipa::path(
    get, path = "/v1/stray-payments", operation_id = "list_stray_payments", tag = "plans",
    responses((status = 200, description = "The payments.", body = StrayPaymentsView))
)]
pub(super) async fn list(State(counter): State<Counter>) -> Result<Private<StrayPaymentsView>, Problem> {
    let strays = open_strays(&counter.desk().vault).await?;
    Ok(private(StrayPaymentsView { payments: strays.into_iter().map(StrayPaymentView::from).collect() }))
}

/// Says what became of a stray payment: it is on the list no more. The same again changes nothing.
///
/// It moves no money: whoever says that it was paid back has done so at the provider.
#[utoipa::path(
    put, path = "/v1/stray-payments/{stray_payment_id}/settlement", operation_id = "settle_stray_payment",
    tag = "plans",
    params(("stray_payment_id" = PaymentId, Path, description = "The stray payment's id.")),
    request_body(content = SettlementBody),
    responses((status = 200, description = "It is settled.", body = StrayPaymentView))
)]
pub(super) async fn settle(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<PaymentId>,
    deadline: DeadlineAt,
    Body(body): Body<SettlementBody>,
) -> Result<Private<StrayPaymentView>, Problem> {
    let outcome = match body.outcome {
        SettledAs::PaidBack => Outcome::PaidBack,
        SettledAs::MadeGood => Outcome::MadeGood,
        SettledAs::NotOurs => Outcome::NotOurs,
    };
    deadline.check()?;
    Ok(private(settle_stray(counter.desk(), id, outcome, who(&caller)).await?.into()))
}
