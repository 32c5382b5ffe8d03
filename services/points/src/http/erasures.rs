//! What membership asks of points about members who leave: what they have, and who is erased.

use axum::{Json, extract::State};
use runtime::erasures::{ERASURES_PAGE, ERASURES_PATH, ErasuresAnswer, ErasuresQuestion};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{error, store::erasures};

pub(super) static BALANCE: RouteSpec =
    RouteSpec::get("/internal/v1/members/{member_id}/balance", "ask_balance", Access::Services).problems(&[
        &error::MEMBER_UNKNOWN,
        &error::MEMBERSHIP_SILENT,
        &error::TOO_BUSY,
        &error::STOPPING,
    ]);
pub(super) static LIST: RouteSpec =
    RouteSpec::post(ERASURES_PATH, "list_erasures", Access::Services).body_limit(4 * 1024);

pub(super) async fn list_erasures(
    State(counter): State<Counter>,
    Body(question): Body<ErasuresQuestion>,
) -> Result<Json<ErasuresAnswer>, Problem> {
    let found =
        erasures::list(&counter.database, question.after, ERASURES_PAGE).await.map_err(error::fault)?;
    Ok(Json(found.into_iter().collect()))
}
