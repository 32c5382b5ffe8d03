//! What came of a campaign, for each of its arms, and what it did that would not have happened anyway.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Arm;

/// What came of one arm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArmResults {
    /// Members in it.
    pub members: u64,
    /// Messages that went.
    pub sent: u64,
    /// Messages that are known to have arrived, those that were read with them.
    pub delivered: u64,
    /// Messages that are known to have been read.
    pub opened: u64,
    /// Messages that wait still.
    pub waiting: u64,
    /// Messages that no provider took in time.
    pub failed: u64,
    /// Messages that did not go, by why.
    pub dropped: BTreeMap<String, u64>,
    /// Members who bought within the days that count.
    pub buyers: u64,
    /// What their first purchases came to, in minor units.
    pub amount: i64,
}

/// What came of a campaign, by arm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those who were held out.
    pub control: ArmResults,
    /// Those with the first words.
    pub first: ArmResults,
    /// Those with the second words.
    pub second: ArmResults,
}

impl Tally {
    /// What came of an arm.
    #[must_use]
    pub const fn of(&self, arm: Arm) -> &ArmResults {
        match arm {
            Arm::Control => &self.control,
            Arm::First => &self.first,
            Arm::Second => &self.second,
        }
    }

    /// The same, to be counted on.
    pub const fn of_mut(&mut self, arm: Arm) -> &mut ArmResults {
        match arm {
            Arm::Control => &mut self.control,
            Arm::First => &mut self.first,
            Arm::Second => &mut self.second,
        }
    }
}

/// What an arm did beyond what those did who got nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Buyers of ten thousand members, more than of the control group.
    pub buyers_of_10000: i64,
    /// What a thousand members spent more, in minor units.
    pub amount_of_1000: i64,
}

/// What an arm did beyond the control group; nothing where there is nobody to compare with, or nobody who is compared.
#[must_use]
pub fn difference(arm: &ArmResults, control: &ArmResults) -> Option<Difference> {
    if arm.members == 0 || control.members == 0 {
        return None;
    }
    let (own, theirs) = (i128::from(arm.members), i128::from(control.members));
    let more = |own_sum: i128, their_sum: i128, of: i128| {
        let (own_sum, their_sum) = (own_sum * of, their_sum * of);
        let more = own_sum
            .saturating_mul(theirs)
            .saturating_sub(their_sum.saturating_mul(own))
            .div_euclid(own * theirs);
        i64::try_from(more).unwrap_or(if more < 0 { i64::MIN } else { i64::MAX })
    };
    Some(Difference {
        buyers_of_10000: more(i128::from(arm.buyers), i128::from(control.buyers), 10_000),
        amount_of_1000: more(i128::from(arm.amount), i128::from(control.amount), 1_000),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(members: u64, buyers: u64, amount: i64) -> ArmResults {
        ArmResults { members, buyers, amount, ..ArmResults::default() }
    }

    #[test]
    fn what_it_did_is_what_would_not_have_happened_anyway() {
        let control = arm(1_000, 50, 5_000_000);
        let did =
            |one: &ArmResults| difference(one, &control).map(|it| (it.buyers_of_10000, it.amount_of_1000));
        assert_eq!(did(&arm(9_000, 900, 90_000_000)), Some((500, 5_000_000)));
        assert_eq!(did(&arm(9_000, 450, 45_000_000)), Some((0, 0)));
        assert_eq!(did(&arm(10, 0, 0)), Some((-500, -5_000_000)));
        assert_eq!(did(&arm(0, 0, 0)), None);
        assert_eq!(difference(&control, &arm(0, 0, 0)), None);
        let all = difference(&arm(1, 1, i64::MAX), &arm(1, 0, 0)).expect("a difference");
        assert_eq!(all.amount_of_1000, i64::MAX);
    }
}
