//! How many of a reward there are: for the whole chain, at branches, or both.
//!
//! **What is reserved and given never exceeds what there is**: each statement compares and changes in one, and the schema refuses the
//! rest. A reward without a row has no end.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::LazyLock,
};

use kernel::{BranchCode, RewardCode};
use sea_orm::ConnectionTrait;
use store::{
    Column,
    ColumnType::{self, I64, Text},
    Tx,
    bulk::{BulkSelect, BulkUpdate},
};

use super::{at, broken, execute, offers::code, query, redemptions::Redemption};
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

/// What changes of the stock at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Of which reward.
    pub reward: RewardCode,
    /// Where; empty for the chain's own.
    pub place: String,
    /// How many more are reserved.
    pub reserved: i64,
    /// How many more are given.
    pub issued: i64,
}

impl Change {
    /// One is reserved for a redemption.
    #[must_use]
    pub fn reserved(of: &Redemption) -> Vec<Self> {
        Self::of(of, (1, 0))
    }

    /// What was reserved for a redemption is given.
    #[must_use]
    pub fn issued(of: &Redemption) -> Vec<Self> {
        Self::of(of, (-1, 1))
    }

    fn of(of: &Redemption, (reserved, issued): (i64, i64)) -> Vec<Self> {
        let branch = of.branch.as_ref().filter(|_| of.taken.branch).map(BranchCode::as_str);
        let places = branch.into_iter().chain(of.taken.chain.then_some(CHAIN));
        let change =
            |place: &str| Self { reward: of.reward.clone(), place: place.to_owned(), reserved, issued };
        places.map(change).collect()
    }
}

/// How many there are left of rewards, at some places.
#[derive(Clone, Debug, Default)]
pub struct Left {
    left: HashMap<(RewardCode, String), i64>,
    /// Rewards that have stock at branches.
    of_branches: HashSet<RewardCode>,
}

impl Left {
    /// Takes one, of the branch's stock and of the chain's, where there are such.
    ///
    /// # Errors
    /// [`Refusal::BranchMissing`], [`Refusal::OutOfStock`]; nothing is taken then.
    pub fn take(&mut self, reward: &RewardCode, branch: Option<&BranchCode>) -> Result<Taken, Refusal> {
        let of_branches = self.of_branches.contains(reward);
        if of_branches && branch.is_none() {
            return Err(Refusal::BranchMissing);
        }
        let of_chain = (reward.clone(), CHAIN.to_owned());
        let chain = self.left.contains_key(&of_chain);
        let of_branch = branch.filter(|_| of_branches).map(|branch| (reward.clone(), branch.to_string()));
        let places: Vec<_> = of_branch.into_iter().chain(chain.then_some(of_chain)).collect();
        if places.iter().any(|place| self.left.get(place).is_none_or(|left| *left < 1)) {
            return Err(Refusal::OutOfStock);
        }
        for place in &places {
            self.left.entry(place.clone()).and_modify(|left| *left -= 1);
        }
        Ok(Taken { chain, branch: of_branches })
    }
}

/// How many there are left of these rewards at these branches and for the whole chain, held against others until the transaction
/// ends; those at branches first, as everywhere.
///
/// # Errors
/// A fault of the database.
pub async fn left(
    tx: &Tx,
    wanted: impl Iterator<Item = (&RewardCode, Option<&BranchCode>)>,
) -> Result<Left, Error> {
    let wanted: BTreeSet<_> = wanted.map(|(reward, branch)| (reward.as_str(), branch)).collect();
    let rewards: BTreeSet<&str> = wanted.iter().map(|(reward, _)| *reward).collect();
    let rewards: Vec<&str> = rewards.into_iter().collect();
    let at_branches = wanted.iter().filter_map(|(reward, branch)| Some((*reward, (*branch)?.as_str())));
    let (of, branches): (Vec<&str>, Vec<&str>) = at_branches.unzip();
    let mut found = Left::default();
    for row in OF_BRANCHES.run(tx, Column::Text(&rewards)).await? {
        found.of_branches.insert(code(&row, 0)?);
    }
    let chain = vec![CHAIN; rewards.len()];
    for sought in
        [[Column::Text(&of), Column::Text(&branches)], [Column::Text(&rewards), Column::Text(&chain)]]
    {
        for row in LOCK.run_by(tx, &sought).await? {
            found.left.insert((code(&row, 0)?, at(&row, 1)?), at(&row, 2)?);
        }
    }
    Ok(found)
}

static OF_BRANCHES: LazyLock<BulkSelect> = LazyLock::new(|| {
    let table = "(SELECT DISTINCT reward FROM stock WHERE branch <> '') AS at_branches";
    BulkSelect::new(table, "reward", ("reward", Text))
});
static LOCK: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::by_for_update("stock", "reward, branch, initial - reserved - issued", &PLACE)
});
static ADD: LazyLock<BulkUpdate> =
    LazyLock::new(|| BulkUpdate::adding("stock", &PLACE, &[("reserved", I64), ("issued", I64)]));
const PLACE: [(&str, ColumnType); 2] = [("reward", Text), ("branch", Text)];

/// Changes the stock at many places; those at branches first, as everywhere, so that nobody waits in a circle.
///
/// # Errors
/// A fault of the database.
pub async fn change_all(tx: &Tx, changes: Vec<Change>) -> Result<(), Error> {
    let mut sums: BTreeMap<(bool, String, String), (i64, i64)> = BTreeMap::new();
    for change in changes {
        let (reserved, issued) =
            sums.entry((change.place == CHAIN, change.reward.as_str().to_owned(), change.place)).or_default();
        *reserved += change.reserved;
        *issued += change.issued;
    }
    for of_chain in [false, true] {
        let sums = sums.iter().filter(|((chain, ..), _)| *chain == of_chain);
        let (places, sums): (Vec<_>, Vec<_>) = sums.map(|(place, sum)| (place, *sum)).unzip();
        let rewards: Vec<&str> = places.iter().map(|(_, reward, _)| reward.as_str()).collect();
        let branches: Vec<&str> = places.iter().map(|(.., branch)| branch.as_str()).collect();
        let (reserved, issued): (Vec<i64>, Vec<i64>) = sums.into_iter().unzip();
        let sought = [Column::Text(&rewards), Column::Text(&branches)];
        LOCK.run_by(tx, &sought).await?;
        let columns = [sought[0], sought[1], Column::I64(&reserved), Column::I64(&issued)];
        if ADD.run(tx, &columns).await? != rewards.len() as u64 {
            return Err(broken("a stock"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn branch(number: usize) -> BranchCode {
        BranchCode::parse(&format!("branch-{number}")).expect("a code")
    }

    proptest! {
        /// One is taken exactly where there is one at every place that counts; a refusal takes nothing.
        #[test]
        fn what_is_taken_and_what_is_left_are_what_there_was(
            chain in proptest::option::of(0..12_i64),
            branches in proptest::collection::vec(0..6_i64, 0..4),
            wishes in proptest::collection::vec(proptest::option::of(0..5_usize), 0..40),
        ) {
            let coffee = RewardCode::parse("coffee").expect("a code");
            let place = |branch: Option<usize>| {
                (coffee.clone(), branch.map_or_else(|| CHAIN.to_owned(), |number| self::branch(number).to_string()))
            };
            let mut left = Left::default();
            left.left.extend(chain.map(|units| (place(None), units)));
            left.left.extend(branches.iter().enumerate().map(|(number, units)| (place(Some(number)), *units)));
            left.of_branches.extend((!branches.is_empty()).then(|| coffee.clone()));
            let before = left.left.clone();
            let mut given: HashMap<(RewardCode, String), i64> = HashMap::new();
            for wish in wishes {
                let branch = wish.map(self::branch);
                let counted = (wish.filter(|_| !branches.is_empty()), chain.is_some());
                let mut places: Vec<_> = counted.0.map(|number| place(Some(number))).into_iter().collect();
                places.extend(counted.1.then(|| place(None)));
                let there = |at: &(RewardCode, String)| {
                    before.get(at).copied().unwrap_or(0) - given.get(at).copied().unwrap_or(0)
                };
                let expected = if wish.is_none() && !branches.is_empty() {
                    Err(Refusal::BranchMissing)
                } else if places.iter().all(|at| there(at) > 0) {
                    Ok(Taken { chain: counted.1, branch: !branches.is_empty() })
                } else {
                    Err(Refusal::OutOfStock)
                };
                prop_assert_eq!(left.take(&coffee, branch.as_ref()), expected);
                if expected.is_ok() {
                    for at in places {
                        *given.entry(at).or_default() += 1;
                    }
                }
            }
            for (at, units) in &before {
                let now = left.left[at];
                prop_assert!(now >= 0);
                prop_assert_eq!(now, units - given.get(at).copied().unwrap_or(0));
            }
        }
    }
}
