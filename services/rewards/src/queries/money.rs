//! What do rewards cost, whom, and what is still to come?
//!
//! Days that are summed are read as sums, the days since then out of the rows, all of one moment of the database: reports are right
//! whether or not a day was summed.

use std::collections::BTreeMap;

use kernel::{Day, RewardCode, Timestamp};
use runtime::Chain;
use store::{Database, Tx};

use crate::{
    domain::money::{Measure, Price, Sums, share},
    error::Error,
    store::{
        money::{self, Outstanding},
        money_flows::{self, Line},
    },
};

/// For so many days back it is looked how much of what was given was used.
const RATE_DAYS: i32 = 366;
/// What waits for points for longer than this is no longer under way.
const UNDER_WAY_MS: i64 = 7 * 24 * 60 * 60 * 1_000;

/// Prices of all versions.
pub type Prices = BTreeMap<(RewardCode, i32), Price>;

/// What happened in a time, with what it costs.
///
/// # Errors
/// A fault of the database.
pub async fn of_day(
    look: &Tx,
    (begins, ends): (Timestamp, Timestamp),
) -> Result<BTreeMap<Line, Sums>, Error> {
    let prices = money::prices(look).await?;
    priced(look, &prices, (begins, ends)).await
}

async fn priced(
    look: &Tx,
    prices: &Prices,
    (begins, ends): (Timestamp, Timestamp),
) -> Result<BTreeMap<Line, Sums>, Error> {
    let mut all = money_flows::between(look, begins, ends).await?;
    for ((reward, version, _), sums) in &mut all {
        if let Some(price) = prices.get(&(reward.clone(), *version)) {
            price.charge(sums)?;
        }
    }
    Ok(all)
}

/// What happened on days, both included, by reward, version and way.
///
/// # Errors
/// A fault of the database.
pub async fn lines(
    look: &Tx,
    chain: &Chain,
    (from, to): (Day, Day),
    now: Timestamp,
) -> Result<(BTreeMap<Line, Sums>, Prices), Error> {
    let prices = money::prices(look).await?;
    let mut all = money::kept(look, from, to).await?;
    let open = match money::last_closed(look).await? {
        Some(last) => Some((Day::from_number(last.day.number() + 1), last.ends)),
        None => {
            money::first(look).await?.map(|at| chain.local(at, None).day).map(|day| (day, chain.begins(day)))
        }
    };
    let Some((mut day, mut begins)) = open else { return Ok((all, prices)) };
    let today = chain.local(now, None).day;
    while day <= to && day <= today {
        let next = Day::from_number(day.number() + 1);
        let ends = chain.begins(next);
        if day >= from {
            for (line, sums) in priced(look, &prices, (begins, ends)).await? {
                all.entry(line).or_default().take(&sums)?;
            }
        }
        (day, begins) = (next, ends);
    }
    Ok((all, prices))
}

/// What happened to a reward.
#[derive(Clone, Debug, Default)]
pub struct RewardCosts {
    /// Its kind, as its latest version says.
    pub kind: String,
    /// Everything.
    pub total: Sums,
    /// By how it came to be somebody's.
    pub ways: BTreeMap<String, Sums>,
}

/// What rewards cost on days, both included.
///
/// # Errors
/// A fault of the database.
pub async fn costs(
    database: &Database,
    chain: &Chain,
    days: (Day, Day),
    now: Timestamp,
) -> Result<BTreeMap<RewardCode, RewardCosts>, Error> {
    let look = database.snapshot().await?;
    let (lines, prices) = lines(&look, chain, days, now).await?;
    look.rollback().await?;
    let mut all: BTreeMap<RewardCode, RewardCosts> = BTreeMap::new();
    for ((reward, version, way), sums) in lines {
        let costs = all.entry(reward.clone()).or_default();
        if let Some(price) = prices.get(&(reward, version)) {
            price.kind.clone_into(&mut costs.kind);
        }
        costs.total.take(&sums)?;
        costs.ways.entry(way).or_default().take(&sums)?;
    }
    Ok(all)
}

/// What one line of the liability is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct About {
    /// Which reward.
    pub reward: RewardCode,
    /// How it came to be somebody's.
    pub way: String,
    /// Its kind.
    pub kind: String,
    /// Who pays; nobody where it is the chain.
    pub sponsor: Option<String>,
    /// The first day of the month in which it ends.
    pub ends_in: Day,
}

/// What is owed for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// How many vouchers and codes.
    pub count: i64,
    /// What is left of them: minor units of credit, 1 of what is used once.
    pub left: i64,
    /// Of these, what tills have set aside.
    pub reserved: i64,
    /// What is written on them, in minor units.
    pub face: i64,
    /// What all of it would cost.
    pub cost: i64,
    /// What it will cost if as much of it is used as before.
    pub expected: i64,
}

impl Owed {
    /// More of it.
    ///
    /// # Errors
    /// [`crate::domain::money::TooLarge`].
    pub fn take(&mut self, other: Self) -> Result<(), crate::domain::money::TooLarge> {
        for (sum, more) in [
            (&mut self.count, other.count),
            (&mut self.left, other.left),
            (&mut self.reserved, other.reserved),
            (&mut self.face, other.face),
            (&mut self.cost, other.cost),
            (&mut self.expected, other.expected),
        ] {
            *sum = sum.checked_add(more).ok_or(crate::domain::money::TooLarge)?;
        }
        Ok(())
    }
}

/// What is outstanding.
#[derive(Clone, Debug, Default)]
pub struct Liability {
    /// Line by line.
    pub lines: BTreeMap<About, Owed>,
    /// Redemptions whose points are not redeemed yet: how many, and how many points.
    pub under_way: BTreeMap<RewardCode, (i64, i64)>,
}

/// What is outstanding now.
///
/// # Errors
/// A fault of the database.
pub async fn liability(database: &Database, chain: &Chain, now: Timestamp) -> Result<Liability, Error> {
    let look = database.snapshot().await?;
    let today = chain.local(now, None).day;
    let year = (Day::from_number(today.number() - RATE_DAYS), today);
    let (history, prices) = lines(&look, chain, year, now).await?;
    let rates = rates(&history)?;
    let mut found = Liability::default();
    let mut from = now;
    while let Some(end) = money::next_end(&look, from).await? {
        let month = chain.local(end, None).day.month_start();
        let next = chain.begins(month.plus_months(1));
        for ((reward, version, way), one) in money::outstanding(&look, now, (from, next)).await? {
            let Some(price) = prices.get(&(reward.clone(), version)) else { continue };
            let owed = owed(price, one, rates.get(&reward).copied())?;
            let (kind, sponsor) = (price.kind.clone(), price.sponsor.clone());
            let about = About { reward, way, kind, sponsor, ends_in: month };
            found.lines.entry(about).or_default().take(owed)?;
        }
        from = next;
    }
    for ((reward, _), (count, points)) in money::under_way(&look, now.plus_millis(-UNDER_WAY_MS)).await? {
        let sum = found.under_way.entry(reward).or_default();
        (sum.0, sum.1) = (sum.0 + count, sum.1 + points);
    }
    look.rollback().await?;
    Ok(found)
}

/// Of each reward how much was used, and how much of it had an end: used or not.
fn rates(history: &BTreeMap<Line, Sums>) -> Result<BTreeMap<RewardCode, (i64, i64)>, Error> {
    let mut all: BTreeMap<RewardCode, Sums> = BTreeMap::new();
    for ((reward, ..), sums) in history {
        all.entry(reward.clone()).or_default().take(sums)?;
    }
    let rate = |(reward, sums): (RewardCode, Sums)| {
        let used = (sums.of(Measure::UsedWorth) - sums.of(Measure::ReturnedWorth)).max(0);
        (reward, (used, used.saturating_add(sums.of(Measure::ExpiredWorth))))
    };
    Ok(all.into_iter().map(rate).collect())
}

fn owed(price: &Price, one: Outstanding, rate: Option<(i64, i64)>) -> Result<Owed, Error> {
    let cost = if price.costs_when_used() { price.cost_of(one.left)? } else { 0 };
    let (used, ended) = rate.unwrap_or_default();
    Ok(Owed {
        count: one.count,
        left: one.left,
        reserved: one.reserved,
        face: share(price.face, one.left, price.worth)?,
        cost,
        expected: share(cost, used, ended)?,
    })
}
