//! Many redemptions under way and their vouchers, read and written at once.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::LazyLock,
};

use kernel::{RedemptionId, RewardCode, Timestamp, VoucherId};
use store::{
    Column,
    ColumnType::{I32, I64, Text, Uuid as Id},
    Database, Tx,
    bulk::{BulkSelect, BulkUpdate},
};
use uuid::Uuid;

use super::{
    at, broken, instant,
    offers::{code, terms},
    redemptions::{Redemption, count, redemption},
};
use crate::{
    domain::{reward::RewardKind, voucher::State},
    error::Error,
};

/// As [`redemption`] reads them; of their vouchers nothing is said.
static HOLD: LazyLock<BulkSelect> = LazyLock::new(|| {
    let columns = "id, member_id, reward, version, branch, points, money, state, reason, missing, requested_at, due_at, ended_at, \
                   chain_stock, branch_stock, counted, told, NULL, fingerprint, cancel_by";
    BulkSelect::for_update("redemptions", columns, ("id", Id))
});
/// Whole, and only what is over.
static OVER: LazyLock<BulkSelect> = LazyLock::new(|| {
    let table = "(SELECT r.*, (SELECT v.id FROM vouchers v WHERE v.redemption_id = r.id AND v.issued_at IS NOT NULL) AS voucher \
                 FROM redemptions r WHERE r.state IN ('completed', 'released', 'refunded', 'forfeited')) AS ended";
    let columns = "id, member_id, reward, version, branch, points, money, state, reason, missing, requested_at, due_at, ended_at, \
                   chain_stock, branch_stock, counted, told, voucher, fingerprint, cancel_by";
    BulkSelect::new(table, columns, ("id", Id))
});
static VERSIONS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::by("reward_versions", "code, version, document", &[("code", Text), ("version", I32)])
});
static WAITING: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("vouchers", "redemption_id, id, valid_until, told, state, gift", ("redemption_id", Id))
});
static UPDATE: LazyLock<BulkUpdate> = LazyLock::new(|| {
    BulkUpdate::new("redemptions", &[("id", Id)], &[("state", Text), ("ended_at", I64), ("told", I64)])
});
static ISSUE: LazyLock<BulkUpdate> = LazyLock::new(|| {
    BulkUpdate::new("vouchers", &[("id", Id)], &[("state", Text), ("issued_at", I64), ("told", I64)])
});

/// What rewards are of, by the version of their terms.
#[derive(Debug, Default)]
pub struct Kinds(HashMap<(RewardCode, i32), RewardKind>);

impl Kinds {
    /// What this redemption is for.
    #[must_use]
    pub fn of(&self, redemption: &Redemption) -> Option<&RewardKind> {
        self.0.get(&(redemption.reward.clone(), redemption.version))
    }
}

/// A voucher that its redemption has not brought yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// Its id.
    pub id: VoucherId,
    /// Until when it will be good.
    pub valid_until: Timestamp,
    /// How many facts were told of it.
    pub told: u64,
}

/// Redemptions, held against others until the transaction ends, without what is known of their vouchers. Give each once.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, ids: &[RedemptionId]) -> Result<BTreeMap<RedemptionId, Redemption>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    let rows = HOLD.run(tx, Column::Uuid(&ids)).await?;
    rows.iter().map(|row| redemption(row).map(|found| (found.id, found))).collect()
}

/// Those of these redemptions that are over. Give each once.
///
/// # Errors
/// A fault of the database.
pub async fn over(database: &Database, ids: &[RedemptionId]) -> Result<Vec<Redemption>, Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.as_uuid()).collect();
    OVER.read(database, Column::Uuid(&ids)).await?.iter().map(redemption).collect()
}

/// What these redemptions are for.
///
/// # Errors
/// A fault of the database.
pub async fn kinds(tx: &Tx, of: impl Iterator<Item = &Redemption>) -> Result<Kinds, Error> {
    let versions: BTreeSet<(&str, i32)> = of.map(|one| (one.reward.as_str(), one.version)).collect();
    let (codes, versions): (Vec<&str>, Vec<i32>) = versions.into_iter().unzip();
    let rows = VERSIONS.run_by(tx, &[Column::Text(&codes), Column::I32(&versions)]).await?;
    let kind = |row| Ok(((code(row, 0)?, at(row, 1)?), terms(&at::<String>(row, 2)?)?.kind));
    rows.iter().map(kind).collect::<Result<_, Error>>().map(Kinds)
}

/// The vouchers that these redemptions are to bring.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(tx: &Tx, of: &[RedemptionId]) -> Result<BTreeMap<RedemptionId, Waiting>, Error> {
    let ids: Vec<Uuid> = of.iter().map(|id| id.as_uuid()).collect();
    let mut all = BTreeMap::new();
    for row in WAITING.run(tx, Column::Uuid(&ids)).await? {
        if at::<String>(&row, 4)? != State::Pending.word() || at::<i16>(&row, 5)? != 0 {
            continue;
        }
        let waiting = Waiting {
            id: VoucherId::from_uuid(at(&row, 1)?),
            valid_until: instant(at(&row, 2)?),
            told: u64::try_from(at::<i64>(&row, 3)?).map_err(|_| broken("a count"))?,
        };
        all.insert(RedemptionId::from_uuid(at(&row, 0)?), waiting);
    }
    Ok(all)
}

/// Writes down where redemptions stand now, none of which came to nothing.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &[Redemption]) -> Result<(), Error> {
    let ids: Vec<Uuid> = changed.iter().map(|one| one.id.as_uuid()).collect();
    let states: Vec<&str> = changed.iter().map(|one| one.state.word()).collect();
    let ended: Vec<Option<i64>> = changed.iter().map(|one| one.ended_at.map(Timestamp::micros)).collect();
    let told: Vec<i64> = changed.iter().map(|one| count(one.told)).collect();
    let columns = [Column::Uuid(&ids), Column::Text(&states), Column::I64OrNull(&ended), Column::I64(&told)];
    UPDATE.run(tx, &columns).await?;
    Ok(())
}

/// Gives members the vouchers that their redemptions brought.
///
/// # Errors
/// A fault of the database.
pub async fn issue(tx: &Tx, issued: &[Waiting], now: Timestamp) -> Result<(), Error> {
    let ids: Vec<Uuid> = issued.iter().map(|one| one.id.as_uuid()).collect();
    let states = vec![State::Issued.word(); ids.len()];
    let at = vec![now.micros(); ids.len()];
    let told: Vec<i64> = issued.iter().map(|one| count(one.told)).collect();
    ISSUE.run(tx, &[Column::Uuid(&ids), Column::Text(&states), Column::I64(&at), Column::I64(&told)]).await?;
    Ok(())
}
