//! Limits on what rules give: caps per member, till, cashier or branch, and budgets (P9).
//!
//! **A limit is never exceeded**: what was used is read, counted up and written in the transaction that gives the points.

use std::collections::HashMap;

use kernel::{Day, MemberId, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Purchase;

/// The most points that rules give to somebody, or altogether, in a period.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Names the limit for ever within the programme: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`. A later version with the same
    /// code goes on counting.
    pub code: String,
    /// The most points, 1 to 1,000,000,000,000.
    pub points: Points,
    /// Whose points are counted together; left out, everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// In which period, by the chain's wall clock.
    pub every: Every,
    /// The codes of the rules whose points count; left out, those of all rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<String>,
}

/// Whose points a limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// Each member's.
    Member,
    /// Those given at each till.
    Till,
    /// Those given by each cashier of a branch; purchases that name none count together, till by till.
    Cashier,
    /// Those given at each branch.
    Branch,
}

/// A period by the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Every {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
    /// All of time.
    Ever,
}

impl Per {
    /// The word that the document has for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Till => "till",
            Self::Cashier => "cashier",
            Self::Branch => "branch",
        }
    }
}

impl Every {
    /// The word that the document has for it.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
            Self::Ever => "ever",
        }
    }

    /// The first day of the period that `today` lies in.
    pub(super) fn begun(self, today: Day) -> Day {
        let text = today.to_string();
        let first = |upto: usize, rest: &str| {
            text.get(..upto).and_then(|begin| Day::parse(&format!("{begin}{rest}")).ok()).unwrap_or(today)
        };
        match self {
            Self::Day => today,
            Self::Month => first(7, "-01"),
            Self::Year => first(4, "-01-01"),
            Self::Ever => Day::from_number(0),
        }
    }
}

/// What a limit counts: its code, and whose points.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TallyKey {
    /// The limit's code.
    pub limit: String,
    /// Whose points; empty for everybody's.
    pub of: String,
}

impl Limit {
    /// What it counts of a member; `None` where it counts no single one.
    #[must_use]
    pub fn member_key(&self, member: MemberId) -> Option<TallyKey> {
        let counts_members = self.per == Some(Per::Member);
        counts_members.then(|| TallyKey { limit: self.code.clone(), of: member.to_string() })
    }

    /// What it counts of a purchase.
    #[must_use]
    pub fn key(&self, purchase: &Purchase) -> TallyKey {
        let (branch, till) = (&purchase.branch, &purchase.till);
        let of = match self.per {
            None => String::new(),
            Some(Per::Member) => purchase.member.to_string(),
            Some(Per::Till) => format!("{branch}/{till}"),
            Some(Per::Cashier) => match &purchase.details.cashier {
                Some(cashier) => format!("{branch}/cashier/{cashier}"),
                None => format!("{branch}/till/{till}"),
            },
            Some(Per::Branch) => branch.to_string(),
        };
        TallyKey { limit: self.code.clone(), of }
    }

    /// Whether a rule's points count.
    #[must_use]
    pub fn counts(&self, rule: &str) -> bool {
        self.rules.is_empty() || self.rules.iter().any(|code| code == rule)
    }
}

/// How much of a limit was used in its latest period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tally {
    /// The first day of that period.
    pub begun: Day,
    /// The points given in it.
    pub used: Points,
}

/// How much of each limit was used, as far as it was looked up; what was not looked up was not used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tallies(HashMap<TallyKey, Tally>);

impl Tallies {
    /// Notes a tally as it was stored.
    pub fn note(&mut self, key: TallyKey, tally: Tally) {
        self.0.insert(key, tally);
    }

    /// The tally of a key.
    #[must_use]
    pub fn get(&self, key: &TallyKey) -> Option<Tally> {
        self.0.get(key).copied()
    }

    /// Counts what was used under one key under another one, too: both are one person's. Of two periods the later one counts.
    pub fn merge(&mut self, from: &TallyKey, into: &TallyKey) {
        let Some(used) = self.get(from) else { return };
        let both = match self.get(into) {
            Some(own) if own.begun > used.begun => own,
            Some(own) if own.begun == used.begun => {
                Tally { used: own.used.plus(used.used).unwrap_or(Points::new(i64::MAX)), ..own }
            }
            _ => used,
        };
        self.note(into.clone(), both);
    }
}

/// What one decision uses of limits, kept apart until it is made.
pub(super) struct Counting<'a> {
    before: &'a Tallies,
    after: HashMap<TallyKey, Tally>,
    today: Day,
}

impl<'a> Counting<'a> {
    pub(super) fn new(before: &'a Tallies, today: Day) -> Self {
        Self { before, after: HashMap::new(), today }
    }

    /// How much of a limit is left.
    pub(super) fn left(&self, most: Points, every: Every, key: &TallyKey) -> Result<Points, Overflow> {
        Ok(most.minus(self.tally(every, key).used)?.max(Points::ZERO))
    }

    /// Counts what was used.
    pub(super) fn take(&mut self, some: Points, every: Every, key: TallyKey) -> Result<(), Overflow> {
        let tally = self.tally(every, &key);
        self.after.insert(key, Tally { used: tally.used.plus(some)?, ..tally });
        Ok(())
    }

    pub(super) fn used(self) -> HashMap<TallyKey, Tally> {
        self.after
    }

    /// A tally of an earlier period counts nothing. One of a later period stays: somebody else's clock is past midnight.
    fn tally(&self, every: Every, key: &TallyKey) -> Tally {
        let begun = every.begun(self.today);
        let known = self.after.get(key).copied().or_else(|| self.before.get(key));
        known.filter(|tally| tally.begun >= begun).unwrap_or(Tally { begun, used: Points::ZERO })
    }
}

/// What one purchase uses of limits.
pub(super) struct Using<'a> {
    counting: Counting<'a>,
    purchase: &'a Purchase,
}

impl<'a> Using<'a> {
    pub(super) fn new(before: &'a Tallies, purchase: &'a Purchase) -> Self {
        Self { counting: Counting::new(before, purchase.today), purchase }
    }

    /// How much a limit still allows.
    pub(super) fn left(&self, limit: &Limit) -> Result<Points, Overflow> {
        self.counting.left(limit.points, limit.every, &limit.key(self.purchase))
    }

    /// Counts points that were given.
    pub(super) fn take(&mut self, limit: &Limit, points: Points) -> Result<(), Overflow> {
        self.counting.take(points, limit.every, limit.key(self.purchase))
    }

    pub(super) fn used(self) -> HashMap<TallyKey, Tally> {
        self.counting.used()
    }
}

impl Tallies {
    /// Counts what a decision used.
    pub(super) fn add(&mut self, used: HashMap<TallyKey, Tally>) {
        self.0.extend(used);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_where_the_calendar_says() {
        let day = |text| Day::parse(text).unwrap();
        let today = day("2028-02-29");
        assert_eq!(Every::Day.begun(today), today);
        assert_eq!(Every::Month.begun(today), day("2028-02-01"));
        assert_eq!(Every::Year.begun(today), day("2028-01-01"));
        assert_eq!(Every::Ever.begun(today), Every::Ever.begun(day("1999-01-01")));
    }
}
