//! Rewards and draw tickets that a rule gives in place of points (W3).

use contracts::points::GrantKind;
use kernel::{Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Give, Rule};
use crate::domain::{Every, Limit, Per, Purchase};

/// A reward of the catalogue that comes with the purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstantReward {
    /// The reward's code: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub reward: String,
    /// How many of it, 1 to 1,000; one when left out.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1000, default = 1)]
    pub quantity: i64,
    /// How many of it the rule gives at most, up to 10 limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub at_most: Vec<Quota>,
}

const fn one() -> i64 {
    1
}

/// Tickets of a draw that come with the purchase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawTickets {
    /// The draw's code: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub draw: String,
    /// How many, 1 to 1,000,000.
    #[schema(minimum = 1, maximum = 1_000_000)]
    pub tickets: i64,
    /// For each whole so many minor units paid; left out, for the purchase as such.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub amount: Option<i64>,
    /// How many tickets the rule gives at most, up to 10 limits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub at_most: Vec<Quota>,
}

/// How many a rule gives at most in a period, to somebody or altogether.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Quota {
    /// How many, 1 to 1,000,000,000,000.
    #[schema(minimum = 1)]
    pub units: i64,
    /// Whose are counted together; left out, everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<Per>,
    /// In which period, by the chain's wall clock.
    pub every: Every,
}

impl Quota {
    /// The same as a limit that the tallies know. Its code belongs to the rule, and no limit of the document can have it: a later
    /// version with the same rule goes on counting, also when it allows more or fewer.
    fn limit(self, rule: &str) -> Limit {
        let per = self.per.map_or("all", Per::word);
        let code = format!("{rule}#{per}#{}", self.every.word());
        Limit { code, points: Points::new(self.units), per: self.per, every: self.every, rules: Vec::new() }
    }
}

impl Give {
    /// What it grants besides points, and the code of that.
    #[must_use]
    pub fn grants(&self) -> Option<(GrantKind, &str)> {
        match self {
            Self::InstantReward(give) => Some((GrantKind::InstantReward, &give.reward)),
            Self::DrawTickets(give) => Some((GrantKind::DrawTickets, &give.draw)),
            _ => None,
        }
    }

    /// How many a rule gives at most.
    #[must_use]
    pub fn at_most(&self) -> &[Quota] {
        match self {
            Self::InstantReward(give) => &give.at_most,
            Self::DrawTickets(give) => &give.at_most,
            _ => &[],
        }
    }

    /// How many it grants for a purchase, before any limit has its say; `None` for what gives points.
    pub(super) fn units(&self, purchase: &Purchase) -> Result<Option<i64>, Overflow> {
        Ok(match self {
            Self::InstantReward(give) => Some(give.quantity),
            Self::DrawTickets(give) => Some(give.units(purchase.amount)?),
            _ => None,
        })
    }
}

impl DrawTickets {
    fn units(&self, amount: i64) -> Result<i64, Overflow> {
        let times = self.amount.map_or(1, |each| amount / each.max(1));
        self.tickets.checked_mul(times).ok_or(Overflow)
    }
}

impl Rule {
    /// How many it gives at most, as limits.
    pub(in crate::domain) fn quotas(&self) -> impl Iterator<Item = Limit> {
        self.give.at_most().iter().map(|quota| quota.limit(&self.code))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tickets_come_for_each_whole_amount() {
        let tickets = |amount| DrawTickets { draw: "d".to_owned(), tickets: 3, amount, at_most: Vec::new() };
        for (each, paid, units) in [(None, 0, 3), (Some(100), 99, 0), (Some(100), 299, 6), (Some(1), 7, 21)] {
            assert_eq!(tickets(each).units(paid), Ok(units), "{each:?} {paid}");
        }
        assert_eq!(tickets(Some(1)).units(i64::MAX), Err(Overflow));
    }
}
