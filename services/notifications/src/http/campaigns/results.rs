//! What came of a campaign.

use std::collections::BTreeMap;

use axum::{Json, extract::State};
use kernel::CampaignCode;
use serde::Serialize;
use utoipa::ToSchema;
use web::{Access, Bound, PathParams, Problem, RouteSpec};

use crate::{
    commands::campaigns::measure,
    domain::campaign::{Arm, ArmResults, difference},
    error::{CAMPAIGN_UNKNOWN, DATABASE_BUSY, Missing},
    http::{Counter, roles},
    store::campaigns,
};

pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/campaigns/{campaign}/results", "read_campaign_results", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_READERS)
        .heavy()
        .problems(&[&CAMPAIGN_UNKNOWN, &DATABASE_BUSY]);

/// What came of one arm of a campaign.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignArmView {
    /// `control`, who got nothing; `first` or `second`, by the words that they got.
    #[schema(example = "first")]
    arm: &'static str,
    /// Members in it.
    members: u64,
    /// Messages that went.
    sent: u64,
    /// Messages that a provider said arrived; those that were read with them.
    delivered: u64,
    /// Messages that a provider said were read.
    opened: u64,
    /// Messages that wait still.
    waiting: u64,
    /// Messages that no provider took in time.
    failed: u64,
    /// Messages that did not go, by why: `not_wanted`, `no_consent`, `too_much`, `unreachable`, `too_late`, `stopped`.
    dropped: BTreeMap<String, u64>,
    /// Members who bought within the days that count.
    buyers: u64,
    /// What their first purchases came to, in minor units.
    amount: i64,
    /// Buyers of ten thousand members, more than in the control group; nothing where there is nobody to compare with.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_buyers_of_10000: Option<i64>,
    /// What a thousand members spent more than those of the control group, in minor units.
    #[serde(skip_serializing_if = "Option::is_none")]
    more_amount_of_1000: Option<i64>,
}

/// What came of a campaign.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignResults {
    /// The campaign.
    #[schema(value_type = String, example = "coffee-week")]
    campaign: CampaignCode,
    /// Whether nothing of it changes any more.
    is_final: bool,
    /// Each arm that has members.
    arms: Vec<CampaignArmView>,
}

fn view(arm: Arm, results: ArmResults, control: &ArmResults) -> CampaignArmView {
    let more = if arm == Arm::Control { None } else { difference(&results, control) };
    CampaignArmView {
        arm: arm.word(),
        members: results.members,
        sent: results.sent,
        delivered: results.delivered,
        opened: results.opened,
        waiting: results.waiting,
        failed: results.failed,
        dropped: results.dropped,
        buyers: results.buyers,
        amount: results.amount,
        more_buyers_of_10000: more.map(|more| more.buyers_of_10000),
        more_amount_of_1000: more.map(|more| more.amount_of_1000),
    }
}

/// Tells what came of a campaign, for each of its arms.
///
/// A first purchase counts for who bought within the campaign's days after their turn came, whether they got a message or were held out.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaign}/results", operation_id = "read_campaign_results", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "What came of it.", body = CampaignResults))
)]
pub(in crate::http) async fn read_campaign_results(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignResults>, Problem> {
    let found = campaigns::load(counter.desk.database.connection(), &code).await?;
    let campaign = found.ok_or(Missing::Campaign)?;
    let tally = measure::results(&counter.desk, &campaign).await?;
    let arms = Arm::ALL.into_iter().filter(|arm| tally.of(*arm).members > 0);
    let arms = arms.map(|arm| view(arm, tally.of(arm).clone(), &tally.control)).collect();
    Ok(Json(CampaignResults { campaign: code, is_final: campaign.results.is_some(), arms }))
}
