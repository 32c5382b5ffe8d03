//! What the money reports show.

use kernel::{Currency, Day, RewardCode, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::money::{Measure, Sums, share},
    error::Error,
    queries::money::Owed,
};

/// What happened, and what it costs. Money is in minor units.
#[derive(Serialize, ToSchema)]
pub struct CostCounts {
    /// Redemptions that were asked for.
    pub begun: i64,
    /// Redemptions that were done.
    pub completed: i64,
    /// Redemptions that came to nothing.
    pub released: i64,
    /// Redemptions that were done and were cancelled.
    pub cancelled: i64,
    /// Redemptions that were cancelled and whose points came back.
    pub refunded: i64,
    /// Redemptions that were cancelled and whose points had nowhere to go.
    pub forfeited: i64,
    /// Points that were redeemed.
    pub points_taken: i64,
    /// Points that came back.
    pub points_back: i64,
    /// What was to be paid besides.
    pub money: i64,
    /// Vouchers and codes that somebody got.
    pub issued: i64,
    /// Uses of them, less those that tills took back.
    pub used: i64,
    /// Vouchers and codes whose time passed before they were used up.
    pub expired: i64,
    /// Vouchers and codes that were called back.
    pub voided: i64,
    /// Gifts without vouchers.
    pub given: i64,
    /// What was incurred.
    pub charge: i64,
    /// What came back of it.
    pub correction: i64,
    /// What was incurred, less what came back.
    pub cost: i64,
    /// The cost by use, rounded to the nearest minor unit; absent where nothing was used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_per_use: Option<i64>,
}

/// What came to be somebody's in one way.
#[derive(Serialize, ToSchema)]
pub struct WayCosts {
    /// `redemption`, `gift`, `purchase`, `offer`, `draw` or `batch`.
    #[schema(example = "redemption")]
    pub way: String,
    /// What happened to it.
    #[serde(flatten)]
    pub counts: CostCounts,
}

/// What a reward cost.
#[derive(Serialize, ToSchema)]
pub struct RewardCostView {
    /// Which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// Its kind.
    #[schema(example = "free_item")]
    pub kind: String,
    /// Everything that happened to it.
    pub total: CostCounts,
    /// The same by how it came to be somebody's.
    pub ways: Vec<WayCosts>,
}

/// What rewards cost.
#[derive(Serialize, ToSchema)]
pub struct RewardCostReport {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub to: Day,
    /// The currency of the amounts.
    pub currency: Currency,
    /// What all rewards cost, also those of other pages.
    pub cost: i64,
    /// A page of rewards, by code.
    pub rewards: Vec<RewardCostView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What is outstanding. Money is in minor units.
#[derive(Serialize, ToSchema)]
pub struct OwedView {
    /// Vouchers and codes that can be used.
    pub count: i64,
    /// What is left of them: minor units of credit, 1 of what is used once.
    pub left: i64,
    /// Of these, what tills have set aside.
    pub reserved: i64,
    /// What is written on them; none where no amount is.
    pub face: i64,
    /// What it costs if all of it is used.
    pub cost: i64,
    /// What it costs if as much of it is used as in the last year.
    pub expected_cost: i64,
}

/// A line of what is outstanding.
#[derive(Serialize, ToSchema)]
pub struct LiabilityLine {
    /// How it came to be somebody's: `redemption`, `gift`, `purchase`, `offer`, `draw` or `batch`.
    pub way: String,
    /// Its kind.
    pub kind: String,
    /// Who pays; absent where it is the chain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sponsor: Option<String>,
    /// The first day of the month in which it ends.
    pub ends_in: Day,
    /// What is outstanding.
    #[serde(flatten)]
    pub owed: OwedView,
}

/// What of a reward is outstanding.
#[derive(Serialize, ToSchema)]
pub struct RewardLiability {
    /// Which reward.
    #[schema(value_type = String, example = "coffee")]
    pub reward: RewardCode,
    /// Redemptions of it whose points are not redeemed yet.
    pub under_way: i64,
    /// Points that they will take.
    pub points_under_way: i64,
    /// What of it can be used.
    pub lines: Vec<LiabilityLine>,
}

/// What is outstanding by something.
#[derive(Serialize, ToSchema)]
pub struct OwedBy {
    /// By what: a sponsor's name (empty for the chain), a kind, or the first day of a month.
    pub name: String,
    /// What is outstanding.
    #[serde(flatten)]
    pub owed: OwedView,
}

/// What is outstanding.
#[derive(Serialize, ToSchema)]
pub struct RewardLiabilityReport {
    /// At which instant.
    pub at: Timestamp,
    /// The currency of the amounts.
    pub currency: Currency,
    /// All rewards together, also those of other pages.
    pub total: OwedView,
    /// The same by who pays.
    pub by_sponsor: Vec<OwedBy>,
    /// The same by kind.
    pub by_kind: Vec<OwedBy>,
    /// The same by the month in which it ends.
    pub by_month: Vec<OwedBy>,
    /// A page of rewards, by code.
    pub rewards: Vec<RewardLiability>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// What sums say to whoever reads them.
pub(super) fn counts(sums: &Sums) -> Result<CostCounts, Error> {
    let of = |measure| sums.of(measure);
    let used = of(Measure::Used) - of(Measure::Returned);
    let cost = sums.cost()?;
    Ok(CostCounts {
        begun: of(Measure::Begun),
        completed: of(Measure::Completed),
        released: of(Measure::Released),
        cancelled: of(Measure::Cancelled),
        refunded: of(Measure::Refunded),
        forfeited: of(Measure::Forfeited),
        points_taken: of(Measure::PointsTaken),
        points_back: of(Measure::PointsBack),
        money: of(Measure::MoneyTaken),
        issued: of(Measure::Issued),
        used,
        expired: of(Measure::Expired),
        voided: of(Measure::Voided),
        given: of(Measure::Given),
        charge: of(Measure::Charge),
        correction: of(Measure::Correction),
        cost,
        cost_per_use: if used > 0 { Some(share(cost, 1, used)?) } else { None },
    })
}

impl From<Owed> for OwedView {
    fn from(owed: Owed) -> Self {
        let Owed { count, left, reserved, face, cost, expected } = owed;
        Self { count, left, reserved, face, cost, expected_cost: expected }
    }
}
