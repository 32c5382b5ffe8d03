//! A statement for whoever pays: what rewards cost them from one day to another, line by line.
//!
//! **Statements of a sponsor follow one another without a gap, and what they come to together is what the rewards cost**: each begins on the day after
//! the one before, is made of days that are over for good, and is never changed. What comes back later is a line of a later one.

use std::collections::BTreeMap;

use kernel::{Day, RewardCode};

use super::money::{Measure, Price, Sums, TooLarge};

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// What was given or used.
    Charge,
    /// What came back.
    Correction,
}

impl What {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Charge => "charge",
            Self::Correction => "correction",
        }
    }

    /// The one behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Charge, Self::Correction].into_iter().find(|what| what.word() == word)
    }
}

/// A line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// For which reward.
    pub reward: RewardCode,
    /// By which version of its terms.
    pub version: i32,
    /// What it is about.
    pub what: What,
    /// How much: minor units of credit, else pieces; below zero for a correction.
    pub units: i64,
    /// What it comes to, in minor units; below zero for a correction.
    pub amount: i64,
}

/// Why a statement cannot be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotClosed {
    /// One that ends on that day or later is closed.
    Before {
        /// The last day that is in a statement.
        last: Day,
    },
    /// Not all of its days are over for good.
    Unready {
        /// The last day that is; nothing where none is.
        last: Option<Day>,
    },
}

/// The first day of the next statement that shall end with `to`.
///
/// # Errors
/// [`NotClosed`].
pub fn begins(summed: Option<(Day, Day)>, before: Option<Day>, to: Day) -> Result<Day, NotClosed> {
    if let Some(last) = before.filter(|last| to <= *last) {
        return Err(NotClosed::Before { last });
    }
    match summed {
        Some((first, last)) if first <= to && to <= last => {
            Ok(before.map_or(first, |before| Day::from_number(before.number() + 1)))
        }
        _ => Err(NotClosed::Unready { last: summed.map(|(_, last)| last) }),
    }
}

/// What happened to rewards and what their versions cost, as lines for one who pays; nothing stands for the chain.
///
/// # Errors
/// [`TooLarge`].
pub fn lines<'a>(
    sums: impl Iterator<Item = (&'a RewardCode, i32, &'a Sums)>,
    price: impl Fn(&RewardCode, i32) -> Option<&'a Price>,
    sponsor: Option<&str>,
) -> Result<Vec<Line>, TooLarge> {
    let mut all: BTreeMap<(RewardCode, i32, What), (i64, i64)> = BTreeMap::new();
    for (reward, version, sums) in sums {
        if price(reward, version).is_none_or(|price| price.sponsor.as_deref() != sponsor) {
            continue;
        }
        for (what, units, amount) in [
            (What::Charge, sums.of(Measure::Charged), sums.of(Measure::Charge)),
            (What::Correction, -sums.of(Measure::Corrected), -sums.of(Measure::Correction)),
        ] {
            if units != 0 || amount != 0 {
                let sum = all.entry((reward.clone(), version, what)).or_default();
                sum.0 = sum.0.checked_add(units).ok_or(TooLarge)?;
                sum.1 = sum.1.checked_add(amount).ok_or(TooLarge)?;
            }
        }
    }
    let line = |((reward, version, what), (units, amount))| Line { reward, version, what, units, amount };
    Ok(all.into_iter().map(line).collect())
}

/// What lines of a kind come to.
///
/// # Errors
/// [`TooLarge`].
pub fn total(lines: &[Line], what: What) -> Result<i64, TooLarge> {
    let mut of = lines.iter().filter(|line| line.what == what);
    of.try_fold(0_i64, |sum, line| sum.checked_add(line.amount)).ok_or(TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn price(sponsor: Option<&str>, cost: i64) -> Price {
        Price { kind: "free_item".to_owned(), sponsor: sponsor.map(str::to_owned), cost, face: 0, worth: 1 }
    }

    #[test]
    fn a_statement_begins_where_the_one_before_ended_and_ends_when_its_days_are_over() {
        let day = Day::from_number;
        let summed = Some((day(10), day(20)));
        assert_eq!(begins(summed, None, day(15)), Ok(day(10)));
        assert_eq!(begins(summed, Some(day(15)), day(20)), Ok(day(16)));
        assert_eq!(begins(summed, Some(day(15)), day(15)), Err(NotClosed::Before { last: day(15) }));
        assert_eq!(begins(summed, Some(day(15)), day(21)), Err(NotClosed::Unready { last: Some(day(20)) }));
        assert_eq!(begins(summed, None, day(9)), Err(NotClosed::Unready { last: Some(day(20)) }));
        assert_eq!(begins(None, None, day(9)), Err(NotClosed::Unready { last: None }));
        for what in [What::Charge, What::Correction] {
            assert_eq!(What::from_word(what.word()), Some(what));
        }
        assert_eq!(What::from_word("half"), None);
    }

    proptest! {
        /// Whatever happened when, and wherever statements end: nothing is in two of them, and nothing in none.
        #[test]
        fn statements_of_all_who_pay_come_to_what_rewards_cost(
            days in prop::collection::vec((0_usize..4, 0_i64..100, 0_i64..100), 1..60),
            ends in prop::collection::btree_set(0_usize..60, 0..6),
        ) {
            let sponsors = [None, Some("Mahak"), Some("Air"), Some("Mahak")];
            let code = RewardCode::parse("coffee").unwrap();
            let prices: Vec<Price> = sponsors.iter().zip(1_i64..).map(|(who, cost)| price(*who, cost * 7)).collect();
            let mut happened = Vec::new();
            for (version, used, returned) in &days {
                let mut sums = Sums::default();
                sums.add(Measure::UsedWorth, *used).unwrap();
                sums.add(Measure::ReturnedWorth, *returned).unwrap();
                prices[*version].charge(&mut sums).unwrap();
                happened.push((i32::try_from(*version).unwrap(), sums));
            }
            let of = |days: &[(i32, Sums)], sponsor: Option<&str>| {
                let sums = days.iter().map(|(version, sums)| (&code, *version, sums));
                let found = lines(sums, |_, version| prices.get(usize::try_from(version).unwrap()), sponsor).unwrap();
                total(&found, What::Charge).unwrap() + total(&found, What::Correction).unwrap()
            };
            let whole: i64 = happened.iter().map(|(_, sums)| sums.cost().unwrap()).sum();
            let mut sum = 0;
            for sponsor in [None, Some("Mahak"), Some("Air")] {
                let mut first = 0;
                for end in ends.iter().copied().chain([happened.len()]) {
                    let end = end.clamp(first, happened.len());
                    sum += of(&happened[first..end], sponsor);
                    first = end;
                }
            }
            prop_assert_eq!(sum, whole);
        }
    }
}
