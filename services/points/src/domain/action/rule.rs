//! A rule about an action: when it applies, what it gives, who pays.

use contracts::membership::ActionValue;
use kernel::{ActionCode, BranchCode, CategoryCode, MemberId, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Action;
use crate::domain::{
    Dates, Every, Expiry, LocalText, Outcome, Pending, Rounding, Skip, TallyKey,
    limit::Counting,
    rule::{is_yes, yes},
};

/// A rule that gives points for an action (P1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionRule {
    /// Names the rule for ever within the programme, as the codes of `rules`; a later version with the same code goes on
    /// counting its limits.
    pub code: String,
    /// The name that members read.
    pub name: LocalText,
    /// For which action, and when.
    pub on: ActionOn,
    /// What it gives.
    pub give: ActionGive,
    /// The branch that pays; left out, the branch where the action was done. An action without a branch then earns nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub funder: Option<BranchCode>,
    /// How long its points last; left out, as the programme says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// How long its points are pending; left out, they can be spent at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// Whether its points can be passed on to another member; left out, they can.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[schema(default = true)]
    pub transferable: bool,
    /// How often it gives points, and how many, at most; up to 10.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 10)]
    pub limits: Vec<ActionLimit>,
    /// Whether its points count for tiers that go by points.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(default = false)]
    pub qualifying: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_false(claim: &bool) -> bool {
    !*claim
}

/// For which actions a rule is. All of these must hold; what is left out is not asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionOn {
    /// What was done. `joined` is told by the platform itself, once for each new member; all others by whoever knows.
    #[schema(example = "survey")]
    pub action: ActionCode,
    /// Only when done at one of these branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchCode>,
    /// Only for members of these tiers, by their codes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<String>,
    /// Only when done on these days of the chain's wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Dates>,
    /// Only payments of so much at least, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub minimum_amount: Option<i64>,
    /// Only payments to these kinds of merchant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryCode>,
}

/// What a rule gives for an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionGive {
    /// The same number of points each time.
    Fixed {
        /// How many, 1 to 1,000,000,000.
        points: Points,
    },
    /// So many points for each so many units; none for an action that has none.
    PerUnits(PerUnits),
    /// So many points for each so much paid; none for an action that is no payment.
    PerPayment(PerPayment),
}

/// Points in proportion to how many units were done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerUnits {
    /// For each so many units, 1 or more.
    #[schema(minimum = 1)]
    pub units: i64,
    /// So many points, 1 to 1,000,000,000.
    pub points: Points,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
}

/// Points in proportion to what was paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerPayment {
    /// For each so many minor units of currency, 1 or more.
    #[schema(minimum = 1)]
    pub amount: i64,
    /// So many points, 1 to 1,000,000,000.
    pub points: Points,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
}

/// The most that a rule gives, to each or to all together, in a period of the chain's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActionLimit {
    /// Whose actions are counted together; left out, everybody's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per: Option<ActionPer>,
    /// In which period.
    pub every: Every,
    /// So many times, 1 to 1,000,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub times: Option<u32>,
    /// So many points, 1 to 1,000,000,000,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub points: Option<Points>,
}

/// Whose actions a limit counts together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionPer {
    /// Each member's.
    Member,
    /// Those that each branch pays for.
    Branch,
}

impl ActionRule {
    /// The branch that pays; `None` when neither the rule nor the action names one.
    #[must_use]
    pub fn funder<'a>(&'a self, action: &'a Action) -> Option<&'a BranchCode> {
        self.funder.as_ref().or(action.branch.as_ref())
    }

    /// The tallies that an action may count towards.
    pub fn tally_keys(
        &self,
        member: MemberId,
        funder: Option<&BranchCode>,
    ) -> impl Iterator<Item = TallyKey> {
        self.limits.iter().flat_map(move |limit| {
            let times = limit.times.map(|_| limit.key(self, "times", member, funder));
            let points = limit.points.map(|_| limit.key(self, "points", member, funder));
            times.into_iter().chain(points)
        })
    }

    /// The tallies that count a member alone.
    pub fn member_keys(&self, member: MemberId) -> impl Iterator<Item = TallyKey> {
        let own = format!("member/{member}");
        self.tally_keys(member, None).filter(move |key| key.of == own)
    }

    /// What it makes of an action, within its limits; counts what it gives.
    pub(super) fn judge(&self, action: &Action, counting: &mut Counting<'_>) -> Result<Outcome, Overflow> {
        let funder = self.funder(action);
        if let Some(skip) = self.on.misses(action).or(funder.is_none().then_some(Skip::NoFunder)) {
            return Ok(Outcome::Skipped(skip));
        }
        let full = self.give.points(action.value.as_ref())?;
        if !full.is_positive() {
            return Ok(Outcome::Gave(full));
        }
        let (mut some, mut why) = (full, None);
        for limit in &self.limits {
            let key = |what| limit.key(self, what, action.member, funder);
            if let Some(times) = limit.times
                && !counting.left(Points::new(times.into()), limit.every, &key("times"))?.is_positive()
            {
                return Ok(Outcome::Skipped(limit.reached()));
            }
            if let Some(most) = limit.points {
                let left = counting.left(most, limit.every, &key("points"))?;
                if left < some {
                    (some, why) = (left, Some(limit.reached()));
                }
            }
        }
        if let Some(why) = why.filter(|_| !some.is_positive()) {
            return Ok(Outcome::Skipped(why));
        }
        for limit in &self.limits {
            let key = |what| limit.key(self, what, action.member, funder);
            if limit.times.is_some() {
                counting.take(Points::new(1), limit.every, key("times"))?;
            }
            if limit.points.is_some() {
                counting.take(some, limit.every, key("points"))?;
            }
        }
        Ok(why.map_or(Outcome::Gave(some), |why| Outcome::Part(some, why)))
    }
}

impl ActionLimit {
    /// What it counts. The codes of limits of `rules` have no `/`, so the two cannot run into each other.
    fn key(&self, rule: &ActionRule, what: &str, member: MemberId, funder: Option<&BranchCode>) -> TallyKey {
        let of = match self.per {
            None => String::new(),
            Some(ActionPer::Member) => format!("member/{member}"),
            Some(ActionPer::Branch) => format!("branch/{}", funder.map_or("", BranchCode::as_str)),
        };
        TallyKey { limit: format!("action/{}/{what}/{}", rule.code, self.every.word()), of }
    }

    /// Why a rule gives nothing, or less, once it is used up.
    const fn reached(&self) -> Skip {
        match self.per {
            Some(ActionPer::Member) => Skip::CapReached,
            None | Some(ActionPer::Branch) => Skip::BudgetSpent,
        }
    }
}

impl ActionOn {
    /// Why the action does not meet the conditions; `None` when it does.
    fn misses(&self, action: &Action) -> Option<Skip> {
        let at_one = || action.branch.as_ref().is_some_and(|branch| self.branches.contains(branch));
        if !self.branches.is_empty() && !at_one() {
            return Some(Skip::OtherBranch);
        }
        if self.dates.is_some_and(|dates| !dates.include(action.day)) {
            return Some(Skip::OtherDates);
        }
        let of_one = || action.tier.as_ref().is_some_and(|tier| self.tiers.contains(tier));
        if !self.tiers.is_empty() && !of_one() {
            return Some(Skip::OtherTier);
        }
        let (paid, category) = match &action.value {
            Some(ActionValue::Payment { amount, category, .. }) => (*amount, category.as_ref()),
            Some(ActionValue::Units(_)) | None => (0, None),
        };
        if self.minimum_amount.is_some_and(|least| paid < least) {
            return Some(Skip::ValueTooSmall);
        }
        let others = !self.categories.is_empty() && !category.is_some_and(|c| self.categories.contains(c));
        others.then_some(Skip::OtherCategory)
    }
}

impl ActionGive {
    fn points(self, value: Option<&ActionValue>) -> Result<Points, Overflow> {
        let share = |rounding: Rounding, points: Points, much: i64, each: i64| {
            rounding.whole(i128::from(much) * i128::from(points.count()), each.max(1).into())
        };
        match (self, value) {
            (Self::Fixed { points }, _) => Ok(points),
            (Self::PerUnits(per), Some(ActionValue::Units(units))) => {
                share(per.rounding, per.points, *units, per.units)
            }
            (Self::PerPayment(per), Some(ActionValue::Payment { amount, .. })) => {
                share(per.rounding, per.points, *amount, per.amount)
            }
            (Self::PerUnits(_) | Self::PerPayment(_), _) => Ok(Points::ZERO),
        }
    }
}
