//! What a batch needs to know, one query per kind of row.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock},
};

use anyhow::Context as _;
use kernel::{BranchCode, Day, Digest16, MemberId, Points};
use sea_orm::{FromQueryResult as _, QueryResult, TryGetable};
use store::{Column, ColumnType, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::JournalRow;
use crate::{
    domain::{Account, Lot},
    store::{reading::journal_row, tables::journal},
};

const SUMMARY: &str = "member_id, version, balance, next_on, next_points";

static ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
static LOCKED_ACCOUNTS: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::for_update("accounts", SUMMARY, ("member_id", ColumnType::Uuid)));
/// Who is behind a keyed hash, their account, and the live programme version, in one look.
static BEHIND: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "identifiers.member_id, version, balance, next_on, next_points, digest, active, \
                   (SELECT max(programmes.version) FROM programmes)";
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

/// The accounts of these members, by their summaries; those of which something has lapsed by `today` with their lots. A
/// member without an account is absent. With `locked` nobody else changes them until the transaction ends.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn accounts(
    tx: &Tx,
    members: &[Uuid],
    today: Day,
    locked: bool,
) -> anyhow::Result<HashMap<MemberId, Account>> {
    let select = if locked { &LOCKED_ACCOUNTS } else { &ACCOUNTS };
    let mut found = HashMap::with_capacity(members.len());
    for row in select.run(tx, Column::Uuid(members)).await? {
        let account = account(&row)?;
        found.insert(account.member, account);
    }
    with_lapsed(tx, &mut found, today).await?;
    Ok(found)
}

/// What one look at keyed hashes shows.
#[derive(Default)]
pub struct Behind {
    /// The members that they lead to.
    pub members: HashMap<Digest16, MemberId>,
    /// Those accounts that they have, as [`accounts`] without locks.
    pub accounts: HashMap<MemberId, Account>,
    /// The live programme version; `None` when nobody was found.
    pub programme: Option<u32>,
}

/// The members that these keyed hashes lead to, with their accounts and the programme.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn behind(tx: &Tx, digests: &[Uuid], today: Day) -> anyhow::Result<Behind> {
    let mut found = Behind::default();
    for row in BEHIND.run(tx, Column::Uuid(digests)).await? {
        found.programme = at::<Option<i32>>(&row, 7)?.map(u32::try_from).transpose()?;
        if !at::<bool>(&row, 6)? {
            continue;
        }
        let member = MemberId::from_uuid(at(&row, 0)?);
        found.members.insert(Digest16(*at::<Uuid>(&row, 5)?.as_bytes()), member);
        if at::<Option<i64>>(&row, 1)?.is_some() {
            found.accounts.insert(member, account(&row)?);
        }
    }
    with_lapsed(tx, &mut found.accounts, today).await?;
    Ok(found)
}

/// An account out of its summary.
fn account(row: &QueryResult) -> anyhow::Result<Account> {
    let member = MemberId::from_uuid(at(row, 0)?);
    let (version, balance) = (u64::try_from(at::<i64>(row, 1)?)?, Points::new(at(row, 2)?));
    let (next_on, next_points): (Option<i32>, Option<i64>) = (at(row, 3)?, at(row, 4)?);
    let next = next_on.zip(next_points).map(|(on, points)| (Day::from_number(on), Points::new(points)));
    Ok(Account::from_summary(member, version, balance, next))
}

/// Gives those accounts their lots of which something has lapsed.
async fn with_lapsed(tx: &Tx, found: &mut HashMap<MemberId, Account>, today: Day) -> anyhow::Result<()> {
    let has_lapsed = |account: &&Account| account.next().is_some_and(|(day, _)| day < today);
    let lapsed: Vec<Uuid> =
        found.values().filter(has_lapsed).map(|account| account.member.as_uuid()).collect();
    let mut lots: HashMap<Uuid, Vec<Lot>> = HashMap::with_capacity(lapsed.len());
    for row in LOTS.run(tx, Column::Uuid(&lapsed)).await? {
        lots.entry(at(&row, 0)?).or_default().push(lot(&row)?);
    }
    for (member, lots) in lots {
        if let Some(account) = found.get_mut(&MemberId::from_uuid(member)) {
            *account = Account::from_parts(account.member, account.version, account.balance, lots);
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

/// The purchases that were recorded under these ids or these idempotency keys.
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

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> anyhow::Result<T> {
    Ok(row.try_get_by_index(index).map_err(store::StoreError::from)?)
}
