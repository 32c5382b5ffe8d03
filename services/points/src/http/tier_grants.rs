//! Tiers by hand: granted until a day, listed, ended before it.

use axum::{Json, extract::State};
use http::StatusCode;
use kernel::{Day, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use store::paging::Cursor;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, checks::text, hands::check_person, history::Page, roles};
use crate::{
    commands::grant_tier::{EndGrant, GrantTier, NotEnded, NotGranted, end_grant, grant_tier as run},
    error, queries,
    store::tier_grants::GrantRow,
};

pub(super) static GRANT: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/tier-grants", "grant_tier", Access::Operator)
        .staff(Bound::Anywhere, roles::TIER_HANDS)
        .problems(&[
            &error::MEMBER_UNKNOWN,
            &error::TIERS_MISSING,
            &error::TIER_UNKNOWN,
            &error::GRANT_OVER,
            &error::TEXT_INVALID,
            &error::PERSON_OTHER,
            &error::MEMBERSHIP_SILENT,
            &error::DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/tier-grants", "list_tier_grants", Access::Operator)
        .staff(Bound::Anywhere, roles::TIER_READERS)
        .problems(&[
            &error::MEMBER_UNKNOWN,
            &error::CURSOR_INVALID,
            &error::LIMIT_OUT_OF_RANGE,
            &error::MEMBERSHIP_SILENT,
            &error::DATABASE_BUSY,
        ]);

pub(super) static END: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/tier-grants/{number}/end", "end_tier_grant", Access::Operator)
        .staff(Bound::Anywhere, roles::TIER_HANDS)
        .problems(&[
            &error::GRANT_UNKNOWN,
            &error::GRANT_ENDED,
            &error::GRANT_REPLACED,
            &error::GRANT_OVER,
            &error::TIERS_MISSING,
            &error::TEXT_INVALID,
            &error::PERSON_OTHER,
            &error::DATABASE_BUSY,
        ]);

/// A grant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierGrantRequest {
    /// The tier's code in the live programme.
    #[schema(example = "gold")]
    pub tier: String,
    /// The last day, today or later.
    pub until: Day,
    /// Who grants it: 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A grant as it was recorded.
#[derive(Serialize, ToSchema)]
pub struct TierGrantAnswer {
    /// To whom.
    pub member_id: MemberId,
    /// Which of the member's grants, from 1; the latest counts.
    pub number: u32,
    /// The tier's code.
    pub tier: String,
    /// The last day.
    pub until: Day,
    /// Who granted it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub granted_at: Timestamp,
    /// When it was ended before its day; absent when it was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_reason: Option<String>,
}

impl From<GrantRow> for TierGrantAnswer {
    fn from(grant: GrantRow) -> Self {
        let (ended_at, ended_by, end_reason) = match grant.ended {
            Some(end) => (Some(end.at), Some(end.actor), Some(end.reason)),
            None => (None, None, None),
        };
        Self {
            member_id: grant.member,
            number: grant.number,
            tier: grant.tier,
            until: grant.until,
            actor: grant.actor,
            reason: grant.reason,
            granted_at: grant.granted_at,
            ended_at,
            ended_by,
            end_reason,
        }
    }
}

/// The end of a grant before its day.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TierGrantEnd {
    /// Who ends it: 1 to 64 characters.
    #[schema(min_length = 1, max_length = 64)]
    pub actor: String,
    /// Why: 1 to 500 characters.
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// A page of a member's grants.
#[derive(Serialize, ToSchema)]
pub struct TierGrantPage {
    /// The grants, the latest first; the first of all counts until its last day, unless it was ended.
    pub items: Vec<TierGrantAnswer>,
    /// Whether there are more.
    pub has_more: bool,
    /// Where they begin.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

/// Grant a tier
///
/// At least this tier until the end of a day, whatever the member's credit says. A later grant takes the place of the one
/// before; the same again changes nothing.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/tier-grants", operation_id = "grant_tier", tag = "tiers",
    params(("member_id" = MemberId, Path, description = "The member.")),
    request_body = TierGrantRequest,
    responses(
        (status = 201, description = "Granted.", body = TierGrantAnswer),
        (status = 200, description = "It was granted already.", body = TierGrantAnswer),
    )
)]
pub(super) async fn grant_tier(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member): PathParams<MemberId>,
    Body(TierGrantRequest { tier, until, actor, reason }): Body<TierGrantRequest>,
) -> Result<(StatusCode, Json<TierGrantAnswer>), Problem> {
    check_person(&caller, &actor, "/actor")?;
    text(&reason, 500, "/reason")?;
    if !counter.knows(member).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let command = GrantTier { member, tier, until, actor, reason };
    match run(&counter.recorder, &command).await.map_err(error::fault)? {
        Ok((grant, new)) => {
            let status = if new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(grant.into())))
        }
        Err(NotGranted::NoTiers) => Err(Problem::new(&error::TIERS_MISSING)),
        Err(NotGranted::UnknownTier) => Err(Problem::new(&error::TIER_UNKNOWN).pointer("/tier")),
        Err(NotGranted::Over) => Err(Problem::new(&error::GRANT_OVER).pointer("/until")),
    }
}

/// List tier grants
///
/// What people granted the member, the latest first, with what was ended before its day.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/tier-grants", operation_id = "list_tier_grants", tag = "tiers",
    params(("member_id" = MemberId, Path, description = "The member."), Page),
    responses((status = 200, description = "A page of the grants.", body = TierGrantPage))
)]
pub(super) async fn list_grants(
    State(counter): State<Counter>,
    PathParams(member): PathParams<MemberId>,
    QueryParams(page): QueryParams<Page>,
) -> Result<Json<TierGrantPage>, Problem> {
    let before = page.place::<u32>()?;
    if !counter.knows(member).await? {
        return Err(Problem::new(&error::MEMBER_UNKNOWN));
    }
    let found = queries::tier::grants(&counter.database, member, before, page.limit + 1).await;
    let mut items = found.map_err(error::fault)?;
    let has_more = page.cut(&mut items);
    let last = items.last().filter(|_| has_more);
    let next_cursor = last.map(|grant| Cursor::of(&grant.number).as_str().to_owned());
    let items = items.into_iter().map(TierGrantAnswer::from).collect();
    Ok(Json(TierGrantPage { items, has_more, next_cursor }))
}

/// End a tier grant
///
/// Before its day, with who does it and why. The tier is what it would be without it, from now on; what was earned with it stays. The
/// same again changes nothing.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/tier-grants/{number}/end", operation_id = "end_tier_grant", tag = "tiers",
    params(
        ("member_id" = MemberId, Path, description = "The member."),
        ("number" = u32, Path, description = "Which of the member's grants."),
    ),
    request_body = TierGrantEnd,
    responses(
        (status = 201, description = "Ended.", body = TierGrantAnswer),
        (status = 200, description = "It was ended so already.", body = TierGrantAnswer),
    )
)]
pub(super) async fn end_tier_grant(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member, number)): PathParams<(MemberId, u32)>,
    Body(TierGrantEnd { actor, reason }): Body<TierGrantEnd>,
) -> Result<(StatusCode, Json<TierGrantAnswer>), Problem> {
    check_person(&caller, &actor, "/actor")?;
    text(&reason, 500, "/reason")?;
    let command = EndGrant { member, number, actor, reason };
    match end_grant(&counter.recorder, &command).await.map_err(error::fault)? {
        Ok((grant, new)) => {
            let status = if new { StatusCode::CREATED } else { StatusCode::OK };
            Ok((status, Json(grant.into())))
        }
        Err(NotEnded::Unknown) => Err(Problem::new(&error::GRANT_UNKNOWN)),
        Err(NotEnded::EndedBefore) => Err(Problem::new(&error::GRANT_ENDED)),
        Err(NotEnded::Replaced) => Err(Problem::new(&error::GRANT_REPLACED)),
        Err(NotEnded::Over) => Err(Problem::new(&error::GRANT_OVER)),
        Err(NotEnded::NoTiers) => Err(Problem::new(&error::TIERS_MISSING)),
    }
}
