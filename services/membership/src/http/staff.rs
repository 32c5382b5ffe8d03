//! Staff: who works for the chain, and which roles they have where.

use axum::{Json, extract::State, http::StatusCode};
use kernel::{BranchCode, Grant, GrantId, Pii, Reach, RegionCode, Role, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, PathParams, Problem, QueryParams, RouteSpec};

use super::{Counter, Private, pages, private, reading, regions::PageParams, roles};
use crate::{
    commands::{
        Put,
        admit_staff::{Door, admit_staff},
        enrol_staff::enrol_staff,
        grant_role,
    },
    domain::staff::{Granted, Person},
    error::{
        BRANCH_UNKNOWN, CURSOR_INVALID, DATABASE_BUSY, GRANT_UNKNOWN, GRANTS_TOO_MANY, LIMIT_OUT_OF_RANGE,
        PLACE_TWICE, REGION_UNKNOWN, STAFF_DISABLED, STAFF_NAME_INVALID, STAFF_OWN_AFFAIR, STAFF_UNKNOWN,
        USER_NAME_INVALID, USER_NAME_TAKEN,
    },
    queries::list_staff::{self, Employed},
};

pub(super) static POST: RouteSpec = RouteSpec::post("/v1/staff", "enrol_staff", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .body_limit(4 * 1024)
    .problems(&[&USER_NAME_INVALID, &USER_NAME_TAKEN, &STAFF_NAME_INVALID, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/staff", "list_staff", Access::Operator)
    .staff(Bound::Chain, roles::HEAD_READERS)
    .problems(&[&LIMIT_OUT_OF_RANGE, &CURSOR_INVALID, &DATABASE_BUSY]);

pub(super) static GET: RouteSpec = RouteSpec::get("/v1/staff/{staff_id}", "read_staff", Access::Operator)
    .staff(Bound::Chain, roles::HEAD_READERS)
    .or_themselves()
    .problems(&[&STAFF_UNKNOWN, &DATABASE_BUSY]);

pub(super) static DISABLE: RouteSpec =
    RouteSpec::post("/v1/staff/{staff_id}/disable", "disable_staff", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&STAFF_UNKNOWN, &STAFF_OWN_AFFAIR, &DATABASE_BUSY]);

pub(super) static ENABLE: RouteSpec =
    RouteSpec::post("/v1/staff/{staff_id}/enable", "enable_staff", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&STAFF_UNKNOWN, &STAFF_OWN_AFFAIR, &DATABASE_BUSY]);

pub(super) static GRANT: RouteSpec =
    RouteSpec::post("/v1/staff/{staff_id}/grants", "grant_role", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .body_limit(4 * 1024)
        .problems(&[
            &STAFF_UNKNOWN,
            &PLACE_TWICE,
            &REGION_UNKNOWN,
            &BRANCH_UNKNOWN,
            &STAFF_OWN_AFFAIR,
            &STAFF_DISABLED,
            &GRANTS_TOO_MANY,
            &DATABASE_BUSY,
        ]);

pub(super) static REVOKE: RouteSpec =
    RouteSpec::delete("/v1/staff/{staff_id}/grants/{grant_id}", "revoke_role", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .problems(&[&STAFF_UNKNOWN, &GRANT_UNKNOWN, &STAFF_OWN_AFFAIR, &DATABASE_BUSY]);

/// A person to be taken into the staff.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffBody {
    /// By which they sign in: 3 to 32 characters of `a-z`, `0-9`, `.`, `_`, `-`, a letter first. Others see it in records: no
    /// phone number, no name that customers know.
    #[schema(example = "z.karimi")]
    pub user_name: String,
    /// What colleagues call them: one line, up to 60 characters.
    #[schema(value_type = String, example = "زهرا کریمی")]
    pub name: Pii<String>,
}

/// A role at a place: at a branch, in a region, or everywhere when neither is named.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantBody {
    /// The role.
    pub role: Role,
    /// The region, with all branches that belong to it at any time.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tehran")]
    pub region: Option<RegionCode>,
    /// The branch.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "tehran-vanak")]
    pub branch: Option<BranchCode>,
}

/// A role that a person has.
#[derive(Serialize, ToSchema)]
pub struct GrantView {
    /// By which it is taken away.
    pub grant_id: GrantId,
    /// The role.
    pub role: Role,
    /// The region where it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tehran")]
    pub region: Option<RegionCode>,
    /// The branch where it holds; the whole chain when neither is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// Since when.
    pub granted_at: Timestamp,
    /// Who gave it; absent when the operator's key did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub granted_by: Option<StaffId>,
}

/// A person of the staff.
#[derive(Serialize, ToSchema)]
pub struct StaffView {
    /// Their id, by which records name them.
    pub staff_id: StaffId,
    /// By which they sign in.
    #[schema(example = "z.karimi")]
    pub user_name: String,
    /// What colleagues call them.
    #[schema(example = "زهرا کریمی")]
    pub name: String,
    /// Since when they are known.
    pub since: Timestamp,
    /// Since when they may not come in any more; absent while they may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Timestamp>,
    /// Their roles, oldest first.
    pub grants: Vec<GrantView>,
}

/// A page of the staff, in the order in which they came.
#[derive(Serialize, ToSchema)]
pub struct StaffPage {
    /// The people.
    pub staff: Vec<StaffView>,
    /// Whether more follow.
    pub has_more: bool,
    /// Send it as `cursor` for the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
}

impl From<&Granted> for GrantView {
    fn from(granted: &Granted) -> Self {
        let (region, branch) = match &granted.grant.reach {
            Reach::Chain => (None, None),
            Reach::Region(region) => (Some(region.clone()), None),
            Reach::Branch(branch) => (None, Some(branch.clone())),
        };
        Self {
            grant_id: granted.id,
            role: granted.grant.role,
            region,
            branch,
            granted_at: granted.granted_at,
            granted_by: granted.granted_by,
        }
    }
}

impl StaffView {
    fn of(person: &Person, grants: &[Granted]) -> Self {
        Self {
            staff_id: person.id,
            user_name: person.user_name.as_str().to_owned(),
            name: person.name.text().to_owned(),
            since: person.since,
            disabled_at: person.disabled_at,
            grants: grants.iter().map(GrantView::from).collect(),
        }
    }
}

impl From<&Employed> for StaffView {
    fn from(employed: &Employed) -> Self {
        Self::of(&employed.person, &employed.grants)
    }
}

impl GrantBody {
    fn grant(self) -> Result<Grant, Problem> {
        let reach = match (self.region, self.branch) {
            (None, None) => Reach::Chain,
            (Some(region), None) => Reach::Region(region),
            (None, Some(branch)) => Reach::Branch(branch),
            (Some(_), Some(_)) => return Err(Problem::new(&PLACE_TWICE).pointer("/branch")),
        };
        Ok(Grant { role: self.role, reach })
    }
}

/// Who of the staff asks; nobody when it is the operator's key.
pub(super) fn who(caller: &Caller) -> Option<StaffId> {
    if let Caller::Staff { staff, .. } = caller { Some(*staff) } else { None }
}

/// Takes a person into the staff. They have no role yet.
#[utoipa::path(
    post, path = "/v1/staff", operation_id = "enrol_staff", tag = "staff-list",
    request_body = StaffBody,
    responses((status = 201, description = "They belong to the staff.", body = StaffView))
)]
pub(super) async fn enrol(
    State(counter): State<Counter>,
    Body(body): Body<StaffBody>,
) -> Result<(StatusCode, Private<StaffView>), Problem> {
    let user_name = reading::user_name(&body.user_name, "/user_name")?;
    let name = reading::staff_name(body.name.expose(), "/name")?;
    let person = enrol_staff(counter.desk(), user_name, name).await?;
    Ok((StatusCode::CREATED, private(StaffView::of(&person, &[]))))
}

/// Lists the staff with their roles, in the order in which they came.
#[utoipa::path(
    get, path = "/v1/staff", operation_id = "list_staff", tag = "staff-list",
    params(PageParams),
    responses((status = 200, description = "A page of the staff.", body = StaffPage))
)]
pub(super) async fn list(
    State(counter): State<Counter>,
    QueryParams(page): QueryParams<PageParams>,
) -> Result<Private<StaffPage>, Problem> {
    let (limit, after) = (pages::limit(page.limit)?, pages::after(page.cursor.as_deref())?);
    let found = list_staff::list_staff(&counter.desk().vault, after, limit).await?;
    let last = found.items.last().filter(|_| found.has_more);
    Ok(private(StaffPage {
        next_cursor: last.map(|employed| pages::next(employed.person.id)),
        has_more: found.has_more,
        staff: found.items.iter().map(StaffView::from).collect(),
    }))
}

/// Reads one person of the staff, with their roles. Everybody reads about themselves.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}", operation_id = "read_staff", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 200, description = "The person.", body = StaffView))
)]
pub(super) async fn read(
    State(counter): State<Counter>,
    PathParams(id): PathParams<StaffId>,
) -> Result<Private<StaffView>, Problem> {
    let employed = list_staff::person(&counter.desk().vault, id).await?;
    Ok(private((&employed).into()))
}

/// Shuts a person out. Whatever they have open stops working within 5 seconds; their roles stay for when they are let in
/// again. The same again changes nothing.
#[utoipa::path(
    post, path = "/v1/staff/{staff_id}/disable", operation_id = "disable_staff", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 204, description = "They may not come in."))
)]
pub(super) async fn disable(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<StatusCode, Problem> {
    admit_staff(counter.desk(), id, Door::Shut, who(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets a person in again who was shut out. The same again changes nothing.
#[utoipa::path(
    post, path = "/v1/staff/{staff_id}/enable", operation_id = "enable_staff", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 204, description = "They may come in."))
)]
pub(super) async fn enable(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<StatusCode, Problem> {
    admit_staff(counter.desk(), id, Door::Open, who(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Gives a person a role at a branch, in a region or everywhere.
///
/// What each role may do is in `docs/permissions.md`. Nobody gives roles to themselves. A person has 20 roles at most; sending
/// the same again changes nothing.
#[utoipa::path(
    post, path = "/v1/staff/{staff_id}/grants", operation_id = "grant_role", tag = "staff-list",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    request_body(content = GrantBody, example = json!({"role": "cashier", "branch": "tehran-vanak"})),
    responses(
        (status = 201, description = "They have the role.", body = GrantView),
        (status = 200, description = "They had it.", body = GrantView),
    )
)]
pub(super) async fn grant(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
    Body(body): Body<GrantBody>,
) -> Result<(StatusCode, Json<GrantView>), Problem> {
    Ok(match grant_role::grant_role(counter.desk(), id, body.grant()?, who(&caller)).await? {
        Put::New(granted) => (StatusCode::CREATED, Json((&granted).into())),
        Put::Known(granted) => (StatusCode::OK, Json((&granted).into())),
    })
}

/// Takes a role away. It opens nothing any more within 5 seconds. The same again changes nothing.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}/grants/{grant_id}", operation_id = "revoke_role", tag = "staff-list",
    params(
        ("staff_id" = StaffId, Path, description = "The person's id."),
        ("grant_id" = GrantId, Path, description = "The grant's id."),
    ),
    responses((status = 204, description = "They do not have the role."))
)]
pub(super) async fn revoke(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((id, grant)): PathParams<(StaffId, GrantId)>,
) -> Result<StatusCode, Problem> {
    grant_role::revoke_role(counter.desk(), id, grant, who(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}
