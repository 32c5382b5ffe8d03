//! What the chain asks its members.

use axum::{Json, extract::State, http::StatusCode};
use kernel::QuestionCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::{Access, Body, Bound, PathParams, Problem, RouteSpec};

use super::{Counter, roles};
use crate::{
    commands::{Put, put_question},
    domain::question::{
        ASK_AGAIN_LIMIT, Asking, CODE_LIMIT, Choice, OPTIONS_LIMIT, Question, QuestionFlaw, QuestionKind,
        WORDS_LIMIT, Words,
    },
    error::{
        CONTENDED, DATABASE_BUSY, QUESTION_ASK_AGAIN, QUESTION_BIRTHDAY_ASKED, QUESTION_CODE_TOO_LONG,
        QUESTION_KIND_FIXED, QUESTION_OPTIONS_INVALID, QUESTION_WORDS_INVALID, QUESTIONS_TOO_MANY,
    },
    queries::own_profile,
};

pub(super) static PUT: RouteSpec =
    RouteSpec::put("/v1/questions/{question}", "put_question", Access::Operator)
        .staff(Bound::Chain, roles::MARKETERS)
        .body_limit(128 * 1024)
        .problems(&[
            &QUESTION_CODE_TOO_LONG,
            &QUESTION_WORDS_INVALID,
            &QUESTION_OPTIONS_INVALID,
            &QUESTION_ASK_AGAIN,
            &QUESTION_KIND_FIXED,
            &QUESTION_BIRTHDAY_ASKED,
            &QUESTIONS_TOO_MANY,
            &CONTENDED,
            &DATABASE_BUSY,
        ]);

pub(super) static LIST: RouteSpec = RouteSpec::get("/v1/questions", "list_questions", Access::Operator)
    .staff(Bound::Anywhere, roles::MARKETING_READERS)
    .problems(&[&DATABASE_BUSY]);

/// What shall be asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuestionBody {
    /// What kind of answer it wants. It stays, but for `birthday` and `birth_date`.
    pub kind: QuestionKind,
    /// What members read.
    pub text: Words,
    /// What the chain wants to know it for, as members read it beside the question.
    pub purpose: Words,
    /// Its place: lower ones are asked first.
    #[schema(example = 10)]
    pub position: u16,
    /// The answers that may be chosen, 2 to 30, where the kind is `choice` or `choices`.
    #[serde(default)]
    pub options: Vec<Choice>,
    /// After how many days it is asked again when a member declined, 1 to 3,650; left out, never.
    #[serde(default)]
    #[schema(example = 90)]
    pub ask_again_days: Option<u16>,
    /// Whether it is asked. One that is not is retired: it gets no first answers, and keeps those that it has.
    #[serde(default = "asked")]
    pub live: bool,
}

const fn asked() -> bool {
    true
}

/// A question of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct QuestionView {
    /// Its code.
    pub question: QuestionCode,
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// What members read.
    pub text: Words,
    /// What the chain wants to know it for.
    pub purpose: Words,
    /// Its place: lower ones are asked first.
    pub position: u16,
    /// The answers that may be chosen.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<Choice>,
    /// After how many days it is asked again when a member declined; absent for never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask_again_days: Option<u16>,
    /// Whether it is asked.
    pub live: bool,
}

/// All questions.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuestionsView {
    /// By code, 50 at most.
    pub questions: Vec<QuestionView>,
}

impl From<Question> for QuestionView {
    fn from(question: Question) -> Self {
        let Asking { kind, text, purpose, position, options, ask_again_days, live } = question.asking;
        Self { question: question.code, kind, text, purpose, position, options, ask_again_days, live }
    }
}

fn flawed(flaw: QuestionFlaw) -> Problem {
    let limited = |problem: Problem, limit: usize| problem.arg("limit", limit).extension("limit", limit);
    match flaw {
        QuestionFlaw::Code => limited(Problem::new(&QUESTION_CODE_TOO_LONG), CODE_LIMIT),
        QuestionFlaw::Words(place) => {
            limited(Problem::new(&QUESTION_WORDS_INVALID), WORDS_LIMIT).pointer(format!("/{place}"))
        }
        QuestionFlaw::Options => {
            limited(Problem::new(&QUESTION_OPTIONS_INVALID), OPTIONS_LIMIT).pointer("/options")
        }
        QuestionFlaw::AskAgain => {
            limited(Problem::new(&QUESTION_ASK_AGAIN), ASK_AGAIN_LIMIT.into()).pointer("/ask_again_days")
        }
    }
}

/// Says what members are asked, and in which words.
///
/// A chain has 50 questions at most, and one that asks for the birthday. The same question again changes nothing; answers that
/// were given stay, whatever becomes of the question.
#[utoipa::path(
    put, path = "/v1/questions/{question}", operation_id = "put_question", tag = "profile",
    params(("question" = QuestionCode, Path, description = "The question's code, chosen by the chain: 24 characters at most.")),
    request_body(content = QuestionBody),
    responses(
        (status = 201, description = "The question is there.", body = QuestionView),
        (status = 200, description = "The question was there; it is now as sent.", body = QuestionView),
    )
)]
pub(super) async fn put_question(
    State(counter): State<Counter>,
    PathParams(code): PathParams<QuestionCode>,
    Body(body): Body<QuestionBody>,
) -> Result<(StatusCode, Json<QuestionView>), Problem> {
    let QuestionBody { kind, text, purpose, position, options, ask_again_days, live } = body;
    let asking = Asking { kind, text, purpose, position, options, ask_again_days, live };
    let question = Question::checked(code, asking).map_err(flawed)?;
    Ok(match put_question::put_question(counter.desk(), question).await? {
        Put::New(question) => (StatusCode::CREATED, Json(question.into())),
        Put::Known(question) => (StatusCode::OK, Json(question.into())),
    })
}

/// Lists what the chain asks its members, retired questions included.
#[utoipa::path(
    get, path = "/v1/questions", operation_id = "list_questions", tag = "profile",
    responses((status = 200, description = "The questions.", body = QuestionsView))
)]
pub(super) async fn list_questions(State(counter): State<Counter>) -> Result<Json<QuestionsView>, Problem> {
    let found = own_profile::list_questions(&counter.desk().vault).await?;
    Ok(Json(QuestionsView { questions: found.into_iter().map(QuestionView::from).collect() }))
}
