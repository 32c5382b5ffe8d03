//! Rows for questions, read outside the hot path's transactions.

use std::{
    collections::{HashMap, hash_map::Entry},
    sync::LazyLock,
};

use anyhow::Context as _;
use kernel::{BranchCode, Currency, Day, Digest16, JournalId, MemberId, Points, TillCode, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait as _, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect,
    Statement,
};
use store::{Column, ColumnType, Database, StoreError, bulk::BulkSelect};
use uuid::Uuid;

use super::{
    ledger::{self, Asked, Deed, JournalRow, OperationRow, PurchaseRow, ReturnRow},
    rows::{at, bound},
    tables::{journal, member},
};
use crate::domain::{Account, JournalKind, Lot};

/// Accounts as a question finds them.
#[derive(Debug, Default)]
pub struct Read {
    /// By member; those who have none are absent.
    pub accounts: HashMap<MemberId, Account>,
    /// The latest announcement of a programme; `None` when no account was found, or there was none yet.
    pub announcement: Option<u32>,
}

/// These members' accounts with their lots, of one moment; give each member once.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn accounts(database: &Database, members: &[Uuid]) -> anyhow::Result<Read> {
    let rows = ACCOUNTS.read(database, Column::Uuid(members)).await?;
    let announcement = rows.first().map(|row| at::<Option<i32>>(row, 10)).transpose()?.flatten();
    let announcement = announcement.map(u32::try_from).transpose()?;
    let (mut found, marked) = with_lots(&rows)?;
    if marked.is_empty() {
        return Ok(Read { accounts: found, announcement });
    }
    // What is aside is read in a snapshot together with its accounts, so that no points are seen twice on their way.
    let tx = database.snapshot().await?;
    let members: Vec<Uuid> = marked.iter().map(|(member, _)| member.as_uuid()).collect();
    let (again, marked) = with_lots(&ACCOUNTS.run(&tx, Column::Uuid(&members)).await?)?;
    let mut asides = ledger::asides(&tx, &members).await?;
    tx.rollback().await?;
    found.extend(again);
    for (member, marks) in marked {
        let (state, _) = ledger::read_marks(marks)?;
        if let Some(account) = found.remove(&member) {
            found.insert(member, account.with_asides(state, asides.remove(&member).unwrap_or_default()));
        }
    }
    Ok(Read { accounts: found, announcement })
}

/// Accounts with marks that say more is to be read of them.
type Marked = (HashMap<MemberId, Account>, Vec<(MemberId, i16)>);

fn with_lots(rows: &[QueryResult]) -> anyhow::Result<Marked> {
    let mut found: HashMap<MemberId, Account> = HashMap::with_capacity(rows.len());
    let mut lots: HashMap<MemberId, Vec<Lot>> = HashMap::with_capacity(rows.len());
    let mut marked = Vec::new();
    for row in rows {
        let member = MemberId::from_uuid(at(row, 0)?);
        if let Entry::Vacant(entry) = found.entry(member) {
            let version = u64::try_from(at::<i64>(row, 1)?)?;
            let (balance, debt) = (Points::new(at(row, 2)?), Points::new(at(row, 3)?));
            let mut account = Account::from_parts(member, version, balance, debt, Vec::new());
            account.idle_on = at::<Option<i32>>(row, 9)?.map(Day::from_number);
            entry.insert(account);
            let marks: i16 = at(row, 7)?;
            if marks != 0 {
                marked.push((member, marks));
            }
        }
        // An account without lots is one row without a lot.
        let Some(expires_on) = at::<Option<i32>>(row, 4)? else { continue };
        let funder = BranchCode::parse(&at::<String>(row, 5)?)?;
        let (expires_on, points) = (Day::from_number(expires_on), Points::new(at(row, 6)?));
        lots.entry(member).or_default().push(Lot { expires_on, funder, points, bound: bound(row, 8)? });
    }
    for (member, lots) in lots {
        if let Some(account) = found.remove(&member) {
            found.insert(member, account.with_lots(lots));
        }
    }
    Ok((found, marked))
}

/// One statement sees one moment, so the lots are those of the balance.
static ACCOUNTS: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "accounts.member_id, version, balance, debt, expires_on, funder, points, marks, bound, idle_on, \
                   (SELECT max(programmes.announcement) FROM programmes)";
    let joined = "accounts LEFT JOIN lots ON lots.member_id = accounts.member_id";
    BulkSelect::new(joined, columns, ("accounts.member_id", ColumnType::Uuid))
});

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

/// The journals about another one: what became of a hold or a redemption; oldest first.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn journals_about(database: &Database, id: JournalId) -> anyhow::Result<Vec<JournalRow>> {
    let rows = journal::Entity::find()
        .filter(journal::Column::Original.eq(id.as_uuid()))
        .order_by_asc(journal::Column::Version)
        .all(database.connection())
        .await
        .map_err(StoreError::from)?;
    rows.iter().map(journal_row).collect()
}

/// Whether points are still set aside by a hold.
///
/// # Errors
/// When the database refuses.
pub async fn is_held(database: &Database, member: MemberId, hold: JournalId) -> anyhow::Result<bool> {
    let connection = database.connection();
    let sql = "SELECT 1 FROM asides WHERE member_id = $1 AND hold_id = $2 LIMIT 1";
    let values = [member.as_uuid().into(), hold.as_uuid().into()];
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.query_one_raw(statement).await.map_err(StoreError::from)?.is_some())
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
        deed: deed(row)?,
    })
}

fn deed(row: &journal::Model) -> anyhow::Result<Deed> {
    let kind = JournalKind::from_number(row.kind).context("a kind of journal")?;
    Ok(match kind {
        JournalKind::Purchase => Deed::Purchase(Box::new(purchase_row(row)?)),
        JournalKind::Return => Deed::Return(Box::new(return_row(row)?)),
        kind => Deed::Operation(Box::new(operation_row(row, kind)?)),
    })
}

fn operation_row(row: &journal::Model, kind: JournalKind) -> anyhow::Result<OperationRow> {
    let digest = |value: Uuid| Digest16(*value.as_bytes());
    Ok(OperationRow {
        kind,
        request: row.idempotency_key.map(digest).zip(row.fingerprint.map(digest)),
        about: row.original,
        branch: row.branch.as_deref().map(BranchCode::parse).transpose()?,
        actor: row.actor.clone(),
        reason: row.reason.clone(),
        outcome: row.trace.clone(),
    })
}

fn return_row(row: &journal::Model) -> anyhow::Result<ReturnRow> {
    let (outcome, revoked) =
        ReturnRow::read_decided(&text(row, row.trace.as_ref())?).context("an outcome")?;
    Ok(ReturnRow {
        asked: asked(row)?,
        original: JournalId::from_uuid(row.original.context("a purchase")?),
        lines: row.lines.clone(),
        outcome,
        revoked,
    })
}

fn purchase_row(row: &journal::Model) -> anyhow::Result<PurchaseRow> {
    let expires_next = row.expires_next_on.zip(row.expires_next_points);
    let (trace, pending, paid) =
        PurchaseRow::read_decided(&text(row, row.trace.as_ref())?).context("a decision trace")?;
    Ok(PurchaseRow {
        asked: asked(row)?,
        programme_version: u32::try_from(row.programme_version.context("a programme version")?)?,
        trace,
        pending,
        paid,
        expires_next: expires_next.map(|(on, points)| (Day::from_number(on), Points::new(points))),
        lines: row.lines.clone(),
        details: row.details.clone(),
    })
}

fn asked(row: &journal::Model) -> anyhow::Result<Asked> {
    Ok(Asked {
        idempotency_key: Digest16(*row.idempotency_key.context("a key")?.as_bytes()),
        fingerprint: Digest16(*row.fingerprint.context("a fingerprint")?.as_bytes()),
        branch: BranchCode::parse(&text(row, row.branch.as_ref())?)?,
        till: TillCode::parse(&text(row, row.till.as_ref())?)?,
        receipt: text(row, row.receipt.as_ref())?,
        operation: text(row, row.operation.as_ref())?,
        occurred_at: Timestamp::from_micros(row.occurred_at.context("a time")?),
        amount: row.amount.context("an amount")?,
        currency: Currency::parse(&text(row, row.currency.as_ref())?)?,
    })
}

fn text(row: &journal::Model, value: Option<&String>) -> anyhow::Result<String> {
    value.cloned().with_context(|| format!("journal {} lacks a text", row.id))
}
