//! Campaigns as they are written, and whom they are about.

use axum::{Json, extract::State};
use kernel::{CampaignCode, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, QueryParams, RouteSpec};

use super::CampaignView;
use crate::{
    commands::campaigns::keep,
    domain::{
        campaign::{CampaignTerms, Mistake},
        template::WhatIsWrong,
    },
    error::{
        CAMPAIGN_FIXED, CAMPAIGN_HAS_NO_LIST, CAMPAIGN_INVALID, CAMPAIGN_MEMBERS_INVALID,
        CAMPAIGN_SEGMENT_UNKNOWN, CAMPAIGN_UNKNOWN, CAMPAIGNS_TOO_MANY, CURSOR_INVALID, DATABASE_BUSY,
        LIMIT_OUT_OF_RANGE, Missing, POINTS_SILENT,
    },
    http::{Counter, pages, roles},
    queries::Page,
    store::campaigns,
};

/// Members whom one request names at most.
const MOST_AT_ONCE: usize = 100_000;

pub(in crate::http) static PUT: RouteSpec =
    RouteSpec::put("/v1/campaigns/{campaign}", "put_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .problems(&[&CAMPAIGN_INVALID, &CAMPAIGN_FIXED, &CAMPAIGNS_TOO_MANY, &DATABASE_BUSY]);
pub(in crate::http) static READ: RouteSpec =
    RouteSpec::get("/v1/campaigns/{campaign}", "read_campaign", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_READERS)
        .problems(&[&CAMPAIGN_UNKNOWN, &DATABASE_BUSY]);
pub(in crate::http) static LIST: RouteSpec =
    RouteSpec::get("/v1/campaigns", "list_campaigns", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_READERS)
        .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);
pub(in crate::http) static MEMBERS: RouteSpec =
    RouteSpec::post("/v1/campaigns/{campaign}/members", "add_campaign_members", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_KEEPERS)
        .heavy()
        .body_limit(5 * 1024 * 1024)
        .problems(&[
            &CAMPAIGN_UNKNOWN,
            &CAMPAIGN_FIXED,
            &CAMPAIGN_HAS_NO_LIST,
            &CAMPAIGN_MEMBERS_INVALID,
            &DATABASE_BUSY,
        ]);
pub(in crate::http) static AUDIENCE: RouteSpec =
    RouteSpec::get("/v1/campaigns/{campaign}/audience", "count_campaign_audience", Access::Operator)
        .staff(Bound::Chain, roles::CAMPAIGN_READERS)
        .problems(&[&CAMPAIGN_UNKNOWN, &CAMPAIGN_SEGMENT_UNKNOWN, &POINTS_SILENT, &DATABASE_BUSY]);

/// Who is put on a campaign's list.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct CampaignMembersBody {
    /// Their ids, 1 to 100,000 at once; whoever is on it stays.
    #[schema(min_items = 1, max_items = 100_000)]
    pub members: Vec<MemberId>,
}

/// What became of a list.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignMembersAdded {
    /// How many were new.
    pub added: u64,
    /// How many are on it now.
    pub listed: u64,
}

/// Whom a campaign is about, before it is sent.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignAudienceView {
    /// Members; nothing for a standing campaign, of which nobody can say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<u64>,
    /// About so many of them will be held out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub control: Option<u64>,
    /// About so many will get the first words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<u64>,
    /// About so many will get the second words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub second: Option<u64>,
}

/// A page of campaigns.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct CampaignPage {
    /// The campaigns, by code.
    pub campaigns: Vec<CampaignView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Where the next page begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Writes a campaign down.
///
/// A draft is replaced whole; one that is scheduled is recalled first. What it says is checked in all three languages.
#[utoipa::path(
    put, path = "/v1/campaigns/{campaign}", operation_id = "put_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    request_body(content = CampaignTerms, example = json!({
        "name": "Coffee week", "audience": {"type": "segment", "segment": "coffee-lovers"},
        "words": {
            "fa": {"title": "{ $chain }", "text": "{ $name } عزیز، این هفته قهوه مهمان ماست."},
            "ar": {"title": "{ $chain }", "text": "{ $name }، القهوة علينا هذا الأسبوع."},
            "en": {"title": "{ $chain }", "text": "{ $name }, coffee is on us this week."},
        },
        "control_percent": 10, "per_minute": 6_000, "counts_days": 14,
    })),
    responses((status = 200, description = "The campaign as it is now.", body = CampaignView))
)]
pub(in crate::http) async fn put_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
    Body(terms): Body<CampaignTerms>,
) -> Result<Json<CampaignView>, Problem> {
    if let Some(mistake) = terms.mistake() {
        return Err(invalid(mistake));
    }
    let desk = counter.desk.clone();
    let kept = store::shielded(async move { keep::put_campaign(&desk, &code, terms).await }).await?;
    Ok(Json(kept.into()))
}

fn invalid(mistake: Mistake) -> Problem {
    let problem = Problem::new(&CAMPAIGN_INVALID).pointer(mistake.pointer);
    match mistake.flaw.map(|flaw| flaw.what) {
        Some(WhatIsWrong::Unknown { name }) => problem.extension("flaw", format!("there is no ${name} here")),
        Some(WhatIsWrong::TooLong { most }) => {
            problem.extension("flaw", format!("it has more than {most} characters"))
        }
        Some(WhatIsWrong::Pattern(flaw)) => problem.extension("flaw", flaw.to_string()),
        _ => problem,
    }
}

/// Shows a campaign, and how far it has come.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaign}", operation_id = "read_campaign", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "The campaign.", body = CampaignView))
)]
pub(in crate::http) async fn read_campaign(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignView>, Problem> {
    let found = campaigns::load(counter.desk.database.connection(), &code).await?;
    Ok(Json(found.ok_or(Missing::Campaign)?.into()))
}

/// Lists campaigns, drafts and those that are over with them.
#[utoipa::path(
    get, path = "/v1/campaigns", operation_id = "list_campaigns", tag = "campaigns",
    params(pages::PageParams),
    responses((status = 200, description = "A page of campaigns.", body = CampaignPage))
)]
pub(in crate::http) async fn list_campaigns(
    State(counter): State<Counter>,
    QueryParams(asked): QueryParams<pages::PageParams>,
) -> Result<Json<CampaignPage>, Problem> {
    let limit = pages::limit(asked.limit)?;
    let after: Option<CampaignCode> = pages::after(asked.cursor.as_deref())?;
    let after = after.as_ref().map_or("", CampaignCode::as_str);
    let found = campaigns::list(counter.desk.database.connection(), after, limit + 1).await?;
    let page = Page::cut(found, limit);
    let next_cursor = page.items.last().filter(|_| page.has_more).map(|last| pages::next(&last.code));
    let campaigns = page.items.into_iter().map(CampaignView::from).collect();
    Ok(Json(CampaignPage { campaigns, has_more: page.has_more, next_cursor }))
}

/// Puts members on a campaign's list, all or nothing.
///
/// Whoever was merged is put there as who they are now; whose data is erased is left out. Send longer lists in parts: once more changes nothing.
#[utoipa::path(
    post, path = "/v1/campaigns/{campaign}/members", operation_id = "add_campaign_members", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    request_body = CampaignMembersBody,
    responses((status = 200, description = "How many were new.", body = CampaignMembersAdded))
)]
pub(in crate::http) async fn add_campaign_members(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
    Body(body): Body<CampaignMembersBody>,
) -> Result<Json<CampaignMembersAdded>, Problem> {
    if !(1..=MOST_AT_ONCE).contains(&body.members.len()) {
        return Err(Problem::new(&CAMPAIGN_MEMBERS_INVALID).pointer("/members").arg("most", MOST_AT_ONCE));
    }
    let desk = counter.desk.clone();
    let (added, listed) =
        store::shielded(async move { keep::list_members(&desk, &code, &body.members).await }).await?;
    Ok(Json(CampaignMembersAdded { added, listed }))
}

/// Counts whom a campaign is about, before it is sent.
#[utoipa::path(
    get, path = "/v1/campaigns/{campaign}/audience", operation_id = "count_campaign_audience", tag = "campaigns",
    params(("campaign" = CampaignCode, Path, description = "The campaign's code.")),
    responses((status = 200, description = "How many there are.", body = CampaignAudienceView))
)]
pub(in crate::http) async fn count_campaign_audience(
    State(counter): State<Counter>,
    PathParams(code): PathParams<CampaignCode>,
) -> Result<Json<CampaignAudienceView>, Problem> {
    let found = campaigns::load(counter.desk.database.connection(), &code).await?;
    let campaign = found.ok_or(Missing::Campaign)?;
    let members = keep::count_audience(&counter.desk, &campaign).await?;
    let share = |of: Option<u64>, percent: u8| of.map(|of| (of.saturating_mul(percent.into()) + 50) / 100);
    let control = share(members, campaign.terms.control_percent);
    let others = members.zip(control).map(|(all, held)| all.saturating_sub(held));
    let second = share(others, campaign.terms.second_percent);
    let first = others.zip(second).map(|(all, second)| all.saturating_sub(second));
    Ok(Json(CampaignAudienceView { members, control, first, second }))
}
