//! Who sent a text to the club's number, for whoever answers it: `notifications`. A stranger whose text is a first name joins by it.

use axum::{Json, extract::State};
use kernel::{Language, MemberId, Pii};
use locale::digits::to_latin;
use serde::{Deserialize, Serialize};
use web::{Access, Body, Problem, RouteSpec};

use super::{Counter, reading};
use crate::{
    commands::join_by_text::{InboundText, Reply, join_by_text},
    domain::{identifier::Identifier, rejection::Rejection},
    error::{
        CONTENDED, DATABASE_BUSY, Error, Missing, PHONE_COUNTRY_CLOSED, PHONE_INVALID, PHONE_NOT_MOBILE,
    },
    queries::{contacts::contacts, find_member::find_member},
};

pub(super) static ASK: RouteSpec = RouteSpec::post("/internal/v1/senders", "ask_sender", Access::Services)
    .body_limit(8 * 1024)
    .problems(&[&PHONE_INVALID, &PHONE_NOT_MOBILE, &PHONE_COUNTRY_CLOSED, &CONTENDED, &DATABASE_BUSY]);

/// Who is this?
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SenderQuestion {
    /// The number, as the provider wrote it.
    phone: Pii<String>,
    /// What a stranger joins by, and the text's own id; left out where the text is about something else.
    #[serde(default)]
    joins_by: Option<JoiningText>,
}

/// A text that may be a first name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JoiningText {
    text: Pii<String>,
    message_id: String,
}

/// Who it is, and what became of the text.
#[derive(Serialize)]
pub(super) struct SenderAnswer {
    /// The number in E.164.
    phone: String,
    /// Whose it is; absent for a stranger.
    #[serde(skip_serializing_if = "Option::is_none")]
    member_id: Option<MemberId>,
    /// The language in which they read; the chain's for a stranger.
    language: Language,
    /// What became of a stranger's text: `welcome`, `confirm`, `no_name`, `too_many` or `refused`.
    #[serde(skip_serializing_if = "Option::is_none")]
    joining: Option<&'static str>,
    /// The code to send back, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
}

/// Says whose number a text came from; a stranger joins by it where they may.
pub(super) async fn ask_sender(
    State(counter): State<Counter>,
    Body(question): Body<SenderQuestion>,
) -> Result<Json<SenderAnswer>, Problem> {
    let desk = counter.desk();
    let typed = to_latin(question.phone.expose()).into_owned();
    let phone = reading::phone(&typed, counter.0.country, "/phone")?;
    let mut answer = SenderAnswer {
        phone: phone.e164().to_owned(),
        member_id: None,
        language: counter.0.language,
        joining: None,
        code: None,
    };
    let (vault, tokens, now) = (&desk.vault, &desk.settings.tokens, desk.clock.now());
    match find_member(vault, tokens, Identifier::Phone(phone.clone()), now).await {
        Ok(member) => {
            answer.member_id = Some(member);
            if let Some((_, contact)) = contacts(vault, &[member]).await?.into_iter().next() {
                answer.language = contact.language;
            }
            return Ok(Json(answer));
        }
        Err(Error::Missing(Missing::Identified)) => {}
        Err(error) => return Err(error.into()),
    }
    let Some(JoiningText { text, message_id }) = question.joins_by else { return Ok(Json(answer)) };
    reading::open_country(&phone, &desk.settings.codes.countries, "/phone")?;
    let text = Pii::new(to_latin(text.expose()).into_owned());
    let text = InboundText { message: message_id, phone, text, language: counter.0.language };
    answer.joining = Some(match join_by_text(desk, text).await {
        Ok(Reply::Welcome) => "welcome",
        Ok(Reply::Confirm(code)) => {
            answer.code = Some(code.digits().to_owned());
            "confirm"
        }
        Err(Error::Rejected(Rejection::Text(refusal))) => refusal.word(),
        Err(Error::Rejected(_)) => "refused",
        Err(error) => return Err(error.into()),
    });
    Ok(Json(answer))
}
