//! Questions of the other services. None of these routes is reachable from outside.

use axum::{Json, extract::State};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use kernel::{
    BranchCode, Digest16, Digests, Grant, IdentifierKind, KeyId, MemberId, Reach, RegionCode, Role,
    SessionId, StaffId, TillCode, Timestamp,
};
use serde::{Deserialize, Serialize};
use web::{Access, Body, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, reading};
use crate::{
    domain::identifier::Identifier,
    error::{
        BRANCH_UNKNOWN, DATABASE_BUSY, DIGEST_INVALID, IDENTIFIER_UNKNOWN, MEMBER_UNKNOWN, SESSION_OVER,
        SESSION_UNKNOWN, STAFF_SESSION_UNKNOWN, TILL_KEY_REVOKED, TILL_KEY_UNKNOWN,
    },
    queries,
};

pub(super) static RESOLVE_TILL_KEY: RouteSpec =
    RouteSpec::post("/internal/v1/till-keys/resolve", "resolve_till_key", Access::Services)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&DIGEST_INVALID, &TILL_KEY_UNKNOWN, &TILL_KEY_REVOKED, &DATABASE_BUSY]);

pub(super) static RESOLVE_SESSION: RouteSpec =
    RouteSpec::post("/internal/v1/sessions/resolve", "resolve_session", Access::Services)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&SESSION_UNKNOWN, &SESSION_OVER, &DATABASE_BUSY]);

pub(super) static RESOLVE_STAFF_TOKEN: RouteSpec =
    RouteSpec::post("/internal/v1/staff-tokens/resolve", "resolve_staff_token", Access::Services)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&DIGEST_INVALID, &STAFF_SESSION_UNKNOWN, &SESSION_OVER, &DATABASE_BUSY]);

pub(super) static RESOLVE_IDENTIFIER: RouteSpec =
    RouteSpec::post("/internal/v1/identifiers/resolve", "resolve_identifier", Access::Services)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&IDENTIFIER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static GET_MEMBER: RouteSpec =
    RouteSpec::get("/internal/v1/members/{member_id}", "check_member", Access::Services)
        .lane(Lane::Till)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static GET_PHONE: RouteSpec =
    RouteSpec::get("/internal/v1/members/{member_id}/phone", "tell_phone", Access::Services)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static GET_BRANCH: RouteSpec =
    RouteSpec::get("/internal/v1/branches/{branch}", "check_branch", Access::Services)
        .lane(Lane::Till)
        .problems(&[&BRANCH_UNKNOWN, &DATABASE_BUSY]);

/// Which till has this key?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TillKeyQuestion {
    /// SHA-256 of the key's text, or of its public half, in hexadecimal.
    digest: String,
}

/// The till that has the key, which is valid.
#[derive(Serialize)]
pub(super) struct TillKeyAnswer {
    key_id: KeyId,
    branch: BranchCode,
    region: RegionCode,
    till: TillCode,
    /// The public half of a key that signs, in base64url; absent for a key that is sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    public_key: Option<String>,
}

/// Is this session good?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SessionQuestion {
    session_id: SessionId,
}

/// Whose session it is, which is good.
#[derive(Serialize)]
pub(super) struct SessionAnswer {
    member_id: MemberId,
}

/// Whose is this access token of the staff?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StaffTokenQuestion {
    /// SHA-256 of the token's text, in hexadecimal.
    digest: String,
}

/// Whose it is, whose session is good, and what they may do.
#[derive(Serialize)]
pub(super) struct StaffTokenAnswer {
    staff_id: StaffId,
    session_id: SessionId,
    /// When the token lapses, or did.
    expires_at: Timestamp,
    grants: Vec<RoleAnswer>,
}

/// A role, and where it holds: everywhere when no place is named.
#[derive(Serialize)]
pub(super) struct RoleAnswer {
    role: Role,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<RegionCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<BranchCode>,
}

impl From<Grant> for RoleAnswer {
    fn from(grant: Grant) -> Self {
        let (region, branch) = match grant.reach {
            Reach::Chain => (None, None),
            Reach::Region(region) => (Some(region), None),
            Reach::Branch(branch) => (None, Some(branch)),
        };
        Self { role: grant.role, region, branch }
    }
}

/// Where a member is reached; nothing where there is no phone.
#[derive(Serialize)]
pub(super) struct PhoneAnswer {
    phone: Option<String>,
}

/// Whom does this keyed hash lead to?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IdentifierQuestion {
    /// The keyed hash (blind index).
    digest: Digest16,
    /// Its keyed hashes under other keys, while the key of the blind index changes.
    #[serde(default)]
    also: Vec<Digest16>,
    /// The kind it must be of, when the asker knows.
    #[serde(default)]
    kind: Option<IdentifierKind>,
}

/// The member whom the keyed hash leads to.
#[derive(Serialize)]
pub(super) struct IdentifierAnswer {
    member_id: MemberId,
    kind: IdentifierKind,
    /// Whether it still leads there.
    active: bool,
    /// Whether it leads there for a minute only, so that nobody may keep the answer.
    temporary: bool,
    /// The keyed hash under which it is kept, where the answer may be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<Digest16>,
    /// Where the membership stands.
    status: &'static str,
}

/// A member, without personal data.
#[derive(Serialize)]
pub(super) struct MemberAnswer {
    member_id: MemberId,
    status: &'static str,
    version: u64,
}

/// A branch, as rules need it.
#[derive(Serialize)]
pub(super) struct BranchAnswer {
    branch: BranchCode,
    region: RegionCode,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    version: u64,
}

/// Answers 404 for a key that never was, 410 for one that was revoked.
pub(super) async fn resolve_till_key(
    State(counter): State<Counter>,
    Body(question): Body<TillKeyQuestion>,
) -> Result<Json<TillKeyAnswer>, Problem> {
    let digest = reading::digest32(&question.digest)?;
    let found = queries::resolve_till_key::resolve_till_key(&counter.desk().vault, &digest).await?;
    let found = found.ok_or_else(|| Problem::new(&TILL_KEY_UNKNOWN))?;
    if found.key.revoked_at.is_some() {
        return Err(Problem::new(&TILL_KEY_REVOKED));
    }
    Ok(Json(TillKeyAnswer {
        key_id: found.key.id,
        branch: found.key.branch,
        region: found.region,
        till: found.key.till,
        public_key: found.key.public_key.map(|key| URL_SAFE_NO_PAD.encode(key)),
    }))
}

/// Answers 404 for a session that never was, 410 for one that is over.
pub(super) async fn resolve_session(
    State(counter): State<Counter>,
    Body(question): Body<SessionQuestion>,
) -> Result<Json<SessionAnswer>, Problem> {
    let desk = counter.desk();
    let now = desk.clock.now();
    let member_id = queries::check_session::check_session(&desk.vault, question.session_id, now).await?;
    Ok(Json(SessionAnswer { member_id }))
}

/// Answers 404 for a token that never was, 410 for one whose session is over or whose person may not come in.
pub(super) async fn resolve_staff_token(
    State(counter): State<Counter>,
    Body(question): Body<StaffTokenQuestion>,
) -> Result<Json<StaffTokenAnswer>, Problem> {
    let (desk, digest) = (counter.desk(), reading::digest32(&question.digest)?);
    let found = queries::staff_sessions::resolve_token(&desk.vault, &digest, desk.clock.now()).await?;
    Ok(Json(StaffTokenAnswer {
        staff_id: found.staff,
        session_id: found.session,
        expires_at: found.until,
        grants: found.grants.into_iter().map(RoleAnswer::from).collect(),
    }))
}

pub(super) async fn resolve_identifier(
    State(counter): State<Counter>,
    Body(question): Body<IdentifierQuestion>,
) -> Result<Json<IdentifierAnswer>, Problem> {
    let (vault, now) = (&counter.desk().vault, counter.desk().clock.now());
    let mut every = question.also;
    every.truncate(Digests::MOST);
    every.push(question.digest);
    let found = queries::resolve_identifier::resolve_identifier(vault, &every, question.kind, now).await?;
    let standing = queries::check_member::check_member(vault, found.member).await?;
    Ok(Json(IdentifierAnswer {
        member_id: found.member,
        kind: found.kind,
        active: found.active,
        temporary: found.temporary,
        digest: found.digest,
        status: standing.status.word(),
    }))
}

pub(super) async fn check_member(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<MemberAnswer>, Problem> {
    let standing = queries::check_member::check_member(&counter.desk().vault, member_id).await?;
    Ok(Json(MemberAnswer { member_id, status: standing.status.word(), version: standing.version }))
}

/// The phone of a member, for whoever sends something there this moment. Who asks keeps it nowhere.
pub(super) async fn tell_phone(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Json<PhoneAnswer>, Problem> {
    let profile = queries::member_profile::member_profile(&counter.desk().vault, member_id).await?;
    let phone = profile.identifiers.iter().find_map(|identifier| match identifier {
        Identifier::Phone(phone) => Some(phone.e164().to_owned()),
        Identifier::Card(_) => None,
    });
    Ok(Json(PhoneAnswer { phone }))
}

pub(super) async fn check_branch(
    State(counter): State<Counter>,
    PathParams(code): PathParams<BranchCode>,
) -> Result<Json<BranchAnswer>, Problem> {
    let branch = queries::list_places::branch(&counter.desk().vault, &code).await?;
    Ok(Json(BranchAnswer {
        branch: branch.code,
        region: branch.region,
        time_zone: branch.time_zone,
        version: branch.version,
    }))
}
