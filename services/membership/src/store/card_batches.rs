//! Batches of cards, and the numbers in them that lead to nobody yet.

use std::collections::HashSet;

use anyhow::{Context as _, anyhow};
use kernel::{BatchId, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use store::Tx;

use super::{
    Vault, blind_index,
    cipher::{Cell, NOBODY, STOCK},
    instant,
    tables::{card_batches, card_stock, identifiers},
};
use crate::{
    domain::{
        card::CardNumber,
        card_batch::{BatchName, BatchStatus, CardBatch},
        identifier::{Identifier, Indexed},
    },
    error::Error,
};

/// Stores a new batch; `false` when there is one of this id.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, batch: &CardBatch) -> Result<bool, Error> {
    let row = card_batches::Model {
        id: batch.id.as_uuid(),
        name: batch.name.text().to_owned(),
        size: batch.size.into(),
        made: batch.made.into(),
        status: batch.status.word().to_owned(),
        ordered_at: batch.ordered_at.micros(),
    };
    let first = OnConflict::column(card_batches::Column::Id).do_nothing().to_owned();
    let insert = card_batches::Entity::insert(row.into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// The batch, when there is one.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: BatchId) -> Result<Option<CardBatch>, Error> {
    card_batches::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(batch).transpose()
}

/// The batch, when there is one, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: BatchId) -> Result<Option<CardBatch>, Error> {
    card_batches::Entity::find_by_id(id.as_uuid())
        .lock_exclusive()
        .one(tx)
        .await?
        .as_ref()
        .map(batch)
        .transpose()
}

/// Up to `limit` batches that were ordered before `before`, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    before: Option<(Timestamp, BatchId)>,
    limit: u64,
) -> Result<Vec<CardBatch>, Error> {
    use card_batches::Column;
    let mut query = card_batches::Entity::find();
    if let Some((at, id)) = before {
        let earlier = Column::OrderedAt.lt(at.micros());
        let same = Column::OrderedAt.eq(at.micros()).and(Column::Id.lt(id.as_uuid()));
        query = query.filter(earlier.or(same));
    }
    let query = query.order_by_desc(Column::OrderedAt).order_by_desc(Column::Id).limit(limit);
    query.all(on).await?.iter().map(batch).collect()
}

/// Which batches are being made, those ordered first first.
///
/// # Errors
/// A fault of the database.
pub async fn under_way(on: &impl ConnectionTrait) -> Result<Vec<CardBatch>, Error> {
    let query = card_batches::Entity::find()
        .filter(card_batches::Column::Status.eq(BatchStatus::Making.word()))
        .order_by_asc(card_batches::Column::OrderedAt);
    query.all(on).await?.iter().map(batch).collect()
}

/// Stores how far a batch is that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, batch: &CardBatch) -> Result<(), Error> {
    let changed = card_batches::ActiveModel {
        id: Set(batch.id.as_uuid()),
        made: Set(batch.made.into()),
        status: Set(batch.status.word().to_owned()),
        ..Default::default()
    };
    card_batches::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Stores numbers of a batch that the transaction holds, behind those that it has; answers how many: those that are in use
/// already are left out.
///
/// # Errors
/// A fault of the database.
pub async fn add(tx: &Tx, vault: &Vault, batch: &CardBatch, drawn: &[CardNumber]) -> Result<u32, Error> {
    let key = blind_index::hold(tx, vault).await?;
    let indexed = |number: &CardNumber| vault.indexed_under(key, Identifier::Card(number.clone()));
    let drawn: Vec<(&CardNumber, Indexed)> = drawn.iter().map(|number| (number, indexed(number))).collect();
    let digests = || drawn.iter().flat_map(|(_, card)| card.every()).map(blind_index::bytes);
    let linked = identifiers::Entity::find().select_only().column(identifiers::Column::Digest);
    let linked = linked.filter(identifiers::Column::Digest.is_in(digests()));
    let stocked = card_stock::Entity::find().select_only().column(card_stock::Column::Digest);
    let stocked = stocked.filter(card_stock::Column::Digest.is_in(digests()));
    let mut taken: HashSet<Vec<u8>> = linked.into_tuple::<Vec<u8>>().all(tx).await?.into_iter().collect();
    taken.extend(stocked.into_tuple::<Vec<u8>>().all(tx).await?);
    let fresh = drawn.iter().filter(|(_, card)| {
        card.also.iter().all(|digest| !taken.contains(digest.0.as_slice()))
            && taken.insert(card.digest.0.to_vec())
    });
    let rows: Vec<card_stock::ActiveModel> = fresh
        .zip(i64::from(batch.made) + 1..)
        .map(|((number, Indexed { digest, .. }), place)| card_stock::ActiveModel {
            digest: Set(digest.0.to_vec()),
            batch: Set(batch.id.as_uuid()),
            place: Set(place),
            value: Set(vault.seal(stock_cell(&digest.0), number.digits())),
            linked_at: Set(None),
            blind_key: Set(key.id().into()),
        })
        .collect();
    let added = u32::try_from(rows.len()).unwrap_or(u32::MAX);
    if added > 0 {
        card_stock::Entity::insert_many(rows).exec_without_returning(tx).await?;
    }
    Ok(added)
}

/// Up to `limit` numbers of a batch behind the place `after`, in order, each with its place.
///
/// # Errors
/// A fault of the database, or a number that does not open.
pub async fn numbers(
    on: &impl ConnectionTrait,
    vault: &Vault,
    id: BatchId,
    after: i64,
    limit: u64,
) -> Result<Vec<(i64, CardNumber)>, Error> {
    let query = card_stock::Entity::find()
        .filter(card_stock::Column::Batch.eq(id.as_uuid()))
        .filter(card_stock::Column::Place.gt(after))
        .order_by_asc(card_stock::Column::Place)
        .limit(limit);
    let rows = query.all(on).await?.into_iter();
    rows.map(|row| {
        let number = vault.cipher.open(stock_cell(&row.digest), &row.value);
        let number = number.with_context(|| format!("card {} of batch {id}", row.place))?;
        let number = CardNumber::parse(number.expose());
        Ok((row.place, number.map_err(|_| anyhow!("card {} of batch {id} is broken", row.place))?))
    })
    .collect()
}

/// How many cards of a batch lead, or led, to somebody.
///
/// # Errors
/// A fault of the database.
pub async fn count_linked(on: &impl ConnectionTrait, id: BatchId) -> Result<u64, Error> {
    let query = card_stock::Entity::find()
        .filter(card_stock::Column::Batch.eq(id.as_uuid()))
        .filter(card_stock::Column::LinkedAt.is_not_null());
    Ok(query.count(on).await?)
}

/// Where the batch of a card stands, and stands until the transaction ends; nothing for a card of none.
///
/// # Errors
/// A fault of the database.
pub async fn status_of_card(tx: &Tx, card: &Indexed) -> Result<Option<BatchStatus>, Error> {
    let stocked = card_stock::Entity::find().filter(card_stock::Column::Digest.is_in(every(card)));
    let stocked = stocked.one(tx).await?;
    let Some(row) = stocked else { return Ok(None) };
    let held = card_batches::Entity::find_by_id(row.batch).lock_shared().one(tx).await?;
    Ok(held.as_ref().map(batch).transpose()?.map(|batch| batch.status))
}

/// Stores that a card, where it is of a batch, leads to somebody from now on.
///
/// # Errors
/// A fault of the database.
pub async fn mark_linked(tx: &Tx, card: &Indexed, at: Timestamp) -> Result<(), Error> {
    let mark = card_stock::Entity::update_many()
        .col_expr(card_stock::Column::LinkedAt, Expr::value(at.micros()))
        .filter(card_stock::Column::Digest.is_in(every(card)));
    mark.exec(tx).await?;
    Ok(())
}

fn every(card: &Indexed) -> impl Iterator<Item = Vec<u8>> {
    card.every().map(blind_index::bytes)
}

pub(super) fn stock_cell(digest: &[u8]) -> Cell<'_> {
    Cell { column: STOCK, member: NOBODY, row: digest }
}

fn batch(row: &card_batches::Model) -> Result<CardBatch, Error> {
    let broken = || Error::Fault(anyhow!("batch {} is broken", row.id));
    Ok(CardBatch {
        id: BatchId::from_uuid(row.id),
        name: BatchName::parse(&row.name).map_err(|_| broken())?,
        size: u32::try_from(row.size).map_err(|_| broken())?,
        made: u32::try_from(row.made).map_err(|_| broken())?,
        status: BatchStatus::from_word(&row.status).ok_or_else(broken)?,
        ordered_at: instant(row.ordered_at),
    })
}
