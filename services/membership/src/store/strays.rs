//! Money that no checkout wanted, and what became of it.

use anyhow::{Context as _, anyhow};
use kernel::{CheckoutId, Currency, MemberId, PaymentId, StaffId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use store::Tx;

use super::{
    instant,
    tables::stray_payments::{Column, Entity, Model},
};
use crate::{
    domain::{
        checkout::Money,
        stray::{Outcome, Stray, StrayReason},
    },
    error::Error,
};

/// Notes a stray payment; the same one again changes nothing.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, stray: &Stray, member: Option<MemberId>) -> Result<(), Error> {
    let row = Model {
        id: stray.id.as_uuid(),
        payment: stray.money.payment.clone(),
        checkout_id: stray.checkout.map(CheckoutId::as_uuid),
        member_id: member.map(MemberId::as_uuid),
        amount: stray.money.amount,
        currency: stray.money.currency.to_string(),
        reason: stray.reason.word().to_owned(),
        noted_at: stray.noted_at.micros(),
        settled_at: None,
        outcome: None,
        settled_by: None,
    };
    let insert = Entity::insert(row.into_active_model());
    insert.on_conflict(OnConflict::new().do_nothing().to_owned()).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` stray payments that nobody has settled, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn open(on: &impl ConnectionTrait, limit: u64) -> Result<Vec<Stray>, Error> {
    let query = Entity::find().filter(Column::SettledAt.is_null());
    let ordered = query.order_by_asc(Column::NotedAt).order_by_asc(Column::Id).limit(limit);
    ordered.all(on).await?.iter().map(stray).collect()
}

/// The stray payment.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: PaymentId) -> Result<Option<Stray>, Error> {
    Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(stray).transpose()
}

/// Whether somebody said what became of this payment of the provider.
///
/// # Errors
/// A fault of the database.
pub async fn is_settled(on: &impl ConnectionTrait, payment: &str) -> Result<bool, Error> {
    let query = Entity::find().filter(Column::Payment.eq(payment)).filter(Column::SettledAt.is_not_null());
    Ok(query.limit(1).one(on).await?.is_some())
}

/// Says what became of a stray payment; `false` when somebody had said so.
///
/// # Errors
/// A fault of the database.
pub async fn settle(
    tx: &Tx,
    id: PaymentId,
    outcome: Outcome,
    by: Option<StaffId>,
    now: Timestamp,
) -> Result<bool, Error> {
    let update = settling(outcome, now).col_expr(Column::SettledBy, Expr::value(by.map(StaffId::as_uuid)));
    Ok(update.filter(Column::Id.eq(id.as_uuid())).exec(tx).await?.rows_affected == 1)
}

/// The payment was counted after all: nobody needs to look at it any more.
///
/// # Errors
/// A fault of the database.
pub async fn counted(tx: &Tx, payment: &str, now: Timestamp) -> Result<(), Error> {
    settling(Outcome::Counted, now).filter(Column::Payment.eq(payment)).exec(tx).await?;
    Ok(())
}

fn settling(outcome: Outcome, now: Timestamp) -> sea_orm::UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::SettledAt, Expr::value(now.micros()))
        .col_expr(Column::Outcome, Expr::value(outcome.word()))
        .filter(Column::SettledAt.is_null())
}

fn stray(row: &Model) -> Result<Stray, Error> {
    let id = PaymentId::from_uuid(row.id);
    let reason = StrayReason::ALL.into_iter().find(|reason| reason.word() == row.reason);
    let outcome = |word: &str| Outcome::ALL.into_iter().find(|outcome| outcome.word() == word);
    let settled =
        row.outcome.as_deref().map(|word| outcome(word).with_context(|| format!("stray payment {id}")));
    Ok(Stray {
        id,
        checkout: row.checkout_id.map(CheckoutId::from_uuid),
        money: Money {
            payment: row.payment.clone(),
            amount: row.amount,
            currency: Currency::parse(&row.currency).with_context(|| format!("stray payment {id}"))?,
        },
        reason: reason.ok_or_else(|| anyhow!("stray payment {id} is {:?}", row.reason))?,
        noted_at: instant(row.noted_at),
        outcome: settled.transpose()?,
    })
}
