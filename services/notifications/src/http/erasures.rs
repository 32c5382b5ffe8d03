//! What membership asks of notifications about members who left: who is erased.

use axum::{Json, extract::State};
use runtime::erasures::{ERASURES_PAGE, ERASURES_PATH, ErasuresAnswer, ErasuresQuestion};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::store::members;

pub(super) static LIST: RouteSpec =
    RouteSpec::post(ERASURES_PATH, "tell_erasures", Access::Services).body_limit(4 * 1024);

pub(super) async fn tell_erasures(
    State(counter): State<Counter>,
    Body(question): Body<ErasuresQuestion>,
) -> Result<Json<ErasuresAnswer>, Problem> {
    let on = counter.desk.database.connection();
    let found = members::list_erased(on, question.after, ERASURES_PAGE).await?;
    Ok(Json(found.into_iter().collect()))
}
