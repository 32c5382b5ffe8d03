//! Rows for questions, read outside the hot path's transactions.

use kernel::{BranchCode, Currency, Day, Digest16, JournalId, MemberId, Points, TillCode, Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::{Database, StoreError};
use uuid::Uuid;

use super::{
    ledger::{JournalRow, PurchaseRow},
    tables::{account, journal, lot, member},
};
use crate::domain::{Account, DecisionTrace, Lot};

/// A member's account with its lots, of one moment.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn account(database: &Database, member: MemberId) -> anyhow::Result<Option<Account>> {
    let id = member.as_uuid();
    let tx = database.snapshot().await?;
    let row = account::Entity::find_by_id(id).one(tx.connection()).await.map_err(StoreError::from)?;
    let Some(row) = row else { return Ok(None) };
    let lots = lot::Entity::find()
        .filter(lot::Column::MemberId.eq(id))
        .all(tx.connection())
        .await
        .map_err(StoreError::from)?;
    tx.rollback().await?;
    let lots = lots.into_iter().map(|row| {
        let funder = BranchCode::parse(&row.funder)?;
        Ok(Lot { expires_on: Day::from_number(row.expires_on), funder, points: Points::new(row.points) })
    });
    let lots = lots.collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Some(Account::from_parts(member, u64::try_from(row.version)?, Points::new(row.balance), lots)))
}

/// Whether a member is known.
///
/// # Errors
/// When the database refuses.
pub async fn knows_member(database: &Database, member: MemberId) -> anyhow::Result<bool> {
    let row = member::Entity::find_by_id(member.as_uuid()).one(database.connection()).await;
    Ok(row.map_err(StoreError::from)?.is_some())
}

/// A member's journals below version `before`, newest first.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn journals(
    database: &Database,
    member: MemberId,
    before: Option<u64>,
    limit: u32,
) -> anyhow::Result<Vec<JournalRow>> {
    let below = i64::try_from(before.unwrap_or(u64::MAX)).unwrap_or(i64::MAX);
    let rows = journal::Entity::find()
        .filter(journal::Column::MemberId.eq(member.as_uuid()))
        .filter(journal::Column::Version.lt(below))
        .order_by_desc(journal::Column::Version)
        .limit(u64::from(limit))
        .all(database.connection())
        .await
        .map_err(StoreError::from)?;
    rows.iter().map(journal_row).collect()
}

/// A journal by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn journal(database: &Database, id: JournalId) -> anyhow::Result<Option<JournalRow>> {
    let row = journal::Entity::find_by_id(id.as_uuid()).one(database.connection()).await;
    row.map_err(StoreError::from)?.as_ref().map(journal_row).transpose()
}

/// A stored journal as the domain and the shell know it.
///
/// # Errors
/// When a column holds what it never should.
pub fn journal_row(row: &journal::Model) -> anyhow::Result<JournalRow> {
    Ok(JournalRow {
        id: JournalId::from_uuid(row.id),
        member: MemberId::from_uuid(row.member_id),
        version: u64::try_from(row.version)?,
        recorded_at: Timestamp::from_micros(row.recorded_at),
        points: Points::new(row.points),
        balance: Points::new(row.balance),
        purchase: match row.idempotency_key {
            Some(key) => Some(purchase_row(row, key)?),
            None => None,
        },
    })
}

fn purchase_row(row: &journal::Model, key: Uuid) -> anyhow::Result<PurchaseRow> {
    use anyhow::Context as _;
    let text =
        |value: &Option<String>| value.clone().with_context(|| format!("journal {} lacks a text", row.id));
    let expires_next = row.expires_next_on.zip(row.expires_next_points);
    Ok(PurchaseRow {
        idempotency_key: Digest16(*key.as_bytes()),
        fingerprint: Digest16(*row.fingerprint.context("a fingerprint")?.as_bytes()),
        branch: BranchCode::parse(&text(&row.branch)?)?,
        till: TillCode::parse(&text(&row.till)?)?,
        receipt: text(&row.receipt)?,
        operation: text(&row.operation)?,
        occurred_at: Timestamp::from_micros(row.occurred_at.context("a time")?),
        amount: row.amount.context("an amount")?,
        currency: Currency::parse(&text(&row.currency)?)?,
        programme_version: u32::try_from(row.programme_version.context("a programme version")?)?,
        trace: DecisionTrace::from_text(&text(&row.trace)?).context("a decision trace")?,
        expires_next: expires_next.map(|(on, points)| (Day::from_number(on), Points::new(points))),
        lines: row.lines.clone(),
    })
}
