//! A member's own household: who belongs to it, going, removing, roles. Members do it for themselves, with a confirmed phone;
//! the back office may do it for them.
//!
//! Answers here hold first names, so no cache may keep them.

use axum::{extract::State, http::StatusCode};
use contracts::membership::HouseholdRole;
use kernel::{HouseholdId, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, RouteSpec, Shown};

use super::{Counter, Private, private, roles};
use crate::{
    commands::{
        give_household_role::give_household_role, leave_household::leave_household,
        remove_from_household::remove_from_household,
    },
    error::{
        CONTENDED, DATABASE_BUSY, HOUSEHOLD_CHILD_HEAD, HOUSEHOLD_HEAD_ONLY, HOUSEHOLD_HEAD_STAYS,
        HOUSEHOLD_MEMBER_UNKNOWN, HOUSEHOLD_NONE, MEMBER_UNKNOWN, PHONE_NOT_CONFIRMED, STEP_UP_NEEDED,
    },
    queries::own_household::{OwnHousehold, own_household},
};

pub(super) static GET: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/household", "read_own_household", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &HOUSEHOLD_NONE, &DATABASE_BUSY]);

pub(super) static LEAVE: RouteSpec =
    RouteSpec::delete("/v1/members/{member_id}/household", "leave_household", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(&[&PHONE_NOT_CONFIRMED, &MEMBER_UNKNOWN, &HOUSEHOLD_NONE, &CONTENDED, &DATABASE_BUSY]);

pub(super) static PUT_ROLE: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/household/members/{fellow_id}",
    "give_household_role",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.body_limit(1024)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &MEMBER_UNKNOWN,
    &HOUSEHOLD_NONE,
    &HOUSEHOLD_MEMBER_UNKNOWN,
    &HOUSEHOLD_HEAD_ONLY,
    &HOUSEHOLD_HEAD_STAYS,
    &HOUSEHOLD_CHILD_HEAD,
    &DATABASE_BUSY,
]);

pub(super) static REMOVE: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/household/members/{fellow_id}",
    "remove_fellow",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[
    &PHONE_NOT_CONFIRMED,
    &MEMBER_UNKNOWN,
    &HOUSEHOLD_NONE,
    &HOUSEHOLD_MEMBER_UNKNOWN,
    &HOUSEHOLD_HEAD_ONLY,
    &HOUSEHOLD_HEAD_STAYS,
    &CONTENDED,
    &DATABASE_BUSY,
]);

/// What a member is in the household from now on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleBody {
    /// `head` passes the headship on.
    pub role: HouseholdRole,
}

/// Somebody of the same household.
#[derive(Serialize, ToSchema)]
pub struct FellowView {
    /// Who.
    pub member_id: MemberId,
    /// What to call them.
    #[schema(example = "زهرا")]
    pub first_name: String,
    /// What they are in it.
    pub role: HouseholdRole,
    /// Since when.
    pub since: Timestamp,
}

/// A member's own household.
#[derive(Serialize, ToSchema)]
pub struct OwnHouseholdView {
    /// Its id.
    pub household_id: HouseholdId,
    /// What the member is in it.
    pub role: HouseholdRole,
    /// The most members it may have.
    #[schema(example = 10)]
    pub limit: u32,
    /// Who belongs to it, those who have been there longest first.
    pub members: Vec<FellowView>,
}

/// Members act for themselves once their phone is known to be theirs; for whoever else may call, that is no question.
pub(super) fn confirmed(caller: &Caller) -> Result<(), Problem> {
    match caller {
        Caller::Member { confirmed: false, .. } => Err(Problem::new(&PHONE_NOT_CONFIRMED)),
        _ => Ok(()),
    }
}

/// Members do what cannot be taken back in a session that a fresh code raised; for whoever else may call, that is no question.
pub(super) fn raised(caller: &Caller, now: Timestamp) -> Result<(), Problem> {
    match caller {
        Caller::Member { stepped_up_until, .. } if stepped_up_until.is_none_or(|until| until <= now) => {
            Err(Problem::new(&STEP_UP_NEEDED))
        }
        _ => Ok(()),
    }
}

fn view(household: &OwnHousehold, limit: u32) -> OwnHouseholdView {
    let members = household.members.iter().map(|(belonging, first_name)| FellowView {
        member_id: belonging.member,
        first_name: first_name.text().to_owned(),
        role: belonging.role,
        since: belonging.since,
    });
    OwnHouseholdView {
        household_id: household.own.household,
        role: household.own.role,
        limit,
        members: members.collect(),
    }
}

pub(super) async fn shown(counter: &Counter, member: MemberId) -> Result<Private<OwnHouseholdView>, Problem> {
    let desk = counter.desk();
    let household = own_household(&desk.vault, member).await?;
    Ok(private(view(&household, desk.settings.households.members)))
}

/// Shows a member's own household.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/household", operation_id = "read_own_household", tag = "households",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The household.", body = OwnHouseholdView))
)]
pub(super) async fn read_own_household(
    State(counter): State<Counter>,
    fellows: Shown,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<OwnHouseholdView>, Problem> {
    let desk = counter.desk();
    let household = own_household(&desk.vault, member_id).await?;
    fellows.members(household.members.iter().map(|(belonging, _)| belonging.member));
    Ok(private(view(&household, desk.settings.households.members)))
}

/// Leaves the household. When its last head goes, who has been there longest and is no child heads it.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/household", operation_id = "leave_household", tag = "households",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 204, description = "The member belongs to no household now."))
)]
pub(super) async fn leave_own_household(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<StatusCode, Problem> {
    confirmed(&caller)?;
    leave_household(counter.desk(), None, member_id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives somebody of the household another role, or passes the headship on. Only its head may.
///
/// Whoever passes the headship on becomes a member like others.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/household/members/{fellow_id}", operation_id = "give_household_role", tag = "households",
    params(
        ("member_id" = MemberId, Path, description = "The head's id."),
        ("fellow_id" = MemberId, Path, description = "Whose role it is."),
    ),
    request_body(content = RoleBody, example = json!({"role": "child"})),
    responses((status = 200, description = "The household, as it is now.", body = OwnHouseholdView))
)]
pub(super) async fn give_fellow_role(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, fellow_id)): PathParams<(MemberId, MemberId)>,
    Body(body): Body<RoleBody>,
) -> Result<Private<OwnHouseholdView>, Problem> {
    confirmed(&caller)?;
    give_household_role(counter.desk(), member_id, fellow_id, body.role).await?;
    shown(&counter, member_id).await
}

/// Takes somebody out of the household. Only its head may; a head is not removed.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/household/members/{fellow_id}", operation_id = "remove_fellow", tag = "households",
    params(
        ("member_id" = MemberId, Path, description = "The head's id."),
        ("fellow_id" = MemberId, Path, description = "Who goes."),
    ),
    responses((status = 204, description = "They belong to no household now."))
)]
pub(super) async fn remove_fellow(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, fellow_id)): PathParams<(MemberId, MemberId)>,
) -> Result<StatusCode, Problem> {
    confirmed(&caller)?;
    remove_from_household(counter.desk(), member_id, fellow_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
