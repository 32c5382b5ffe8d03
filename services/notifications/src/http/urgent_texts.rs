//! Texts that somebody waits for, handed over by the service that makes them: `membership`, one-time codes.

use axum::{Json, extract::State};
use kernel::{Language, MemberId, Pii};
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use web::{Access, Body, Problem, RouteSpec};

use super::Counter;
use crate::{
    commands::hand_urgent::{Urgent, hand_urgent},
    error::DATABASE_BUSY,
    store::messages::CODE,
};

pub(super) static POST: RouteSpec =
    RouteSpec::post("/internal/v1/urgent-texts", "hand_urgent_text", Access::Services)
        .body_limit(8 * 1024)
        .problems(&[&DATABASE_BUSY]);

/// A text that somebody waits for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UrgentText {
    message_id: Uuid,
    member_id: MemberId,
    to: String,
    language: Language,
    text: String,
}

/// Whether a provider has it.
#[derive(Serialize)]
pub(super) struct UrgentAnswer {
    handed: bool,
}

/// Hands a text to a provider at once. The same id again is the same text.
pub(super) async fn hand_urgent_text(
    State(counter): State<Counter>,
    Body(text): Body<UrgentText>,
) -> Result<Json<UrgentAnswer>, Problem> {
    let urgent = Urgent {
        id: text.message_id,
        kind: CODE,
        member: text.member_id,
        to: Pii::new(text.to),
        language: text.language,
        text: Pii::new(text.text),
    };
    // Whoever hangs up before the provider answers asks again, and the text that was broken off counts as perhaps sent.
    let handed = hand_urgent(&counter.desk, &urgent).await?;
    Ok(Json(UrgentAnswer { handed }))
}
