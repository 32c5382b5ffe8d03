//! Texts to the club's number, as whoever receives them for the chain passes them on.

use axum::extract::State;
use kernel::{Pii, Timestamp};
use locale::digits::to_latin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, DeadlineAt, Lane, Problem, RouteSpec};

use super::{Counter, Private, private, reading, roles};
use crate::{
    commands::join_by_text::{InboundText, Reply, join_by_text},
    domain::code_window::{DAY, MINUTE},
    error::{
        CONTENDED, DATABASE_BUSY, PHONE_COUNTRY_CLOSED, PHONE_INVALID, PHONE_NOT_MOBILE, PHONE_RESTING,
        TEXT_ID_INVALID, TEXT_NO_NAME, TEXT_OUT_OF_TIME, TEXT_TAKEN, TEXTS_TOO_MANY,
    },
};

/// The most characters of a provider's id.
const ID_CHARACTERS: usize = 128;
/// How late a text may be passed on; noted ones are remembered longer.
const LATE: i64 = 2 * DAY;
/// How far a provider's clock may be ahead.
const AHEAD: i64 = 5 * MINUTE;

pub(super) static POST: RouteSpec = RouteSpec::post("/v1/inbound-texts", "receive_text", Access::Operator)
    .staff(Bound::Chain, roles::HEADS)
    .lane(Lane::Till)
    .body_limit(8 * 1024)
    .problems(&[
        &TEXT_ID_INVALID,
        &TEXT_OUT_OF_TIME,
        &PHONE_INVALID,
        &PHONE_NOT_MOBILE,
        &PHONE_COUNTRY_CLOSED,
        &TEXT_TAKEN,
        &TEXTS_TOO_MANY,
        &TEXT_NO_NAME,
        &PHONE_RESTING,
        &CONTENDED,
        &DATABASE_BUSY,
    ]);

/// A text that came to the club's number.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextBody {
    /// Who sent it: a mobile number, in E.164 or as it is dialled in the chain's country.
    #[schema(value_type = String, example = "+989121234567")]
    pub phone: Pii<String>,
    /// What it says: a first name in Persian, Arabic or Latin script, three words and 40 characters at most.
    #[schema(value_type = String, example = "زهرا")]
    pub text: Pii<String>,
    /// The provider's id of the text, 1 to 128 visible characters: the same id is the same text.
    #[schema(example = "mo-20261121-000017")]
    pub message_id: String,
    /// When the provider received it: within the last two days.
    pub received_at: Timestamp,
}

/// What to answer to the sender.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TextReply {
    /// Welcome: they are a member. Those who were before get the same.
    Welcome,
    /// They become a member when they send the name once more, followed by the code.
    Confirm,
}

/// What became of a text.
#[derive(Serialize, ToSchema)]
pub struct TextView {
    /// What to answer to the sender.
    pub reply: TextReply,
    /// The code to send back, where one is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "042719")]
    pub code: Option<String>,
}

impl From<Reply> for TextView {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Welcome => Self { reply: TextReply::Welcome, code: None },
            Reply::Confirm(code) => Self { reply: TextReply::Confirm, code: Some(code.digits().to_owned()) },
        }
    }
}

fn message_id(typed: &str) -> Result<String, Problem> {
    let named =
        (1..=ID_CHARACTERS).contains(&typed.len()) && typed.bytes().all(|byte| byte.is_ascii_graphic());
    if named {
        return Ok(typed.to_owned());
    }
    Err(Problem::new(&TEXT_ID_INVALID).arg("limit", ID_CHARACTERS).pointer("/message_id"))
}

/// Takes a text whose body is a first name: its sender joins, and may earn at once.
///
/// The same `message_id` again gets the same answer and counts once. Who was a member stays as they are and gets the same
/// answer. Words like STOP, links, digits and long texts are refused as no name; `reason` says why.
#[utoipa::path(
    post, path = "/v1/inbound-texts", operation_id = "receive_text", tag = "members",
    request_body = TextBody,
    responses((status = 200, description = "What to answer to the sender.", body = TextView))
)]
pub(super) async fn receive_text(
    State(counter): State<Counter>,
    deadline: DeadlineAt,
    Body(body): Body<TextBody>,
) -> Result<Private<TextView>, Problem> {
    let message = message_id(&body.message_id)?;
    let desk = counter.desk();
    let age = desk.clock.now().micros().saturating_sub(body.received_at.micros());
    if !(-AHEAD..=LATE).contains(&age) {
        return Err(Problem::new(&TEXT_OUT_OF_TIME).pointer("/received_at"));
    }
    let phone = reading::phone(body.phone.expose(), counter.0.country, "/phone")?;
    reading::open_country(&phone, &desk.settings.codes.countries, "/phone")?;
    let text = Pii::new(to_latin(body.text.expose()).into_owned());
    deadline.check()?;
    let text = InboundText { message, phone, text, language: counter.0.language };
    Ok(private(join_by_text(desk, text).await?.into()))
}
