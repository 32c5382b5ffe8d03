//! How staff come in: signing in, sessions. Passwords, codes and tokens come in bodies, never in addresses, and no cache
//! may keep the answers.

use axum::{extract::State, http::StatusCode};
use kernel::{Pii, SessionId, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, DeadlineAt, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, reading, roles, staff::who};
use crate::{
    commands::{
        end_staff_sessions,
        refresh_staff::refresh_staff,
        sign_in_staff::{StaffTokens, sign_in_staff},
    },
    domain::{
        account::StaffSession, password::Password, rejection::Rejection, session::Ending, staff::UserName,
    },
    error::{
        DATABASE_BUSY, Error, FACTOR_MALFORMED, PASSWORD_SIGN_IN_CLOSED, REFRESH_REFUSED, REFRESH_REUSED,
        SIGN_IN_DELAYED, SIGN_IN_REFUSED, SIGN_INS_BUSY, STAFF_SESSION_UNKNOWN, STAFF_UNKNOWN,
    },
    queries::staff_sessions::sessions_of,
};

pub(super) static SIGN_IN: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/tokens", "sign_in_staff", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(4 * 1024)
        .problems(&[
            &PASSWORD_SIGN_IN_CLOSED,
            &FACTOR_MALFORMED,
            &SIGN_IN_REFUSED,
            &SIGN_IN_DELAYED,
            &SIGN_INS_BUSY,
            &DATABASE_BUSY,
        ]);

pub(super) static REFRESH: RouteSpec =
    RouteSpec::post("/v1/staff-sign-in/refresh", "refresh_staff_session", Access::Anyone)
        .lane(Lane::Till)
        .body_limit(1024)
        .problems(&[&REFRESH_REFUSED, &REFRESH_REUSED, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/staff/{staff_id}/sessions", "list_staff_sessions", Access::Operator)
        .staff(Bound::Chain, roles::HEAD_READERS)
        .or_themselves()
        .problems(&[&STAFF_UNKNOWN, &DATABASE_BUSY]);

pub(super) static END: RouteSpec =
    RouteSpec::delete("/v1/staff/{staff_id}/sessions/{session_id}", "end_staff_session", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .or_themselves()
        .problems(&[&STAFF_SESSION_UNKNOWN, &DATABASE_BUSY]);

pub(super) static END_ALL: RouteSpec =
    RouteSpec::delete("/v1/staff/{staff_id}/sessions", "end_all_staff_sessions", Access::Operator)
        .staff(Bound::Chain, roles::HEADS)
        .or_themselves()
        .problems(&[&STAFF_UNKNOWN, &DATABASE_BUSY]);

/// Who signs in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffSignInBody {
    /// The user name.
    #[schema(example = "z.karimi")]
    pub user_name: String,
    /// The password.
    #[schema(value_type = String, format = Password)]
    pub password: Pii<String>,
    /// The six digits that the app shows, or a recovery code.
    #[schema(value_type = String, example = "042719")]
    pub code: Pii<String>,
}

/// The refresh token that was given last.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StaffRefreshBody {
    /// The token. It is used up by this; the answer brings the next one.
    #[schema(value_type = String)]
    pub refresh_token: Pii<String>,
}

/// What a person of the staff calls with from now on.
#[derive(Serialize, ToSchema)]
pub struct StaffTokensView {
    /// Who is signed in.
    pub staff_id: StaffId,
    /// The session, by which it can be ended.
    pub session_id: SessionId,
    /// For the `Authorization: Bearer` header.
    #[schema(example = "vs_0f1e2d3c4b5a69788796a5b4c3d2e1f00f1e2d3c4b5a69788796a5b4c3d2e1f0")]
    pub access_token: String,
    /// `Bearer`.
    #[schema(example = "Bearer")]
    pub token_type: &'static str,
    /// In how many seconds the access token lapses.
    #[schema(example = 900)]
    pub expires_in: i64,
    /// For the next access token, once.
    pub refresh_token: String,
    /// When the refresh token lapses, if it is not used.
    pub refresh_expires_at: Timestamp,
}

/// Somewhere a person of the staff is signed in.
#[derive(Serialize, ToSchema)]
pub struct StaffSessionView {
    /// By which it is ended.
    pub session_id: SessionId,
    /// When they signed in.
    pub started_at: Timestamp,
    /// When the session was last continued.
    pub last_used_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
    /// Whether it is the session that asks.
    pub current: bool,
}

/// Where a person is signed in, the latest first, 100 at most.
#[derive(Serialize, ToSchema)]
pub struct StaffSessionList {
    /// The sessions.
    pub sessions: Vec<StaffSessionView>,
}

impl From<StaffTokens> for StaffTokensView {
    fn from(tokens: StaffTokens) -> Self {
        Self {
            staff_id: tokens.session.staff,
            session_id: tokens.session.id,
            access_token: tokens.access,
            token_type: "Bearer",
            expires_in: tokens.access_seconds,
            refresh_token: tokens.refresh,
            refresh_expires_at: tokens.refresh_until,
        }
    }
}

fn why(caller: &Caller, of: StaffId) -> Ending {
    if who(caller) == Some(of) { Ending::Member } else { Ending::Operator }
}

fn session_view(session: &StaffSession, caller: &Caller) -> StaffSessionView {
    let asking = matches!(caller, Caller::Staff { session: asking, .. } if *asking == session.id);
    StaffSessionView {
        session_id: session.id,
        started_at: session.started_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        current: asking,
    }
}

/// Signs a person of the staff in.
///
/// A wrong user name, a wrong password and a wrong code get the same answer. After three of them each attempt under the name
/// has to wait, longer each time. A code of the app is good once.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/tokens", operation_id = "sign_in_staff", tag = "staff-sign-in",
    request_body = StaffSignInBody,
    responses((status = 200, description = "They are signed in.", body = StaffTokensView))
)]
pub(super) async fn sign_in(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<StaffSignInBody>,
) -> Result<Private<StaffTokensView>, Problem> {
    let factor = reading::factor(body.code.expose(), "/code")?;
    let refused = || Error::from(Rejection::SignInRefused);
    // What can be nobody's needs no work: it tells nothing about anybody.
    let user_name = UserName::parse(&body.user_name).map_err(|_| refused())?;
    let password = Password::typed(body.password.expose()).ok_or_else(refused)?;
    deadline.check()?;
    Ok(private(sign_in_staff(counter.desk(), &user_name, password, &factor).await?.into()))
}

/// Continues a session of the staff. Every refresh token is good once; one that comes a second time ends its session.
#[utoipa::path(
    post, path = "/v1/staff-sign-in/refresh", operation_id = "refresh_staff_session", tag = "staff-sign-in",
    request_body = StaffRefreshBody,
    responses((status = 200, description = "The session goes on.", body = StaffTokensView))
)]
pub(super) async fn refresh(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<StaffRefreshBody>,
) -> Result<Private<StaffTokensView>, Problem> {
    deadline.check()?;
    Ok(private(refresh_staff(counter.desk(), body.refresh_token.expose()).await?.into()))
}

/// Lists where a person of the staff is signed in. Everybody lists their own.
#[utoipa::path(
    get, path = "/v1/staff/{staff_id}/sessions", operation_id = "list_staff_sessions", tag = "staff-sign-in",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 200, description = "The live sessions.", body = StaffSessionList))
)]
pub(super) async fn list(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<Private<StaffSessionList>, Problem> {
    let desk = counter.desk();
    let sessions = sessions_of(&desk.vault, id, desk.clock.now()).await?;
    let sessions = sessions.iter().map(|session| session_view(session, &caller)).collect();
    Ok(private(StaffSessionList { sessions }))
}

/// Ends a session of the staff. It stops working within 5 seconds. Everybody ends their own; the same again changes nothing.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}/sessions/{session_id}", operation_id = "end_staff_session", tag = "staff-sign-in",
    params(
        ("staff_id" = StaffId, Path, description = "The person's id."),
        ("session_id" = SessionId, Path, description = "The session's id."),
    ),
    responses((status = 204, description = "The session is over."))
)]
pub(super) async fn end(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((id, session)): PathParams<(StaffId, SessionId)>,
) -> Result<StatusCode, Problem> {
    end_staff_sessions::end_staff_session(counter.desk(), id, session, why(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends every session of a person of the staff. Everybody may for themselves.
#[utoipa::path(
    delete, path = "/v1/staff/{staff_id}/sessions", operation_id = "end_all_staff_sessions", tag = "staff-sign-in",
    params(("staff_id" = StaffId, Path, description = "The person's id.")),
    responses((status = 204, description = "Every session is over."))
)]
pub(super) async fn end_all(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams(id): PathParams<StaffId>,
) -> Result<StatusCode, Problem> {
    end_staff_sessions::end_all_staff_sessions(counter.desk(), id, why(&caller, id)).await?;
    Ok(StatusCode::NO_CONTENT)
}
