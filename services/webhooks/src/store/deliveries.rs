//! Messages to webhooks, and the attempts at each.

use std::sync::LazyLock;

use kernel::{DeliveryId, FactId, Timestamp, WebhookId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, prelude::Uuid, sea_query::Expr,
};
use store::{Column, ColumnType, Tx, bulk::BulkInsert};

use super::{
    broken, counted, instant, signed,
    tables::{
        attempts,
        deliveries::{ActiveModel, Column as Cell, Entity, Model},
    },
};
use crate::{
    domain::delivery::{Attempt, Delivery, Standing},
    error::Error,
};

/// A message that is to be recorded.
pub struct Fresh {
    /// Its id.
    pub id: DeliveryId,
    /// To whom.
    pub webhook: WebhookId,
    /// The fact; nothing for a test message.
    pub fact: Option<FactId>,
    /// The fact's kind.
    pub kind: String,
    /// What is sent.
    pub body: String,
}

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("webhook_id", ColumnType::Uuid),
        ("fact_id", ColumnType::Uuid),
        ("kind", ColumnType::Text),
        ("body", ColumnType::Text),
        ("standing", ColumnType::I16),
        ("attempts", ColumnType::I32),
        ("next_at", ColumnType::I64),
        ("deadline", ColumnType::I64),
        ("created_at", ColumnType::I64),
    ];
    BulkInsert::new("deliveries", &columns, "ON CONFLICT (webhook_id, fact_id) DO NOTHING")
});

/// Records messages that are due at once; **one for each fact and webhook, however often it is asked**. Answers how many
/// were new.
///
/// # Errors
/// A fault of the database.
pub async fn record(tx: &Tx, fresh: &[Fresh], now: Timestamp, deadline: Timestamp) -> Result<u64, Error> {
    if fresh.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = fresh.iter().map(|one| one.id.as_uuid()).collect();
    let webhooks: Vec<Uuid> = fresh.iter().map(|one| one.webhook.as_uuid()).collect();
    let fact = |one: &Fresh| one.fact.map_or(one.id.as_uuid(), FactId::as_uuid);
    let facts: Vec<Uuid> = fresh.iter().map(fact).collect();
    let kinds: Vec<&str> = fresh.iter().map(|one| one.kind.as_str()).collect();
    let bodies: Vec<&str> = fresh.iter().map(|one| one.body.as_str()).collect();
    let (standings, attempts) = (vec![Standing::Waiting.number(); fresh.len()], vec![0_i32; fresh.len()]);
    let (nows, deadlines) = (vec![now.micros(); fresh.len()], vec![deadline.micros(); fresh.len()]);
    let columns = [
        Column::Uuid(&ids),
        Column::Uuid(&webhooks),
        Column::Uuid(&facts),
        Column::Text(&kinds),
        Column::Text(&bodies),
        Column::I16(&standings),
        Column::I32(&attempts),
        Column::I64(&nows),
        Column::I64(&deadlines),
        Column::I64(&nows),
    ];
    Ok(INSERT.run(tx, &columns).await?)
}

/// Up to `limit` messages of a webhook that are due, with their bodies, the one that is due longest first.
///
/// # Errors
/// A fault of the database.
pub async fn due(
    on: &impl ConnectionTrait,
    webhook: WebhookId,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<(Delivery, String)>, Error> {
    let query = Entity::find()
        .filter(Cell::WebhookId.eq(webhook.as_uuid()))
        .filter(Cell::Standing.eq(Standing::Waiting.number()))
        .filter(Cell::NextAt.lte(now.micros()))
        .order_by_asc(Cell::NextAt)
        .order_by_asc(Cell::Id)
        .limit(limit);
    let rows = query.all(on).await?;
    let with_body = |row: &Model| {
        Ok((delivery(row)?, row.body.clone().ok_or_else(|| broken("a message without its body"))?))
    };
    rows.iter().map(with_body).collect()
}

/// Stores what became of a message after an attempt, and the attempt, unless somebody was faster.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, after: &Delivery, attempt: &Attempt) -> Result<bool, Error> {
    let keeps_body = after.standing != Standing::Delivered;
    let mut changed = Entity::update_many()
        .set(standing_of(after))
        .filter(Cell::Id.eq(after.id.as_uuid()))
        .filter(Cell::Standing.eq(Standing::Waiting.number()))
        .filter(Cell::Attempts.eq(signed(attempt.number.saturating_sub(1))));
    if !keeps_body {
        changed = changed.col_expr(Cell::Body, Expr::value(None::<String>));
    }
    if changed.exec(tx).await?.rows_affected == 0 {
        return Ok(false);
    }
    let row = attempts::Model {
        delivery_id: after.id.as_uuid(),
        number: signed(attempt.number),
        at: attempt.at.micros(),
        took_ms: signed(attempt.took_ms),
        status: attempt.status.map(i32::from),
        outcome: attempt.outcome.clone(),
    };
    attempts::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(true)
}

/// Stores where a message stands that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, delivery: &Delivery) -> Result<(), Error> {
    let changed = Entity::update_many().set(standing_of(delivery)).filter(Cell::Id.eq(delivery.id.as_uuid()));
    changed.exec(tx).await?;
    Ok(())
}

fn standing_of(delivery: &Delivery) -> ActiveModel {
    ActiveModel {
        standing: Set(delivery.standing.number()),
        attempts: Set(signed(delivery.attempts)),
        next_at: Set(delivery.next_at.micros()),
        deadline: Set(delivery.deadline.micros()),
        finished_at: Set(delivery.finished_at.map(Timestamp::micros)),
        last_status: Set(delivery.last_status.map(i32::from)),
        last_outcome: Set(delivery.last_outcome.clone()),
        ..Default::default()
    }
}

/// A message to this webhook.
///
/// # Errors
/// A fault of the database.
pub async fn load(
    on: &impl ConnectionTrait,
    webhook: WebhookId,
    id: DeliveryId,
) -> Result<Option<Delivery>, Error> {
    let query = Entity::find_by_id(id.as_uuid()).filter(Cell::WebhookId.eq(webhook.as_uuid()));
    query.one(on).await?.as_ref().map(delivery).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, webhook: WebhookId, id: DeliveryId) -> Result<Option<Delivery>, Error> {
    let query = Entity::find_by_id(id.as_uuid()).filter(Cell::WebhookId.eq(webhook.as_uuid()));
    query.lock_exclusive().one(tx).await?.as_ref().map(delivery).transpose()
}

/// Up to `limit` dead letters of a webhook that were recorded since then, oldest first, held against others until the
/// transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_dead(
    tx: &Tx,
    webhook: WebhookId,
    since: Timestamp,
    limit: u64,
) -> Result<Vec<Delivery>, Error> {
    let query = Entity::find()
        .filter(Cell::WebhookId.eq(webhook.as_uuid()))
        .filter(Cell::Standing.eq(Standing::Dead.number()))
        .filter(Cell::CreatedAt.gte(since.micros()))
        .order_by_asc(Cell::Id)
        .limit(limit)
        .lock_exclusive();
    query.all(tx).await?.iter().map(delivery).collect()
}

/// Up to `limit` messages to this webhook with ids before `before`, newest first; of one standing, when that is said.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    webhook: WebhookId,
    standing: Option<Standing>,
    before: Option<DeliveryId>,
    limit: u64,
) -> Result<Vec<Delivery>, Error> {
    let mut query =
        Entity::find().filter(Cell::WebhookId.eq(webhook.as_uuid())).order_by_desc(Cell::Id).limit(limit);
    if let Some(standing) = standing {
        query = query.filter(Cell::Standing.eq(standing.number()));
    }
    if let Some(before) = before {
        query = query.filter(Cell::Id.lt(before.as_uuid()));
    }
    query.all(on).await?.iter().map(delivery).collect()
}

/// The attempts at a message, in order.
///
/// # Errors
/// A fault of the database.
pub async fn attempts_at(on: &impl ConnectionTrait, id: DeliveryId) -> Result<Vec<Attempt>, Error> {
    let query = attempts::Entity::find()
        .filter(attempts::Column::DeliveryId.eq(id.as_uuid()))
        .order_by_asc(attempts::Column::Number);
    query.all(on).await?.iter().map(attempt).collect()
}

/// When the test messages of a webhook were recorded, after this time, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn recorded_since(
    on: &impl ConnectionTrait,
    webhook: WebhookId,
    kind: &str,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    let times = Entity::find()
        .select_only()
        .column(Cell::CreatedAt)
        .filter(Cell::WebhookId.eq(webhook.as_uuid()))
        .filter(Cell::Kind.eq(kind))
        .filter(Cell::CreatedAt.gt(since.micros()))
        .order_by_asc(Cell::CreatedAt);
    Ok(times.into_tuple::<i64>().all(on).await?.into_iter().map(instant).collect())
}

fn status(number: Option<i32>) -> Result<Option<u16>, Error> {
    number.map(|status| u16::try_from(status).map_err(|_| broken("a status"))).transpose()
}

fn attempt(row: &attempts::Model) -> Result<Attempt, Error> {
    Ok(Attempt {
        number: counted(row.number)?,
        at: instant(row.at),
        took_ms: counted(row.took_ms)?,
        status: status(row.status)?,
        outcome: row.outcome.clone(),
    })
}

fn delivery(row: &Model) -> Result<Delivery, Error> {
    Ok(Delivery {
        id: DeliveryId::from_uuid(row.id),
        webhook: WebhookId::from_uuid(row.webhook_id),
        fact: Some(row.fact_id).filter(|fact| *fact != row.id).map(FactId::from_uuid),
        kind: row.kind.clone(),
        standing: Standing::from_number(row.standing).ok_or_else(|| broken("a standing"))?,
        attempts: counted(row.attempts)?,
        next_at: instant(row.next_at),
        deadline: instant(row.deadline),
        created_at: instant(row.created_at),
        finished_at: row.finished_at.map(instant),
        last_status: status(row.last_status)?,
        last_outcome: row.last_outcome.clone(),
    })
}
