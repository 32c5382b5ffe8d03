//! Periods of plans on their way to being paid in the app.

use anyhow::{Context as _, anyhow};
use kernel::{CheckoutId, Currency, Language, MemberId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use store::Tx;

use super::{
    coded, instant, spoken,
    tables::{
        members,
        plan_checkouts::{Column, Entity, Model},
    },
};
use crate::{
    domain::checkout::{Checkout, CheckoutState},
    error::Error,
};

/// The checkout.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: CheckoutId) -> Result<Option<Checkout>, Error> {
    Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(checkout).transpose()
}

/// The checkout that this call of the member began.
///
/// # Errors
/// A fault of the database.
pub async fn of_key(
    on: &impl ConnectionTrait,
    member: MemberId,
    key: &str,
) -> Result<Option<Checkout>, Error> {
    let query = Entity::find().filter(Column::MemberId.eq(member.as_uuid())).filter(Column::CallKey.eq(key));
    query.one(on).await?.as_ref().map(checkout).transpose()
}

/// The member's checkout that has not ended.
///
/// # Errors
/// A fault of the database.
pub async fn open_of(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<Checkout>, Error> {
    let query = Entity::find().filter(Column::MemberId.eq(member.as_uuid()));
    query.filter(Column::EndedAt.is_null()).one(on).await?.as_ref().map(checkout).transpose()
}

/// The language of whoever pays.
///
/// # Errors
/// A fault of the database.
pub async fn language_of(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<Language>, Error> {
    let query = members::Entity::find_by_id(member.as_uuid()).select_only().column(members::Column::Language);
    let tag: Option<String> = query.into_tuple().one(on).await?;
    tag.as_deref().map(spoken).transpose()
}

/// Stores a new checkout; `false` when the member has another one that is open, or the key has one.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, checkout: &Checkout) -> Result<bool, Error> {
    let insert = Entity::insert(row(checkout).into_active_model());
    let first = insert.on_conflict(OnConflict::new().do_nothing().to_owned());
    Ok(first.exec_without_returning(tx).await? == 1)
}

/// Stores how far a checkout is; `false`, and nothing is stored, when it has ended meanwhile.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &Tx, checkout: &Checkout) -> Result<bool, Error> {
    let row = row(checkout);
    let update = Entity::update_many()
        .col_expr(Column::State, Expr::value(row.state))
        .col_expr(Column::Payment, Expr::value(row.payment))
        .col_expr(Column::Page, Expr::value(row.page))
        .col_expr(Column::EndedAt, Expr::value(row.ended_at))
        .col_expr(Column::Asked, Expr::value(row.asked))
        .col_expr(Column::NextAt, Expr::value(row.next_at));
    let open = update.filter(Column::Id.eq(row.id)).filter(Column::EndedAt.is_null());
    Ok(open.exec(tx).await?.rows_affected == 1)
}

/// Up to `limit` checkouts that are due to be looked at, those that have waited longest first.
///
/// # Errors
/// A fault of the database.
pub async fn due(on: &impl ConnectionTrait, now: Timestamp, limit: u64) -> Result<Vec<Checkout>, Error> {
    let query = Entity::find().filter(Column::NextAt.lte(now.micros()));
    let ordered = query.order_by_asc(Column::NextAt).order_by_asc(Column::Id).limit(limit);
    ordered.all(on).await?.iter().map(checkout).collect()
}

/// Takes a checkout that is due until `until`; `false` when somebody else did, or it has ended.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &Tx, checkout: &Checkout, until: Timestamp) -> Result<bool, Error> {
    let update = Entity::update_many()
        .col_expr(Column::NextAt, Expr::value(until.micros()))
        .filter(Column::Id.eq(checkout.id.as_uuid()))
        .filter(Column::NextAt.eq(checkout.next_at.map(Timestamp::micros)));
    Ok(update.exec(tx).await?.rows_affected == 1)
}

fn row(checkout: &Checkout) -> Model {
    Model {
        id: checkout.id.as_uuid(),
        member_id: checkout.member.as_uuid(),
        plan: checkout.plan.to_string(),
        version: checkout.version.into(),
        amount: checkout.amount,
        currency: checkout.currency.to_string(),
        call_key: checkout.key.clone(),
        begun_at: checkout.begun_at.micros(),
        expires_at: checkout.expires_at.micros(),
        state: checkout.state.word().to_owned(),
        payment: checkout.payment.clone(),
        page: checkout.page.clone(),
        ended_at: checkout.ended_at.map(Timestamp::micros),
        asked: checkout.asked.into(),
        next_at: checkout.next_at.map(Timestamp::micros),
    }
}

fn checkout(row: &Model) -> Result<Checkout, Error> {
    let id = CheckoutId::from_uuid(row.id);
    let broken = || format!("checkout {id}");
    let state = CheckoutState::ALL.into_iter().find(|state| state.word() == row.state);
    Ok(Checkout {
        id,
        member: MemberId::from_uuid(row.member_id),
        plan: coded(&row.plan)?,
        version: u32::try_from(row.version).with_context(broken)?,
        amount: row.amount,
        currency: Currency::parse(&row.currency).with_context(broken)?,
        key: row.call_key.clone(),
        begun_at: instant(row.begun_at),
        expires_at: instant(row.expires_at),
        state: state.ok_or_else(|| anyhow!("checkout {id} is {:?}", row.state))?,
        payment: row.payment.clone(),
        page: row.page.clone(),
        ended_at: row.ended_at.map(instant),
        asked: u32::try_from(row.asked).with_context(broken)?,
        next_at: row.next_at.map(instant),
    })
}
