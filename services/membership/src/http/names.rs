//! What plans are called, for whoever names them to members: `notifications`.

use axum::{Json, extract::State};
use kernel::{Language, PlanCode};
use runtime::names::{NAMES_MOST, NAMES_PATH, NamesAnswer, NamesQuestion};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{error::DATABASE_BUSY, queries};

pub(super) static LIST: RouteSpec = RouteSpec::post(NAMES_PATH, "tell_plan_names", Access::Services)
    .body_limit(16 * 1024)
    .problems(&[&DATABASE_BUSY]);

/// What plans are called; what is unknown is not in the answer.
pub(super) async fn tell_plan_names(
    State(counter): State<Counter>,
    Body(question): Body<NamesQuestion>,
) -> Result<Json<NamesAnswer>, Problem> {
    let mut answer = NamesAnswer::default();
    let codes = question.codes.iter().take(NAMES_MOST).filter(|_| question.kind == "plan");
    for code in codes.filter_map(|code| PlanCode::parse(code).ok()) {
        if let Some(name) = queries::plans::name_of(&counter.desk().vault, &code).await? {
            let names = Language::ALL.map(|one| (one, Some(name.of(one).to_owned())));
            answer.add(code.as_str(), names);
        }
    }
    Ok(Json(answer))
}
