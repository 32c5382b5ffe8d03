//! What does the chain owe, how did that come to be, and who owes whom among the branches?
//!
//! Closed days are read as sums, the days since then out of the journals, all of one moment of the database: reports are
//! right whether or not a day was closed.

use std::collections::BTreeMap;

use kernel::{BranchCode, Day, Points, Timestamp};
use runtime::Chain;
use store::{Database, Tx};

use crate::{
    domain::{
        Book, Clearing, Value, clear,
        money::{DaySums, Debts, Flow, Place, RollForward},
    },
    store::{
        money,
        rates::{self, StatedRates},
    },
};

/// The first day that anything can have been recorded on.
const BEGINNING: Day = Day::from_number(i32::MIN / 2);

/// Days from one to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Day,
    /// The last.
    pub to: Day,
}

impl Days {
    fn until(to: Day) -> Self {
        Self { from: BEGINNING, to }
    }

    fn before(day: Day) -> Self {
        Self::until(Day::from_number(day.number() - 1))
    }
}

/// How what is owed came to be.
pub struct RollForwards {
    /// Per funder.
    pub funders: BTreeMap<BranchCode, RollForward>,
    /// All together.
    pub total: RollForward,
    /// What members owe.
    pub debts: Debts,
}

/// From what was owed before the days to what was owed after them.
///
/// # Errors
/// When the database refuses.
pub async fn roll_forward(database: &Database, chain: &Chain, days: Days) -> anyhow::Result<RollForwards> {
    let tx = database.snapshot().await?;
    let mut answer =
        RollForwards { funders: BTreeMap::new(), total: RollForward::default(), debts: Debts::default() };
    for ((funder, _, template), points) in flows(&tx, chain, Days::before(days.from)).await? {
        answer.funders.entry(funder).or_default().before(template, points)?;
        answer.total.before(template, points)?;
        answer.debts.before(template, points)?;
    }
    for ((funder, _, template), points) in flows(&tx, chain, days).await? {
        answer.funders.entry(funder).or_default().take(template, points)?;
        answer.total.take(template, points)?;
        answer.debts.take(template, points)?;
    }
    tx.rollback().await?;
    Ok(answer)
}

/// What one funder owes at the end of a day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Owed {
    /// Points that members can spend.
    pub spendable: Points,
    /// Points that they cannot spend yet.
    pub pending: Points,
    /// Points set aside for redemptions under way.
    pub held: Points,
    /// Points on the way from one member to another.
    pub in_transit: Points,
    /// All of them.
    pub points: Points,
    /// Points whose last day was over and that nobody had written off: not owed any more, and not counted above.
    pub lapsed: Points,
    /// What they are worth; `None` as long as no rates are stated.
    pub value: Option<Value>,
}

/// What is owed at the end of a day.
pub struct Liability {
    /// Per funder.
    pub funders: BTreeMap<BranchCode, Owed>,
    /// All together.
    pub total: Owed,
    /// The rates that were valid then.
    pub rates: Option<StatedRates>,
    /// The balance of every kind of account then.
    pub books: BTreeMap<Book, Points>,
}

/// What was owed at the end of a day.
///
/// # Errors
/// When the database refuses.
pub async fn liability(database: &Database, chain: &Chain, on: Day) -> anyhow::Result<Liability> {
    let tx = database.snapshot().await?;
    let rates = rates::valid_on(tx.connection(), on).await?;
    let mut funders: BTreeMap<BranchCode, Owed> = BTreeMap::new();
    for ((book, funder, last_day), points) in owed(&tx, chain, on).await? {
        let owed = funders.entry(funder).or_default();
        let place = match book {
            Book::Member if last_day < on => {
                owed.lapsed = owed.lapsed.plus(points)?;
                continue;
            }
            Book::Pending => &mut owed.pending,
            Book::Held => &mut owed.held,
            Book::Transit => &mut owed.in_transit,
            _ => &mut owed.spendable,
        };
        *place = place.plus(points)?;
        owed.points = owed.points.plus(points)?;
    }
    let mut total = Owed::default();
    for (funder, owed) in &mut funders {
        owed.value = rates.as_ref().map(|stated| stated.rates.value_of(funder, owed.points)).transpose()?;
        total = total.plus(*owed)?;
    }
    let mut books: BTreeMap<Book, Points> = BTreeMap::new();
    for ((_, _, template), points) in flows(&tx, chain, Days::until(on)).await? {
        let (debit, credit) = template.books();
        let sum = books.entry(debit).or_default();
        *sum = sum.minus(points)?;
        let sum = books.entry(credit).or_default();
        *sum = sum.plus(points)?;
    }
    tx.rollback().await?;
    Ok(Liability { funders, total, rates, books })
}

impl Owed {
    fn plus(self, other: Self) -> Result<Self, kernel::Overflow> {
        Ok(Self {
            spendable: self.spendable.plus(other.spendable)?,
            pending: self.pending.plus(other.pending)?,
            held: self.held.plus(other.held)?,
            in_transit: self.in_transit.plus(other.in_transit)?,
            points: self.points.plus(other.points)?,
            lapsed: self.lapsed.plus(other.lapsed)?,
            value: match (self.value, other.value) {
                (Some(a), Some(b)) => Some(a.plus(b)?),
                (some, None) | (None, some) => some,
            },
        })
    }
}

/// Clears the branches over these days, at the cost that is valid on the last of them.
///
/// # Errors
/// When the database refuses.
pub async fn clearing(
    database: &Database,
    chain: &Chain,
    days: Days,
) -> anyhow::Result<(Clearing, Option<StatedRates>)> {
    let tx = database.snapshot().await?;
    let rates = rates::valid_on(tx.connection(), days.to).await?;
    let flows = flows(&tx, chain, days).await?;
    tx.rollback().await?;
    let cost = |funder: &BranchCode| rates.as_ref().map(|stated| stated.rates.cost_of(funder));
    let clearing = clear(flows.iter().map(|(flow, points)| (flow, *points)), cost)?;
    Ok((clearing, rates))
}

/// What moved on these days.
async fn flows(tx: &Tx, chain: &Chain, days: Days) -> anyhow::Result<BTreeMap<Flow, Points>> {
    let mut flows = money::flows(tx, days.from, days.to).await?;
    for (flow, points) in since_closed(tx, chain, days).await?.flows {
        let sum = flows.entry(flow).or_default();
        *sum = sum.plus(points)?;
    }
    Ok(flows)
}

/// Where what is owed lies at the end of a day.
async fn owed(tx: &Tx, chain: &Chain, on: Day) -> anyhow::Result<BTreeMap<Place, Points>> {
    let mut owed = money::owed(tx, BEGINNING, on).await?;
    for (place, points) in since_closed(tx, chain, Days::until(on)).await?.owed {
        let sum = owed.entry(place).or_default();
        *sum = sum.plus(points)?;
    }
    Ok(owed)
}

/// What was recorded on those of the days that are not closed.
async fn since_closed(tx: &Tx, chain: &Chain, days: Days) -> anyhow::Result<DaySums> {
    let begins = |day: Day| {
        if day == BEGINNING { Timestamp::from_micros(i64::MIN) } else { chain.begins(day) }
    };
    let open = money::last_closed(tx).await?.map(|last| (Day::from_number(last.day.number() + 1), last.ends));
    let from = match open {
        Some((first_open, begins_at)) if days.from <= first_open => begins_at,
        _ => begins(days.from),
    };
    let until = begins(Day::from_number(days.to.number() + 1));
    if from >= until { Ok(DaySums::default()) } else { money::recorded(tx, from, until).await }
}
