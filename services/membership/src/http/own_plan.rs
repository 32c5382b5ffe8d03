//! A member's paid plan: what they have, paying for it at a till, and ending it.

use axum::{
    extract::State,
    http::{HeaderName, StatusCode},
    response::{IntoResponse, Response},
};
use contracts::membership::PlanStanding;
use kernel::{BranchCode, CheckoutId, Currency, Day, MemberId, PaymentId, PlanCode, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, IdempotencyKey, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, roles};
use crate::{
    commands::{Put, end_plan, pay_plan::pay_plan},
    domain::{
        LineFlaw,
        payment::{PaidAt, Payment, RECEIPT_LIMIT, Taken, TillReceipt, read_receipt},
        plan::Plan,
        subscription::Subscription,
    },
    error::{
        CONTENDED, DATABASE_BUSY, KEY_REUSED, MEMBER_UNKNOWN, PLAN_AMOUNT_WRONG, PLAN_CLOSED, PLAN_NONE,
        PLAN_NOT_DUE, PLAN_OTHER, PLAN_UNKNOWN, RECEIPT_INVALID, RECEIPT_TAKEN,
    },
    queries::plans::{own_payments, own_plan},
};

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/plan", "read_own_plan", Access::MemberTillOrOperator)
        .staff(Bound::Anywhere, roles::COUNTER_READERS)
        .lane(Lane::Till)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static CANCEL: RouteSpec =
    RouteSpec::put("/v1/members/{member_id}/plan/cancellation", "cancel_own_plan", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(&[&MEMBER_UNKNOWN, &PLAN_NONE, &DATABASE_BUSY]);

pub(super) static KEEP: RouteSpec =
    RouteSpec::delete("/v1/members/{member_id}/plan/cancellation", "keep_own_plan", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(&[&MEMBER_UNKNOWN, &PLAN_NONE, &DATABASE_BUSY]);

pub(super) static PAY: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/plan-payments", "pay_plan", Access::Till)
        .lane(Lane::Till)
        .keyed()
        .body_limit(4 * 1024)
        .problems(&[
            &MEMBER_UNKNOWN,
            &RECEIPT_INVALID,
            &KEY_REUSED,
            &RECEIPT_TAKEN,
            &PLAN_UNKNOWN,
            &PLAN_CLOSED,
            &PLAN_AMOUNT_WRONG,
            &PLAN_OTHER,
            &PLAN_NOT_DUE,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/plan-payments", "list_plan_payments", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// What a till took for a plan.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanPaymentBody {
    /// The plan.
    #[schema(example = "plus")]
    pub plan: PlanCode,
    /// The receipt's number at this till: a line of 1 to 64 characters. It names the payment for ever.
    #[schema(example = "R-20261121-0042")]
    pub receipt: String,
    /// How much, in minor units: exactly the price.
    #[schema(example = 5_000_000)]
    pub amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
}

/// A payment for a period of a plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanPaymentView {
    /// Its id.
    pub payment_id: PaymentId,
    /// Who has the plan.
    pub member_id: MemberId,
    /// Which plan.
    pub plan: PlanCode,
    /// The version of its terms.
    pub version: u32,
    /// How much, in minor units.
    pub amount: i64,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
    /// The first day that it pays for, on the chain's wall clock.
    #[schema(value_type = String, example = "2026-11-21")]
    pub from: Day,
    /// The last day.
    #[schema(value_type = String, example = "2026-12-20")]
    pub through: Day,
    /// When it was recorded.
    pub paid_at: Timestamp,
    /// Where it was paid, at a till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// At which till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub till: Option<TillCode>,
    /// Under which receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
    /// By which checkout it was paid, in the app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkout_id: Option<CheckoutId>,
}

/// Payments of a member.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanPaymentsView {
    /// The latest first, 100 at most.
    pub payments: Vec<PlanPaymentView>,
}

/// The plan that a member has, or had last.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubscriptionView {
    /// Which plan.
    pub plan: PlanCode,
    /// Where it stands.
    pub standing: PlanStanding,
    /// Whether the member has what it gives.
    pub running: bool,
    /// The last day that is paid for, on the chain's wall clock.
    #[schema(value_type = String, example = "2026-12-20")]
    pub through: Day,
    /// From when on the next period can be paid.
    #[schema(value_type = String, example = "2026-12-14")]
    pub renewable_from: Day,
    /// The last day on which the benefits go on without being paid for; absent when it was cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-12-23")]
    pub grace_through: Option<Day>,
    /// When the member said that it shall not go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_at: Option<Timestamp>,
    /// What the next period costs now, in minor units; absent when the plan is not sold any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<i64>,
    /// Of this currency.
    #[schema(value_type = String, example = "IRR")]
    pub currency: Currency,
}

/// A member's plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnPlanView {
    /// The plan; absent when they never had one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<SubscriptionView>,
}

impl SubscriptionView {
    fn of(own: &Subscription, plan: &Plan, today: Day) -> Self {
        Self {
            plan: own.plan.clone(),
            standing: own.standing_on(today),
            running: own.runs_on(today),
            through: own.through(),
            renewable_from: own.renewable_from(),
            grace_through: own.grace_through(),
            cancelled_at: own.cancelled_at,
            price: plan.terms.live.then_some(plan.terms.price),
            currency: plan.terms.currency,
        }
    }
}

impl From<Payment> for PlanPaymentView {
    fn from(payment: Payment) -> Self {
        let checkout_id = payment.at.app().map(|at| at.checkout);
        let (branch, till, receipt) = match payment.at {
            PaidAt::Till(TillReceipt { branch, till, receipt, .. }) => {
                (Some(branch), Some(till), Some(receipt))
            }
            PaidAt::App(_) => (None, None, None),
        };
        Self {
            payment_id: payment.id,
            member_id: payment.member,
            plan: payment.plan,
            version: payment.version,
            amount: payment.amount,
            currency: payment.currency,
            from: payment.bought.from,
            through: payment.bought.through,
            paid_at: payment.paid_at,
            branch,
            till,
            receipt,
            checkout_id,
        }
    }
}

async fn shown(counter: &Counter, member: MemberId) -> Result<Private<OwnPlanView>, Problem> {
    let own = own_plan(&counter.desk().vault, member).await?;
    let today = counter.today();
    let subscription = own.map(|(own, plan)| SubscriptionView::of(&own, &plan, today));
    Ok(private(OwnPlanView { subscription }))
}

/// Shows the plan that a member has, or had last.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/plan", operation_id = "read_own_plan", tag = "plans",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The member's plan.", body = OwnPlanView))
)]
pub(super) async fn read(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<OwnPlanView>, Problem> {
    shown(&counter, member_id).await
}

/// Ends a plan with what is paid for; in its days of grace, at once.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/plan/cancellation", operation_id = "cancel_own_plan", tag = "plans",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "It does not go on.", body = OwnPlanView))
)]
pub(super) async fn cancel(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
) -> Result<Private<OwnPlanView>, Problem> {
    deadline.check()?;
    end_plan::cancel_plan(counter.desk(), member_id, counter.today()).await?;
    shown(&counter, member_id).await
}

/// Takes back that a plan shall end.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/plan/cancellation", operation_id = "keep_own_plan", tag = "plans",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "It goes on, when it is paid for.", body = OwnPlanView))
)]
pub(super) async fn keep(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
) -> Result<Private<OwnPlanView>, Problem> {
    deadline.check()?;
    end_plan::keep_plan(counter.desk(), member_id, counter.today()).await?;
    shown(&counter, member_id).await
}

/// Records that a till took the price of a plan: it begins, or lasts one period longer.
///
/// The receipt names the payment for ever: the same again, under any key, is answered as it was, with `Idempotency-Replayed: true`. Show the
/// member's plan first: what cannot be paid is refused, and the money goes back.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/plan-payments", operation_id = "pay_plan", tag = "plans",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("Idempotency-Key" = String, Header, description = "The till's own name for this call."),
    ),
    request_body(content = PlanPaymentBody),
    responses(
        (status = 201, description = "The period is paid for.", body = PlanPaymentView),
        (status = 200, description = "It was recorded before.", body = PlanPaymentView),
    )
)]
pub(super) async fn pay(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member): PathParams<MemberId>,
    deadline: DeadlineAt,
    key: IdempotencyKey,
    Body(body): Body<PlanPaymentBody>,
) -> Result<Response, Problem> {
    let Caller::Till { branch, till, .. } = caller else { return Err(Problem::new(&web::ACCESS_DENIED)) };
    let receipt = read_receipt(&body.receipt).map_err(|_: LineFlaw| {
        Problem::new(&RECEIPT_INVALID).arg("limit", RECEIPT_LIMIT).pointer("/receipt")
    })?;
    let at = TillReceipt { branch, till, receipt, key: key.as_str().to_owned() };
    let PlanPaymentBody { plan, amount, currency, .. } = body;
    deadline.check()?;
    let taken = Taken { member, plan, amount, currency, at };
    Ok(match pay_plan(counter.desk(), taken, counter.today()).await? {
        Put::New(payment) => (StatusCode::CREATED, private(PlanPaymentView::from(payment))).into_response(),
        Put::Known(payment) => {
            (StatusCode::OK, [(REPLAYED, "true")], private(PlanPaymentView::from(payment))).into_response()
        }
    })
}

/// Lists what a member paid for plans.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/plan-payments", operation_id = "list_plan_payments", tag = "plans",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The payments.", body = PlanPaymentsView))
)]
pub(super) async fn list(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<PlanPaymentsView>, Problem> {
    let payments = own_payments(&counter.desk().vault, member_id).await?;
    Ok(private(PlanPaymentsView { payments: payments.into_iter().map(PlanPaymentView::from).collect() }))
}
