//! What a batch needs to know, one query per kind of row.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use anyhow::Context as _;
use kernel::{BranchCode, Day, Digest16, JournalId, MemberId, Points};
use sea_orm::{FromQueryResult as _, QueryResult};
use store::{Column, ColumnType, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::JournalRow;
use crate::{
    domain::{Account, Lot, Template},
    store::{
        reading::journal_row,
        rows::{at, query},
        tables::journal,
    },
};

const SUMMARY: &str = "member_id, version, balance, debt, next_on, next_points";

static ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
static LOCKED_ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::for_update("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
/// Who is behind a keyed hash, their account, and the latest announcement of a programme, in one look.
static BEHIND: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "identifiers.member_id, version, balance, debt, next_on, next_points, digest, active, \
                   (SELECT max(programmes.announcement) FROM programmes)";
    let joined = "identifiers LEFT JOIN accounts ON accounts.member_id = identifiers.member_id";
    BulkSelect::new(joined, columns, ("digest", ColumnType::Uuid))
});
static LOTS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("lots", "member_id, expires_on, funder, points", ("member_id", ColumnType::Uuid))
});
static BY_ID: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("journals", "*", ("id", ColumnType::Uuid)));
static BY_KEY: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("journals", "*", ("idempotency_key", ColumnType::Uuid)));
static IDENTIFIERS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("identifiers", "digest, member_id, active", ("digest", ColumnType::Uuid))
});
static MEMBERS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("members", "member_id", ("member_id", ColumnType::Uuid)));

/// Which accounts are loaded with their lots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lots {
    /// Those from which a purchase takes: something has lapsed, or a debt is to be paid.
    WhereTaken,
    /// All.
    All,
}

/// The accounts of these members, by their summaries; those of which something has lapsed by `today` with their lots. A
/// member without an account is absent. With `locked` nobody else changes them until the transaction ends.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn accounts(
    tx: &Tx,
    members: &[Uuid],
    today: Day,
    lots: Lots,
    locked: bool,
) -> anyhow::Result<HashMap<MemberId, Account>> {
    let select = if locked { &LOCKED_ACCOUNTS } else { &ACCOUNTS };
    let mut found = HashMap::with_capacity(members.len());
    for row in select.run(tx, Column::Uuid(members)).await? {
        let account = account(&row)?;
        found.insert(account.member, account);
    }
    with_lots(tx, &mut found, today, lots).await?;
    Ok(found)
}

/// What one look at keyed hashes shows.
#[derive(Default)]
pub struct Behind {
    /// The members that they lead to.
    pub members: HashMap<Digest16, MemberId>,
    /// Those accounts that they have, as [`accounts`] without locks.
    pub accounts: HashMap<MemberId, Account>,
    /// The latest announcement of a programme; `None` when nobody was found, or there was none yet.
    pub announcement: Option<u32>,
}

/// The members that these keyed hashes lead to, with their accounts and the programme.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn behind(tx: &Tx, digests: &[Uuid], today: Day) -> anyhow::Result<Behind> {
    let mut found = Behind::default();
    for row in BEHIND.run(tx, Column::Uuid(digests)).await? {
        found.announcement = at::<Option<i32>>(&row, 8)?.map(u32::try_from).transpose()?;
        if !at::<bool>(&row, 7)? {
            continue;
        }
        let member = MemberId::from_uuid(at(&row, 0)?);
        found.members.insert(Digest16(*at::<Uuid>(&row, 6)?.as_bytes()), member);
        if at::<Option<i64>>(&row, 1)?.is_some() {
            found.accounts.insert(member, account(&row)?);
        }
    }
    with_lots(tx, &mut found.accounts, today, Lots::WhereTaken).await?;
    Ok(found)
}

/// An account out of its summary.
fn account(row: &QueryResult) -> anyhow::Result<Account> {
    let member = MemberId::from_uuid(at(row, 0)?);
    let (version, balance) = (u64::try_from(at::<i64>(row, 1)?)?, Points::new(at(row, 2)?));
    let debt = Points::new(at(row, 3)?);
    let (next_on, next_points): (Option<i32>, Option<i64>) = (at(row, 4)?, at(row, 5)?);
    let next = next_on.zip(next_points).map(|(on, points)| (Day::from_number(on), Points::new(points)));
    Ok(Account::from_summary(member, version, balance, debt, next))
}

/// Gives those accounts their lots of which something will be taken: what has lapsed, and what pays a debt.
async fn with_lots(
    tx: &Tx,
    found: &mut HashMap<MemberId, Account>,
    today: Day,
    lots: Lots,
) -> anyhow::Result<()> {
    let gives = |account: &&Account| {
        lots == Lots::All || account.debt.is_positive() || account.next().is_some_and(|(day, _)| day < today)
    };
    let giving: Vec<Uuid> = found.values().filter(gives).map(|account| account.member.as_uuid()).collect();
    let mut lots: HashMap<Uuid, Vec<Lot>> = HashMap::with_capacity(giving.len());
    for row in LOTS.run(tx, Column::Uuid(&giving)).await? {
        lots.entry(at(&row, 0)?).or_default().push(lot(&row)?);
    }
    for member in giving {
        if let Some(account) = found.get_mut(&MemberId::from_uuid(member)) {
            let lots = lots.remove(&member).unwrap_or_default();
            *account =
                Account::from_parts(account.member, account.version, account.balance, account.debt, lots);
        }
    }
    Ok(())
}

/// A lot out of a row of member, expiry day, funder and points.
fn lot(row: &QueryResult) -> anyhow::Result<Lot> {
    let funder: String = at(row, 2)?;
    Ok(Lot {
        expires_on: Day::from_number(at(row, 1)?),
        funder: BranchCode::parse(&funder).context("a lot's funder")?,
        points: Points::new(at(row, 3)?),
    })
}

/// The purchases and returns that were recorded under these ids or these idempotency keys.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn purchases(tx: &Tx, ids: &[Uuid], keys: &[Uuid]) -> anyhow::Result<Vec<Arc<JournalRow>>> {
    let mut rows = BY_ID.run(tx, Column::Uuid(ids)).await?;
    rows.extend(BY_KEY.run(tx, Column::Uuid(keys)).await?);
    rows.iter()
        .map(|row| {
            let model = journal::Model::from_query_result(row, "").map_err(store::StoreError::from)?;
            journal_row(&model).map(Arc::new)
        })
        .collect()
}

/// What a purchase earned: last day, funder and points of each of its movements.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn earned(
    tx: &Tx,
    member: MemberId,
    version: u64,
) -> anyhow::Result<Vec<(Day, BranchCode, Points)>> {
    let sql = "SELECT expires_on, funder, points FROM entries \
               WHERE member_id = $1 AND version = $2 AND template = $3 ORDER BY leg";
    let template = Template::PurchaseEarned.number();
    let values = [member.as_uuid().into(), i64::try_from(version)?.into(), template.into()];
    let rows = query(tx, sql, values).await?;
    rows.iter()
        .map(|row| {
            let funder = BranchCode::parse(&at::<String>(row, 1)?).context("an entry's funder")?;
            Ok((Day::from_number(at(row, 0)?), funder, Points::new(at(row, 2)?)))
        })
        .collect()
}

/// How much of a purchase's amount has been returned. Lock its account before, so that no other return is under way.
///
/// # Errors
/// When the database refuses.
pub async fn returned(tx: &Tx, purchase: JournalId) -> anyhow::Result<i64> {
    let sql = "SELECT CAST(COALESCE(SUM(amount), 0) AS bigint) FROM journals WHERE original = $1";
    let rows = query(tx, sql, [purchase.as_uuid().into()]).await?;
    rows.first().map_or(Ok(0), |row| at(row, 0))
}

/// The members that these keyed hashes lead to.
///
/// # Errors
/// When the database refuses.
pub async fn members_behind(tx: &Tx, digests: &[Uuid]) -> anyhow::Result<HashMap<Digest16, MemberId>> {
    let mut found = HashMap::with_capacity(digests.len());
    for row in IDENTIFIERS.run(tx, Column::Uuid(digests)).await? {
        if at::<bool>(&row, 2)? {
            found.insert(Digest16(*at::<Uuid>(&row, 0)?.as_bytes()), MemberId::from_uuid(at(&row, 1)?));
        }
    }
    Ok(found)
}

/// Which of these members points has heard of.
///
/// # Errors
/// When the database refuses.
pub async fn known_members(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashSet<MemberId>> {
    let rows = MEMBERS.run(tx, Column::Uuid(members)).await?;
    rows.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}
