//! The stages of a campaign, as marketing moves it through them. Each request once more changes nothing.

use axum::{Json, extract::State};
use kernel::{CampaignCode, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;
use web::{Access, Body, Bound, ErrorCode, PathParams, Problem, RouteSpec};

use super::CampaignView;
use crate::{
    commands::campaigns::stage,
    domain::campaign::Step,
    error::{
        CAMPAIGN_ENDS_BEFORE, CAMPAIGN_LIST_EMPTY, CAMPAIGN_NOT_NOW, CAMPAIGN_SEGMENT_UNKNOWN,
        CAMPAIGN_UNKNOWN, DATABASE_BUSY, POINTS_SILENT,
    },
    http::{Counter, roles},
};

const STEPS: &[&ErrorCode] = &[&CAMPAIGN_UNKNOWN, &CAMPAIGN_NOT_NOW, &DATABASE_BUSY];

pub(in crate::http) static SCHEDULE: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/schedule", "schedule_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(&[
            &CAMPAIGN_UNKNOWN,
            &CAMPAIGN_NOT_NOW,
            &CAMPAIGN_SEGMENT_UNKNOWN,
            &CAMPAIGN_LIST_EMPTY,
            &CAMPAIGN_ENDS_BEFORE,
            &POINTS_SILENT,
            &DATABASE_BUSY,
        ]);
pub(in crate::http) static RECALL: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/recall", "recall_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(STEPS);
pub(in crate::http) static PAUSE: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/pause", "pause_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(STEPS);
pub(in crate::http) static RESUME: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/resume", "resume_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(STEPS);
pub(in crate::http) static STOP: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/stop", "stop_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(STEPS);

/// When a campaign begins.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CampaignSchedule {
    /// From then on; at once when it is left out, or past.
    #[serde(default)]
    pub starts_at: Option<Timestamp>,
}

/// Lets a campaign begin, at a time or at once.
///
/// Scheduled again before it began, it begins at the other time.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/schedule", operation_id = "schedule_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    request_body = CampaignSchedule,
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn schedule_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
    Body(body): Body<CampaignSchedule>,
) -> Result<Json<CampaignView>, Problem> {
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { stage::schedule(&desk, &code, body.starts_at).await }).await?;
    Ok(Json(kept.into()))
}

async fn stepped(counter: Counter, code: CampaignCode, step: Step) -> Result<Json<CampaignView>, Problem> {
    let kept = store::shielded(async move { stage::step(&counter.desk, &code, step).await }).await?;
    Ok(Json(kept.into()))
}

/// Makes a draft again of a campaign that has not begun.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/recall", operation_id = "recall_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn recall_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignView>, Problem> {
    stepped(counter, code, Step::Recall).await
}

/// Holds a campaign: nothing of it goes, not even what is queued.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/pause", operation_id = "pause_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn pause_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignView>, Problem> {
    stepped(counter, code, Step::Pause).await
}

/// Lets a campaign go on where it was held. What was queued already goes within five minutes.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/resume", operation_id = "resume_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn resume_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignView>, Problem> {
    stepped(counter, code, Step::Resume).await
}

/// Ends a campaign for good: what has not gone does not go.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/stop", operation_id = "stop_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn stop_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignView>, Problem> {
    stepped(counter, code, Step::Stop).await
}
