//! How many of a reward there are: for the whole chain, at branches, or both.
//!
//! **What is reserved and given never exceeds what there is**: each statement compares and changes in one, and the schema refuses the
//! rest. A reward without a row has no end.

use kernel::{BranchCode, RewardCode};
use sea_orm::ConnectionTrait;
use store::Tx;

use super::{at, broken, execute, query};
use crate::{domain::refusal::Refusal, error::Error};

/// The stock of a reward at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stock {
    /// Where; nothing for the chain's own.
    pub branch: Option<BranchCode>,
    /// How many there are, all in all.
    pub initial: i64,
    /// How many are reserved for redemptions under way.
    pub reserved: i64,
    /// How many were given.
    pub issued: i64,
}

impl Stock {
    /// How many are left.
    #[must_use]
    pub const fn left(&self) -> i64 {
        self.initial - self.reserved - self.issued
    }
}

/// Of which stock one was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// The chain's.
    pub chain: bool,
    /// The branch's.
    pub branch: bool,
}

const CHAIN: &str = "";

/// The stock of a reward, the chain's first.
///
/// # Errors
/// A fault of the database.
pub async fn of(on: &impl ConnectionTrait, reward: &RewardCode) -> Result<Vec<Stock>, Error> {
    let sql = "SELECT branch, initial, reserved, issued FROM stock WHERE reward = $1 ORDER BY branch";
    let rows = query(on, sql, [reward.as_str().into()]).await?;
    let stock = |row| {
        let branch: String = at(row, 0)?;
        let branch = Some(branch).filter(|branch| branch != CHAIN);
        let branch =
            branch.map(|code| BranchCode::parse(&code).map_err(|_| broken("a branch"))).transpose()?;
        Ok(Stock { branch, initial: at(row, 1)?, reserved: at(row, 2)?, issued: at(row, 3)? })
    };
    rows.iter().map(stock).collect()
}

/// Says how many there are, all in all.
///
/// # Errors
/// [`Refusal::StockTooSmall`], or a fault of the database.
pub async fn set(
    tx: &Tx,
    reward: &RewardCode,
    branch: Option<&BranchCode>,
    initial: i64,
) -> Result<(), Error> {
    let place = branch.map_or(CHAIN, BranchCode::as_str);
    let sql = "INSERT INTO stock (reward, branch, initial, reserved, issued) VALUES ($1, $2, $3, 0, 0) \
               ON CONFLICT (reward, branch) DO UPDATE SET initial = excluded.initial \
               WHERE stock.reserved + stock.issued <= excluded.initial";
    let values = [reward.as_str().into(), place.into(), initial.into()];
    if execute(tx, sql, values).await? == 1 {
        return Ok(());
    }
    let all = of(tx, reward).await?;
    let taken = all.iter().find(|stock| stock.branch.as_ref() == branch);
    Err(Refusal::StockTooSmall { taken: taken.map_or(0, |stock| stock.reserved + stock.issued) }.into())
}

/// Adds so many to the chain's stock.
///
/// # Errors
/// A fault of the database.
pub async fn add(tx: &Tx, reward: &RewardCode, more: i64) -> Result<(), Error> {
    let sql = "INSERT INTO stock (reward, branch, initial, reserved, issued) VALUES ($1, '', $2, 0, 0) \
               ON CONFLICT (reward, branch) DO UPDATE SET initial = stock.initial + excluded.initial";
    execute(tx, sql, [reward.as_str().into(), more.into()]).await.map(drop)
}

/// Reserves one, of the branch's stock and of the chain's, where there are such.
///
/// # Errors
/// [`Refusal::BranchMissing`], [`Refusal::OutOfStock`], or a fault of the database.
pub async fn reserve(tx: &Tx, reward: &RewardCode, branch: Option<&BranchCode>) -> Result<Taken, Error> {
    let rows = of(tx, reward).await?;
    let of_branches = rows.iter().any(|stock| stock.branch.is_some());
    if of_branches && branch.is_none() {
        return Err(Refusal::BranchMissing.into());
    }
    let chain = rows.iter().any(|stock| stock.branch.is_none());
    // The branch's first, so that the row that everybody wants is held for the shortest time.
    let places = [branch.filter(|_| of_branches).map(BranchCode::as_str), chain.then_some(CHAIN)];
    let sql = "UPDATE stock SET reserved = reserved + 1 \
               WHERE reward = $1 AND branch = $2 AND reserved + issued < initial";
    for place in places.into_iter().flatten() {
        if execute(tx, sql, [reward.as_str().into(), place.into()]).await? == 0 {
            return Err(Refusal::OutOfStock.into());
        }
    }
    Ok(Taken { chain, branch: of_branches })
}

/// Gives back what was reserved.
///
/// # Errors
/// A fault of the database.
pub async fn give_back(
    tx: &Tx,
    reward: &RewardCode,
    branch: Option<&BranchCode>,
    taken: Taken,
) -> Result<(), Error> {
    change(tx, "UPDATE stock SET reserved = reserved - 1", reward, branch, taken).await
}

/// Gives what was reserved.
///
/// # Errors
/// A fault of the database.
pub async fn issue(
    tx: &Tx,
    reward: &RewardCode,
    branch: Option<&BranchCode>,
    taken: Taken,
) -> Result<(), Error> {
    change(tx, "UPDATE stock SET reserved = reserved - 1, issued = issued + 1", reward, branch, taken).await
}

/// Takes back what was given.
///
/// # Errors
/// A fault of the database.
pub async fn take_back(
    tx: &Tx,
    reward: &RewardCode,
    branch: Option<&BranchCode>,
    taken: Taken,
) -> Result<(), Error> {
    change(tx, "UPDATE stock SET issued = issued - 1", reward, branch, taken).await
}

async fn change(
    tx: &Tx,
    deed: &str,
    reward: &RewardCode,
    branch: Option<&BranchCode>,
    taken: Taken,
) -> Result<(), Error> {
    let sql = format!("{deed} WHERE reward = $1 AND branch = $2");
    let places = [branch.filter(|_| taken.branch).map(BranchCode::as_str), taken.chain.then_some(CHAIN)];
    for place in places.into_iter().flatten() {
        if execute(tx, &sql, [reward.as_str().into(), place.into()]).await? != 1 {
            return Err(broken("a stock"));
        }
    }
    Ok(())
}
