//! What tiers are called, for whoever names them to members: `notifications`.

use axum::{Json, extract::State};
use kernel::Language;
use runtime::names::{NAMES_PATH, NamesAnswer, NamesQuestion};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::queries;

pub(super) static LIST: RouteSpec =
    RouteSpec::post(NAMES_PATH, "tell_tier_names", Access::Services).body_limit(16 * 1024);

/// What tiers are called in the live version of the programme; what is unknown is not in the answer.
pub(super) async fn tell_tier_names(
    State(counter): State<Counter>,
    Body(question): Body<NamesQuestion>,
) -> Result<Json<NamesAnswer>, Problem> {
    let mut answer = NamesAnswer::default();
    let (live, _) = queries::programme::live(&counter.database, counter.clock.now()).await?;
    let ladder = live.and_then(|live| live.stored.programme.document.tiers);
    let levels = ladder.into_iter().flat_map(|ladder| ladder.levels);
    for level in levels.filter(|level| question.kind == "tier" && question.codes.contains(&level.code)) {
        let names = Language::ALL.map(|one| (one, Some(level.name.text(one).to_owned())));
        answer.add(&level.code, names);
    }
    Ok(Json(answer))
}
