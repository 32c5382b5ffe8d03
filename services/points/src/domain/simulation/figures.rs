//! What a simulation came to, as it is reported.

use kernel::{BranchCode, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Comparison;
use crate::domain::{Assumed, LocalText, Rates, Value};

/// What a simulation came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SimulationFigures {
    /// Members who bought or did something.
    pub members: u64,
    /// Purchases that were decided again.
    pub purchases: u64,
    /// What was paid for them, in minor units.
    pub amount: i64,
    /// Returns that were decided again.
    pub returns: u64,
    /// Returns of purchases before the period, or that are not known.
    pub returns_left_out: u64,
    /// Actions that were decided again; left out for none.
    #[serde(default, skip_serializing_if = "no_actions")]
    pub actions: u64,
    /// How often one of them, or a part of one, was undone; left out for none.
    #[serde(default, skip_serializing_if = "no_actions")]
    pub actions_undone: u64,
    /// The programme that was asked for, then the one that it is compared with.
    pub programmes: Vec<ProgrammeFigures>,
    /// What rules ask for and could not be known as it was; left out where there is nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assumed: Vec<Assumed>,
    /// What points are worth, as the money in it was reckoned; left out where that was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rates: Option<Rates>,
    /// Who wins and who loses; left out where nothing is compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// What one programme would have come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeFigures {
    /// Its version; zero for one that is in no database.
    pub version: u32,
    /// Points that it gives.
    pub issued: Points,
    /// Of those, what is taken back for returns, and for actions that are undone.
    pub taken_back: Points,
    /// Of those that it gives, the ones for actions; left out for none.
    #[serde(default, skip_serializing_if = "no_points")]
    pub for_actions: Points,
    /// Of those that are taken back, the ones for actions; left out for none.
    #[serde(default, skip_serializing_if = "no_points")]
    pub taken_back_of_actions: Points,
    /// What lapses until the end of the period, as nothing is spent.
    pub expired: Points,
    /// Earnings that pay debts.
    pub recovered: Points,
    /// What members can spend at the end: all of it is owed to them.
    pub liability: Points,
    /// What they have earned and cannot spend yet.
    pub pending: Points,
    /// What members owe at the end.
    pub debt: Points,
    /// Purchases and returns that it refuses.
    pub refused: u64,
    /// What each rule gives.
    pub rules: Vec<RuleFigures>,
    /// What each rule about an action gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<ActionFigures>,
    /// What is given in each branch.
    pub branches: Vec<BranchFigures>,
    /// When the liability lapses unless it is spent: by month of its last day.
    pub expiring: Vec<MonthFigures>,
    /// How much of the liability never lapses.
    pub never_expiring: Points,
    /// The same in money; left out where it is not known what points are worth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub money: Option<MoneyFigures>,
    /// How members move on its ladder, from the lowest level; empty where it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tiers: Vec<TierFigures>,
}

/// What a programme costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MoneyFigures {
    /// Points that it gives, less those that returns take back, if all of them were redeemed; in minor units.
    pub cost: i64,
    /// What is owed to members at the end, whether they can spend it yet or not.
    pub owed: Value,
}

/// How members move to and from a level.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierFigures {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: LocalText,
    /// Members who are on it at the end.
    pub members: u64,
    /// How often somebody rose to it.
    pub reached: u64,
    /// How often somebody fell from it to a lower one, or to none.
    pub lost: u64,
}

/// What a rule gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RuleFigures {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: LocalText,
    /// Its points.
    pub points: Points,
    /// How many of its reward, or tickets, it grants; left out for none.
    #[serde(default, skip_serializing_if = "is_none")]
    pub granted: i64,
    /// How many purchases it gives any for.
    pub purchases: u64,
}

/// What a rule about an action gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionFigures {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: LocalText,
    /// Its points.
    pub points: Points,
    /// How many actions it gives any for.
    pub actions: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn no_actions(count: &u64) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn no_points(points: &Points) -> bool {
    points.is_zero()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_none(granted: &i64) -> bool {
    *granted == 0
}

/// What is given in a branch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BranchFigures {
    /// The branch.
    pub branch: BranchCode,
    /// Purchases there.
    pub purchases: u64,
    /// What was paid for them, in minor units.
    pub amount: i64,
    /// What they earn.
    pub points: Points,
    /// Points for actions that it pays for; left out for none.
    #[serde(default, skip_serializing_if = "no_points")]
    pub for_actions: Points,
    /// Of the points that it pays for, what returns take back.
    #[serde(default)]
    pub taken_back: Points,
    /// Of the points that it pays for, what is owed at the end, whether it can be spent yet or not.
    #[serde(default)]
    pub owed: Points,
}

/// What lapses in a month.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct MonthFigures {
    /// The month, `2027-11`.
    pub month: String,
    /// Points whose last day is in it.
    pub points: Points,
}
