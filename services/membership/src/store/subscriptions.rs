//! Members' paid plans, and what they paid.

use anyhow::{Context as _, anyhow};
use contracts::membership::PlanStanding;
use kernel::{CheckoutId, Currency, Day, MemberId, PaymentId, Timestamp};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use store::Tx;

use super::{
    coded, counted, instant, signed,
    tables::{
        plan_payments,
        subscriptions::{Column, Entity, Model},
    },
};
use crate::{
    domain::{
        payment::{AppPayment, PaidAt, Payment, TillReceipt},
        subscription::{Bought, Subscription},
    },
    error::Error,
};

const WORDS: [(PlanStanding, &str); 5] = [
    (PlanStanding::Active, "active"),
    (PlanStanding::RenewalDue, "renewal_due"),
    (PlanStanding::Grace, "grace"),
    (PlanStanding::Lapsed, "lapsed"),
    (PlanStanding::Cancelled, "cancelled"),
];

/// The member's plan, whether it runs or not; `None` when they never had one.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<Subscription>, Error> {
    Entity::find_by_id(member.as_uuid()).one(on).await?.as_ref().map(subscription).transpose()
}

/// Stores a member's plan; `next_on` is the day on which it stands elsewhere. The transaction holds the member.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &Tx, subscription: &Subscription, next_on: Option<Day>) -> Result<(), Error> {
    let word = WORDS.iter().find(|(standing, _)| *standing == subscription.standing);
    let row = Model {
        member_id: subscription.member.as_uuid(),
        plan: subscription.plan.to_string(),
        version: subscription.version.into(),
        anchor: subscription.anchor.number(),
        months: subscription.months.into(),
        renew_days: subscription.renew_days.into(),
        grace_days: subscription.grace_days.into(),
        cancelled_at: subscription.cancelled_at.map(Timestamp::micros),
        standing: word.map_or("", |(_, word)| word).to_owned(),
        told: signed(subscription.told)?,
        next_on: next_on.map(Day::number),
    };
    let again = OnConflict::column(Column::MemberId)
        .update_columns([
            Column::Plan,
            Column::Version,
            Column::Anchor,
            Column::Months,
            Column::RenewDays,
            Column::GraceDays,
            Column::CancelledAt,
            Column::Standing,
            Column::Told,
            Column::NextOn,
        ])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` members whose plan stands elsewhere by this day than was told.
///
/// # Errors
/// A fault of the database.
pub async fn changed_by(on: &impl ConnectionTrait, day: Day, limit: u64) -> Result<Vec<MemberId>, Error> {
    let query = Entity::find().select_only().column(Column::MemberId);
    let query = query.filter(Column::NextOn.lte(day.number()));
    let ordered = query.order_by_asc(Column::NextOn).order_by_asc(Column::MemberId).limit(limit);
    let ids: Vec<uuid::Uuid> = ordered.into_tuple().all(on).await?;
    Ok(ids.into_iter().map(MemberId::from_uuid).collect())
}

/// Stores a payment; `false` when the receipt, the call or the period has one.
///
/// # Errors
/// A fault of the database.
pub async fn insert_payment(tx: &Tx, payment: &Payment) -> Result<bool, Error> {
    let (till, app) = (payment.at.till(), payment.at.app());
    let row = plan_payments::Model {
        id: payment.id.as_uuid(),
        member_id: payment.member.as_uuid(),
        plan: payment.plan.to_string(),
        version: payment.version.into(),
        amount: payment.amount,
        currency: payment.currency.to_string(),
        first_day: payment.bought.from.number(),
        last_day: payment.bought.through.number(),
        paid_at: payment.paid_at.micros(),
        branch: till.map(|at| at.branch.to_string()),
        till: till.map(|at| at.till.to_string()),
        receipt: till.map(|at| at.receipt.clone()),
        call_key: till.map(|at| at.key.clone()),
        checkout_id: app.map(|at| at.checkout.as_uuid()),
        provider_payment: app.map(|at| at.payment.clone()),
    };
    let insert = plan_payments::Entity::insert(row.into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}

/// Payments at a till under this receipt or this key: two at most.
///
/// # Errors
/// A fault of the database.
pub async fn payments_like(on: &impl ConnectionTrait, at: &TillReceipt) -> Result<Vec<Payment>, Error> {
    use plan_payments::{Column, Entity};
    let either = Condition::any()
        .add(Column::Receipt.eq(at.receipt.as_str()))
        .add(Column::CallKey.eq(at.key.as_str()));
    let query = Entity::find()
        .filter(Column::Branch.eq(at.branch.as_str()))
        .filter(Column::Till.eq(at.till.as_str()))
        .filter(either);
    query.all(on).await?.iter().map(payment).collect()
}

/// The checkout for which this payment of the provider was counted.
///
/// # Errors
/// A fault of the database.
pub async fn counted_for(on: &impl ConnectionTrait, payment: &str) -> Result<Option<CheckoutId>, Error> {
    use plan_payments::{Column, Entity};
    let row = Entity::find().filter(Column::ProviderPayment.eq(payment)).one(on).await?;
    Ok(row.and_then(|row| row.checkout_id).map(CheckoutId::from_uuid))
}

/// The last payments of a member, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn payments_of(
    on: &impl ConnectionTrait,
    member: MemberId,
    limit: u64,
) -> Result<Vec<Payment>, Error> {
    use plan_payments::{Column, Entity};
    let query = Entity::find().filter(Column::MemberId.eq(member.as_uuid())).order_by_desc(Column::FirstDay);
    query.limit(limit).all(on).await?.iter().map(payment).collect()
}

fn subscription(row: &Model) -> Result<Subscription, Error> {
    let member = MemberId::from_uuid(row.member_id);
    let standing = WORDS.iter().find(|(_, word)| *word == row.standing).map(|(standing, _)| *standing);
    let days = |days: i64| u16::try_from(days).with_context(|| format!("plan of {member}"));
    let whole = |number: i64| u32::try_from(number).with_context(|| format!("plan of {member}"));
    Ok(Subscription {
        member,
        plan: coded(&row.plan)?,
        version: whole(row.version)?,
        anchor: Day::from_number(row.anchor),
        months: whole(row.months)?,
        renew_days: days(row.renew_days)?,
        grace_days: days(row.grace_days)?,
        cancelled_at: row.cancelled_at.map(instant),
        standing: standing.ok_or_else(|| anyhow!("plan of {member} stands at {:?}", row.standing))?,
        told: counted(row.told)?,
    })
}

fn payment(row: &plan_payments::Model) -> Result<Payment, Error> {
    let id = PaymentId::from_uuid(row.id);
    let broken = || format!("payment {id}");
    Ok(Payment {
        id,
        member: MemberId::from_uuid(row.member_id),
        plan: coded(&row.plan)?,
        version: u32::try_from(row.version).with_context(broken)?,
        amount: row.amount,
        currency: Currency::parse(&row.currency).with_context(broken)?,
        bought: Bought { from: Day::from_number(row.first_day), through: Day::from_number(row.last_day) },
        paid_at: instant(row.paid_at),
        at: place(row)?.with_context(broken)?,
    })
}

/// Where a payment was made; `None` when the row does not say so.
fn place(row: &plan_payments::Model) -> Result<Option<PaidAt>, Error> {
    if let (Some(checkout), Some(payment)) = (row.checkout_id, row.provider_payment.clone()) {
        return Ok(Some(PaidAt::App(AppPayment { checkout: CheckoutId::from_uuid(checkout), payment })));
    }
    let (Some(branch), Some(till)) = (&row.branch, &row.till) else { return Ok(None) };
    let (Some(receipt), Some(key)) = (row.receipt.clone(), row.call_key.clone()) else { return Ok(None) };
    Ok(Some(PaidAt::Till(TillReceipt { branch: coded(branch)?, till: coded(till)?, receipt, key })))
}
