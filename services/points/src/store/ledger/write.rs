//! Everything that a batch decided, written in bulk.

use std::sync::LazyLock;

use kernel::{BranchCode, Day, MemberId, Points};
use sea_orm::{ConnectionTrait, Statement};
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkUpdate},
};
use uuid::Uuid;

use super::{Changed, JournalRow, LAPSE, PURCHASE, PurchaseRow};
use crate::domain::Movement;

/// One row of the ledger: a movement with its place in the account's history.
#[derive(Clone, Debug)]
pub struct EntryRow {
    /// The account's version with its journal.
    pub version: u64,
    /// Which movement of the journal, from 0.
    pub leg: i16,
    /// The movement.
    pub movement: Movement,
    /// The account that the points leave.
    pub debit: Uuid,
    /// The account that the points reach.
    pub credit: Uuid,
}

/// An account before and after the batch.
#[derive(Clone, Copy, Debug)]
pub struct AccountChange {
    /// Whose.
    pub member: MemberId,
    /// The version as it was read; zero for a new account.
    pub read: u64,
    /// The version now.
    pub version: u64,
    /// The balance now.
    pub balance: Points,
    /// What lapses next now.
    pub next: Option<(Day, Points)>,
}

/// Everything that a batch decided.
#[derive(Default)]
pub struct Batch {
    /// The journals, each once.
    pub journals: Vec<std::sync::Arc<JournalRow>>,
    /// Their movements.
    pub entries: Vec<EntryRow>,
    /// The accounts that changed.
    pub accounts: Vec<AccountChange>,
    /// Points that came to lots, each lot once.
    pub lots: Vec<(MemberId, Day, BranchCode, Points)>,
    /// Lots that are gone.
    pub gone: Vec<(MemberId, Day, BranchCode)>,
}

use ColumnType::{I16, I32, I64, Text, Uuid as Id};

static JOURNALS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", Id),
        ("member_id", Id),
        ("version", I64),
        ("kind", I16),
        ("recorded_at", I64),
        ("points", I64),
        ("balance", I64),
        ("programme_version", I32),
        ("idempotency_key", Id),
        ("fingerprint", Id),
        ("branch", Text),
        ("till", Text),
        ("receipt", Text),
        ("operation", Text),
        ("occurred_at", I64),
        ("amount", I64),
        ("currency", Text),
        ("trace", Text),
        ("expires_next_on", I32),
        ("expires_next_points", I64),
        ("lines", Text),
    ];
    BulkInsert::new("journals", &columns, "")
});

static ENTRIES: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("member_id", Id),
        ("version", I64),
        ("leg", I16),
        ("template", I16),
        ("debit", Id),
        ("credit", Id),
        ("points", I64),
        ("expires_on", I32),
        ("funder", Text),
    ];
    BulkInsert::new("entries", &columns, "")
});

static NEW_ACCOUNTS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns =
        [("member_id", Id), ("version", I64), ("balance", I64), ("next_on", I32), ("next_points", I64)];
    BulkInsert::new("accounts", &columns, "")
});

static ACCOUNTS: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let set = [("version", I64), ("balance", I64), ("next_on", I32), ("next_points", I64)];
    BulkUpdate::new("accounts", &[("member_id", Id), ("version", I64)], &set)
});

static LOTS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("member_id", Id), ("expires_on", I32), ("funder", Text), ("points", I64)];
    BulkInsert::new(
        "lots",
        &columns,
        "ON CONFLICT (member_id, expires_on, funder) DO UPDATE SET points = lots.points + excluded.points",
    )
});

/// Writes a batch.
///
/// **Every update checks the version that was read**: where the database locks no rows (SQLite), or a lock was lost, a
/// balance that somebody else changed meanwhile is found here and the batch is decided again.
///
/// # Errors
/// [`Changed`]; a unique violation when somebody else recorded the same purchase or opened the same account; otherwise
/// why the database refused. The caller rolls back.
pub async fn write(tx: &Tx, batch: &Batch) -> anyhow::Result<()> {
    let (fresh, known): (Vec<_>, Vec<_>) = batch.accounts.iter().partition(|account| account.read == 0);
    let new = AccountColumns::of(&fresh)?;
    NEW_ACCOUNTS.run(tx, &[&[Column::Uuid(&new.ids)], new.now().as_slice()].concat()).await?;
    let old = AccountColumns::of(&known)?;
    let found = [&[Column::Uuid(&old.ids), Column::I64(&old.reads)], old.now().as_slice()].concat();
    if ACCOUNTS.run(tx, &found).await? != known.len() as u64 {
        return Err(Changed.into());
    }
    write_lots(tx, &batch.lots).await?;
    remove_lots(tx, &batch.gone).await?;
    write_journals(tx, &batch.journals).await?;
    write_entries(tx, &batch.entries).await
}

#[derive(Default)]
struct AccountColumns {
    ids: Vec<Uuid>,
    reads: Vec<i64>,
    versions: Vec<i64>,
    balances: Vec<i64>,
    next_on: Vec<Option<i32>>,
    next_points: Vec<Option<i64>>,
}

impl AccountColumns {
    fn of(accounts: &[&AccountChange]) -> anyhow::Result<Self> {
        let mut columns = Self::default();
        for account in accounts {
            columns.ids.push(account.member.as_uuid());
            columns.reads.push(i64::try_from(account.read)?);
            columns.versions.push(i64::try_from(account.version)?);
            columns.balances.push(account.balance.count());
            columns.next_on.push(account.next.map(|(day, _)| day.number()));
            columns.next_points.push(account.next.map(|(_, points)| points.count()));
        }
        Ok(columns)
    }

    /// What the rows say from now on.
    fn now(&self) -> [Column<'_>; 4] {
        [
            Column::I64(&self.versions),
            Column::I64(&self.balances),
            Column::I32OrNull(&self.next_on),
            Column::I64OrNull(&self.next_points),
        ]
    }
}

async fn write_lots(tx: &Tx, lots: &[(MemberId, Day, BranchCode, Points)]) -> anyhow::Result<()> {
    let ids: Vec<Uuid> = lots.iter().map(|lot| lot.0.as_uuid()).collect();
    let days: Vec<i32> = lots.iter().map(|lot| lot.1.number()).collect();
    let funders: Vec<&str> = lots.iter().map(|lot| lot.2.as_str()).collect();
    let points: Vec<i64> = lots.iter().map(|lot| lot.3.count()).collect();
    LOTS.run(tx, &[Column::Uuid(&ids), Column::I32(&days), Column::Text(&funders), Column::I64(&points)])
        .await?;
    Ok(())
}

async fn remove_lots(tx: &Tx, gone: &[(MemberId, Day, BranchCode)]) -> anyhow::Result<()> {
    let connection = tx.connection();
    for (member, day, funder) in gone {
        let sql = "DELETE FROM lots WHERE member_id = $1 AND expires_on = $2 AND funder = $3";
        let values = [member.as_uuid().into(), day.number().into(), funder.as_str().into()];
        let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
        if connection.execute_raw(statement).await.map_err(store::StoreError::from)?.rows_affected() != 1 {
            return Err(Changed.into());
        }
    }
    Ok(())
}

async fn write_journals(tx: &Tx, rows: &[std::sync::Arc<JournalRow>]) -> anyhow::Result<()> {
    let whole = |f: fn(&JournalRow) -> i64| rows.iter().map(|row| f(row)).collect::<Vec<i64>>();
    let versions = rows.iter().map(|row| i64::try_from(row.version)).collect::<Result<Vec<_>, _>>()?;
    let kinds: Vec<i16> =
        rows.iter().map(|row| if row.purchase.is_some() { PURCHASE } else { LAPSE }).collect();
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id.as_uuid()).collect();
    let members: Vec<Uuid> = rows.iter().map(|row| row.member.as_uuid()).collect();
    let (recorded, points) = (whole(|row| row.recorded_at.micros()), whole(|row| row.points.count()));
    let balances = whole(|row| row.balance.count());
    let digest = |f: fn(&PurchaseRow) -> [u8; 16]| {
        let all = rows.iter().map(|row| row.purchase.as_ref().map(|p| Uuid::from_bytes(f(p))));
        all.collect::<Vec<_>>()
    };
    let number = |f: fn(&PurchaseRow) -> Option<i64>| {
        rows.iter().map(|row| row.purchase.as_ref().and_then(f)).collect::<Vec<_>>()
    };
    let programmes: Vec<Option<i32>> = rows
        .iter()
        .map(|row| row.purchase.as_ref().and_then(|p| i32::try_from(p.programme_version).ok()))
        .collect();
    let traces: Vec<Option<String>> =
        rows.iter().map(|row| row.purchase.as_ref().map(|p| p.trace.to_text())).collect();
    let expires_on: Vec<Option<i32>> =
        rows.iter().map(|row| row.purchase.as_ref()?.expires_next.map(|(day, _)| day.number())).collect();
    let (keys, fingerprints) = (digest(|p| p.idempotency_key.0), digest(|p| p.fingerprint.0));
    let (occurred, amounts) = (number(|p| Some(p.occurred_at.micros())), number(|p| Some(p.amount)));
    let expires_points = number(|p| p.expires_next.map(|(_, points)| points.count()));
    let columns = [
        Column::Uuid(&ids),
        Column::Uuid(&members),
        Column::I64(&versions),
        Column::I16(&kinds),
        Column::I64(&recorded),
        Column::I64(&points),
        Column::I64(&balances),
        Column::I32OrNull(&programmes),
        Column::UuidOrNull(&keys),
        Column::UuidOrNull(&fingerprints),
        Column::TextOrNull(&texts(rows, |p| Some(p.branch.as_str()))),
        Column::TextOrNull(&texts(rows, |p| Some(p.till.as_str()))),
        Column::TextOrNull(&texts(rows, |p| Some(&p.receipt))),
        Column::TextOrNull(&texts(rows, |p| Some(&p.operation))),
        Column::I64OrNull(&occurred),
        Column::I64OrNull(&amounts),
        Column::TextOrNull(&texts(rows, |p| Some(p.currency.code()))),
        Column::TextOrNull(&traces.iter().map(Option::as_deref).collect::<Vec<_>>()),
        Column::I32OrNull(&expires_on),
        Column::I64OrNull(&expires_points),
        Column::TextOrNull(&texts(rows, |p| p.lines.as_deref())),
    ];
    JOURNALS.run(tx, &columns).await?;
    Ok(())
}

fn texts(rows: &[std::sync::Arc<JournalRow>], f: fn(&PurchaseRow) -> Option<&str>) -> Vec<Option<&str>> {
    rows.iter().map(|row| row.purchase.as_ref().and_then(f)).collect()
}

async fn write_entries(tx: &Tx, rows: &[EntryRow]) -> anyhow::Result<()> {
    let members: Vec<Uuid> = rows.iter().map(|row| row.movement.member.as_uuid()).collect();
    let versions = rows.iter().map(|row| i64::try_from(row.version)).collect::<Result<Vec<_>, _>>()?;
    let legs: Vec<i16> = rows.iter().map(|row| row.leg).collect();
    let templates: Vec<i16> = rows.iter().map(|row| row.movement.template.number()).collect();
    let debits: Vec<Uuid> = rows.iter().map(|row| row.debit).collect();
    let credits: Vec<Uuid> = rows.iter().map(|row| row.credit).collect();
    let points: Vec<i64> = rows.iter().map(|row| row.movement.points.count()).collect();
    let days: Vec<i32> = rows.iter().map(|row| row.movement.expires_on.number()).collect();
    let funders: Vec<&str> = rows.iter().map(|row| row.movement.funder.as_str()).collect();
    let columns = [
        Column::Uuid(&members),
        Column::I64(&versions),
        Column::I16(&legs),
        Column::I16(&templates),
        Column::Uuid(&debits),
        Column::Uuid(&credits),
        Column::I64(&points),
        Column::I32(&days),
        Column::Text(&funders),
    ];
    ENTRIES.run(tx, &columns).await?;
    Ok(())
}
