//! Membership as points sees it: three questions, answered out of a list that the test writes.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing,
};
use serde_json::{Value, json};

/// What it knows, and what it was asked.
#[derive(Default)]
pub struct Known {
    /// Keyed hash, as text, to member and whether the identifier is active.
    pub identifiers: HashMap<String, (String, bool)>,
    /// Members by id.
    pub members: Vec<String>,
    /// Members who confirmed their phones.
    pub confirmed: Vec<String>,
    /// For whom a fresh code vouches, at which counter, and until when.
    pub vouched: Vec<(String, Value, String)>,
    /// Answers nothing but 503.
    pub silent: bool,
    /// Questions so far.
    pub asked: u32,
}

/// A membership that a test plays.
#[derive(Clone, Default)]
pub struct FakeMembership(Arc<Mutex<Known>>);

impl FakeMembership {
    /// Looks at it, or changes it.
    pub fn with<T>(&self, look: impl FnOnce(&mut Known) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn router(&self) -> Router {
        Router::new()
            .route("/internal/v1/identifiers/resolve", routing::post(resolve))
            .route("/internal/v1/members/{member_id}", routing::get(check))
            .route("/internal/v1/proofs", routing::post(prove))
            .with_state(self.clone())
    }
}

async fn resolve(State(fake): State<FakeMembership>, Json(question): Json<Value>) -> Response {
    let also = question["also"].as_array().cloned().unwrap_or_default();
    let every = std::iter::once(question["digest"].clone()).chain(also);
    let every: Vec<String> = every.filter_map(|digest| digest.as_str().map(str::to_owned)).collect();
    fake.with(|known| {
        known.asked += 1;
        let found = every.iter().find_map(|digest| Some((digest, known.identifiers.get(digest)?)));
        answer(
            known.silent,
            found.map(
                |(digest, (member, active))| json!({"member_id": member, "active": active, "digest": digest}),
            ),
        )
    })
}

async fn check(State(fake): State<FakeMembership>, Path(member): Path<String>) -> Response {
    fake.with(|known| {
        known.asked += 1;
        let found = known.members.contains(&member);
        answer(known.silent, found.then(|| json!({"member_id": member, "status": "active", "version": 1})))
    })
}

async fn prove(State(fake): State<FakeMembership>, Json(questions): Json<Value>) -> Response {
    fake.with(|known| {
        known.asked += 1;
        let asked = questions["asked"].as_array().expect("questions");
        let found: Vec<Value> = asked.iter().map(|question| known.shown(question)).collect();
        answer(known.silent, Some(json!(found)))
    })
}

impl Known {
    fn shown(&self, question: &Value) -> Value {
        let (member, place) = (question["member_id"].as_str().expect("an id"), &question["place"]);
        let mut vouched = self.vouched.iter().filter(|(whose, at, _)| whose == member && at == place);
        let mut found = json!({"phone_confirmed": self.confirmed.iter().any(|whose| whose == member)});
        if let Some((_, _, until)) = vouched.next_back() {
            found["vouched_until"] = json!(until);
        }
        found
    }
}

fn answer(silent: bool, found: Option<Value>) -> Response {
    let problem = |status: StatusCode, code: &str| (status, Json(json!({ "code": code }))).into_response();
    if silent {
        return problem(StatusCode::SERVICE_UNAVAILABLE, "membership.database_busy");
    }
    match found {
        Some(found) => Json(found).into_response(),
        None => problem(StatusCode::NOT_FOUND, "membership.unknown"),
    }
}
