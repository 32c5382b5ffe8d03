//! Households: who belongs together.

use axum::{Json, extract::State, http::StatusCode};
use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, RouteSpec, Shown};

use super::{Counter, roles};
use crate::{
    commands::{self, Put},
    domain::household::Belonging,
    error::{
        CONTENDED, DATABASE_BUSY, HOUSEHOLD_FULL, HOUSEHOLD_MEMBER_UNKNOWN, HOUSEHOLD_OTHER,
        HOUSEHOLD_UNKNOWN, MEMBER_UNKNOWN,
    },
    queries,
};

pub(super) static PUT: RouteSpec = RouteSpec::put(
    "/v1/households/{household_id}/members/{member_id}",
    "put_household_member",
    Access::Operator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(4 * 1024)
.problems(&[&MEMBER_UNKNOWN, &HOUSEHOLD_OTHER, &HOUSEHOLD_FULL, &DATABASE_BUSY]);

pub(super) static DELETE: RouteSpec = RouteSpec::delete(
    "/v1/households/{household_id}/members/{member_id}",
    "remove_household_member",
    Access::Operator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&MEMBER_UNKNOWN, &HOUSEHOLD_MEMBER_UNKNOWN, &CONTENDED, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/households/{household_id}", "read_household", Access::Operator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .showing_members()
        .problems(&[&HOUSEHOLD_UNKNOWN, &DATABASE_BUSY]);

/// As what a member belongs to a household.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HouseholdMemberBody {
    /// What they are in it.
    #[serde(default)]
    pub role: HouseholdRole,
}

/// A member of a household.
#[derive(Serialize, ToSchema)]
pub struct HouseholdMemberView {
    /// Who.
    pub member_id: MemberId,
    /// What they are in it.
    pub role: HouseholdRole,
    /// Since when.
    pub since: Timestamp,
}

/// A household.
#[derive(Serialize, ToSchema)]
pub struct HouseholdView {
    /// Its id.
    pub household_id: HouseholdId,
    /// Who belongs to it, those who have been there longest first.
    pub members: Vec<HouseholdMemberView>,
}

impl From<&Belonging> for HouseholdMemberView {
    fn from(belonging: &Belonging) -> Self {
        Self { member_id: belonging.member, role: belonging.role, since: belonging.since }
    }
}

/// Puts a member into a household, or gives them another role in it.
///
/// The household's id is yours to make: a UUID. It is there with its first member. A member belongs to one household at
/// most; sending the same again changes nothing.
#[utoipa::path(
    put, path = "/v1/households/{household_id}/members/{member_id}", operation_id = "put_household_member", tag = "households",
    params(
        ("household_id" = HouseholdId, Path, description = "The household's id, made by you."),
        ("member_id" = MemberId, Path, description = "The member's id."),
    ),
    request_body(content = HouseholdMemberBody, example = json!({"role": "head"})),
    responses(
        (status = 201, description = "The member belongs to it now.", body = HouseholdMemberView),
        (status = 200, description = "The member belonged to it; the role is as sent.", body = HouseholdMemberView),
    )
)]
pub(super) async fn put_household_member(
    State(counter): State<Counter>,
    PathParams((household, member)): PathParams<(HouseholdId, MemberId)>,
    Body(body): Body<HouseholdMemberBody>,
) -> Result<(StatusCode, Json<HouseholdMemberView>), Problem> {
    let put = commands::put_into_household::put_into_household(counter.desk(), household, member, body.role)
        .await?;
    Ok(match put {
        Put::New(belonging) => (StatusCode::CREATED, Json((&belonging).into())),
        Put::Known(belonging) => (StatusCode::OK, Json((&belonging).into())),
    })
}

/// Takes a member out of a household. When its last head goes, who has been there longest and is no child heads it.
#[utoipa::path(
    delete, path = "/v1/households/{household_id}/members/{member_id}", operation_id = "remove_household_member", tag = "households",
    params(
        ("household_id" = HouseholdId, Path, description = "The household's id."),
        ("member_id" = MemberId, Path, description = "The member's id."),
    ),
    responses((status = 204, description = "The member belongs to no household now."))
)]
pub(super) async fn remove_household_member(
    State(counter): State<Counter>,
    PathParams((household, member)): PathParams<(HouseholdId, MemberId)>,
) -> Result<StatusCode, Problem> {
    commands::leave_household::leave_household(counter.desk(), Some(household), member).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Shows a household.
#[utoipa::path(
    get, path = "/v1/households/{household_id}", operation_id = "read_household", tag = "households",
    params(("household_id" = HouseholdId, Path, description = "The household's id.")),
    responses((status = 200, description = "The household.", body = HouseholdView))
)]
pub(super) async fn read_household(
    State(counter): State<Counter>,
    shown: Shown,
    PathParams(household_id): PathParams<HouseholdId>,
) -> Result<Json<HouseholdView>, Problem> {
    let members = queries::household_members::household_members(&counter.desk().vault, household_id).await?;
    shown.members(members.iter().map(|member| member.member));
    Ok(Json(HouseholdView { household_id, members: members.iter().map(HouseholdMemberView::from).collect() }))
}
