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

static ACCOUNTS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::for_update("accounts", "member_id, version, balance", ("member_id", ColumnType::Uuid))
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

/// The accounts of these members, locked until the transaction ends, with their lots. A member without an account is
/// absent.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn accounts(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, Account>> {
    let rows = ACCOUNTS.run(tx, Column::Uuid(members)).await?;
    let mut lots: HashMap<Uuid, Vec<Lot>> = HashMap::with_capacity(rows.len());
    if !rows.is_empty() {
        for row in LOTS.run(tx, Column::Uuid(members)).await? {
            lots.entry(at(&row, 0)?).or_default().push(lot(&row)?);
        }
    }
    rows.iter()
        .map(|row| {
            let member: Uuid = at(row, 0)?;
            let version = u64::try_from(at::<i64>(row, 1)?)?;
            let balance = Points::new(at(row, 2)?);
            let id = MemberId::from_uuid(member);
            Ok((id, Account::from_parts(id, version, balance, lots.remove(&member).unwrap_or_default())))
        })
        .collect()
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
