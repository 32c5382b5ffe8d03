//! What rewards, events, draws and challenges are called, for whoever names them to members: `notifications`.

use axum::{Json, extract::State};
use kernel::{ChallengeCode, DrawCode, EventCode, Language, RewardCode};
use runtime::names::{NAMES_MOST, NAMES_PATH, NamesAnswer, NamesQuestion};
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{
    domain::words::Words,
    error::{DATABASE_BUSY, Error},
    store::{challenges, draws, events, offers},
};

pub(super) static LIST: RouteSpec = RouteSpec::post(NAMES_PATH, "tell_names", Access::Services)
    .body_limit(16 * 1024)
    .problems(&[&DATABASE_BUSY]);

/// What things are called; what is unknown is not in the answer.
pub(super) async fn tell_names(
    State(counter): State<Counter>,
    Body(question): Body<NamesQuestion>,
) -> Result<Json<NamesAnswer>, Problem> {
    let mut answer = NamesAnswer::default();
    for code in question.codes.iter().take(NAMES_MOST) {
        if let Some(words) = words(&counter, &question.kind, code).await? {
            answer.add(code, Language::ALL.map(|one| (one, words.in_language(one).map(str::to_owned))));
        }
    }
    Ok(Json(answer))
}

async fn words(counter: &Counter, kind: &str, code: &str) -> Result<Option<Words>, Error> {
    let on = counter.desk.database.connection();
    let reward = match (kind, EventCode::parse(code)) {
        ("reward", _) => RewardCode::parse(code).ok(),
        ("event", Ok(event)) => events::load(on, &event).await?.map(|kept| kept.event.reward),
        ("draw", _) => {
            let Ok(code) = DrawCode::parse(code) else { return Ok(None) };
            return Ok(draws::load(on, &code).await?.map(|draw| draw.terms.title));
        }
        ("challenge", _) => {
            let Ok(code) = ChallengeCode::parse(code) else { return Ok(None) };
            return Ok(challenges::load(on, &code).await?.map(|kept| kept.terms.title));
        }
        _ => None,
    };
    match reward {
        Some(reward) => Ok(offers::load(on, &reward).await?.map(|offer| offer.terms.name)),
        None => Ok(None),
    }
}
