//! A member's sessions: where they are signed in, signing out, and vouching for themselves again.

use axum::{extract::State, http::StatusCode};
use kernel::{MemberId, Pii, SessionId, SignInId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, reading, roles};
use crate::{
    commands::{confirm_code::Answered, end_sessions, step_up::step_up},
    domain::session::{Ending, Session},
    error::{
        CODE_MALFORMED, CODE_SPENT, CODE_WRONG, DATABASE_BUSY, MEMBER_UNKNOWN, SESSION_OVER, SESSION_UNKNOWN,
    },
    queries::own_sessions::own_sessions,
};

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/sessions", "list_sessions", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static DELETE: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/sessions/{session_id}",
    "end_session",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&SESSION_UNKNOWN, &DATABASE_BUSY]);

pub(super) static DELETE_ALL: RouteSpec =
    RouteSpec::delete("/v1/members/{member_id}/sessions", "end_all_sessions", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static STEP_UP: RouteSpec =
    RouteSpec::post("/v1/members/{member_id}/step-up", "step_up", Access::Member)
        .body_limit(1024)
        .problems(&[&CODE_MALFORMED, &CODE_WRONG, &CODE_SPENT, &SESSION_OVER, &DATABASE_BUSY]);

/// Somewhere a member is signed in.
#[derive(Serialize, ToSchema)]
pub struct SessionView {
    /// By which it is ended.
    pub session_id: SessionId,
    /// What the app called the device.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "گوشی زهرا")]
    pub device: Option<String>,
    /// When the member signed in.
    pub started_at: Timestamp,
    /// When the session was last continued.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// Where a member is signed in, the latest first, 100 at most.
#[derive(Serialize, ToSchema)]
pub struct SessionList {
    /// The sessions.
    pub sessions: Vec<SessionView>,
}

/// A fresh code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StepUpBody {
    /// What the asking for the code was answered with.
    pub sign_in_id: SignInId,
    /// The six digits; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۴۲۷۱۹")]
    pub code: Pii<String>,
}

/// The access token of a raised session.
#[derive(Serialize, ToSchema)]
pub struct StepUpView {
    /// The token, in place of the one before.
    pub access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// In how many seconds it lapses.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// Until when the code vouches for the member.
    pub stepped_up_until: Timestamp,
}

fn view(session: &Session, current: Option<SessionId>) -> SessionView {
    SessionView {
        session_id: session.id,
        device: session.device.as_ref().map(|name| name.text().to_owned()),
        started_at: session.started_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        current: current == Some(session.id),
    }
}

fn why(caller: &Caller) -> Ending {
    if matches!(caller, Caller::Member { .. }) { Ending::Member } else { Ending::Operator }
}

/// Lists where a member is signed in.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/sessions", operation_id = "list_sessions", tag = "sign-in",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The live sessions.", body = SessionList))
)]
pub(super) async fn list_sessions(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<SessionList>, Problem> {
    let desk = counter.desk();
    let current = match caller {
        Caller::Member { session, .. } => Some(session),
        _ => None,
    };
    let sessions = own_sessions(&desk.vault, member_id, desk.clock.now()).await?;
    Ok(private(SessionList { sessions: sessions.iter().map(|session| view(session, current)).collect() }))
}

/// Ends a session: signs one device out. Its access token stops working within 5 seconds. Ending it again changes nothing.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/sessions/{session_id}", operation_id = "end_session", tag = "sign-in",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("session_id" = SessionId, Path, description = "The session's id."),
    ),
    responses((status = 204, description = "The session is over."))
)]
pub(super) async fn end_session(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, session_id)): PathParams<(MemberId, SessionId)>,
) -> Result<StatusCode, Problem> {
    end_sessions::end_session(counter.desk(), member_id, session_id, why(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of a member: signs all their devices out, this one included.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/sessions", operation_id = "end_all_sessions", tag = "sign-in",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 204, description = "No session is left."))
)]
pub(super) async fn end_all_sessions(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<StatusCode, Problem> {
    end_sessions::end_all_sessions(counter.desk(), member_id, why(&caller)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Raises the session for some minutes with a fresh code, for what needs more than a session.
///
/// Ask for the code as for signing in, with the member's own phone.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/step-up", operation_id = "step_up", tag = "sign-in",
    params(("member_id" = MemberId, Path, description = "The member's own id.")),
    request_body = StepUpBody,
    responses((status = 200, description = "The code vouches for the member.", body = StepUpView))
)]
pub(super) async fn raise_session(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(member_id): PathParams<MemberId>,
    deadline: DeadlineAt,
    Body(body): Body<StepUpBody>,
) -> Result<Private<StepUpView>, Problem> {
    let Caller::Member { session, .. } = caller else { return Err(Problem::new(&SESSION_OVER)) };
    let answered = Answered { sign_in: body.sign_in_id, code: reading::code(body.code.expose(), "/code")? };
    deadline.check()?;
    let raised = step_up(counter.desk(), member_id, session, &answered).await?;
    Ok(private(StepUpView {
        access_token: raised.access,
        token_type: "Bearer",
        expires_in: raised.access_seconds,
        stepped_up_until: raised.until,
    }))
}
