//! What members are asked, one question at a time, and what they answer.
//!
//! Answers are personal: no cache may keep them, and a till that sends one is not shown others.

use axum::{extract::State, http::StatusCode};
use kernel::{MemberId, QuestionCode, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use web::{Access, Body, Bound, Caller, Lane, PathParams, Problem, RouteSpec};

use super::{Counter, Private, private, questions::QuestionView, roles};
use crate::{
    commands::{
        Put,
        answer_question::{self as commands, Given, Outcome},
    },
    domain::{
        answer::{Answer, AnsweredBy, Known},
        question::Question,
    },
    error::{
        ANSWER_GIVEN, ANSWER_INVALID, DATABASE_BUSY, MEMBER_UNKNOWN, QUESTION_RETIRED, QUESTION_UNKNOWN,
    },
    queries::own_profile,
};

pub(super) static NEXT: RouteSpec = RouteSpec::get(
    "/v1/members/{member_id}/next-question",
    "read_next_question",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT_READERS)
.lane(Lane::Till)
.problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static LIST: RouteSpec =
    RouteSpec::get("/v1/members/{member_id}/answers", "list_answers", Access::MemberOrOperator)
        .staff(Bound::Anywhere, roles::SUPPORT_READERS)
        .problems(&[&MEMBER_UNKNOWN, &DATABASE_BUSY]);

pub(super) static ANSWER: RouteSpec = RouteSpec::put(
    "/v1/members/{member_id}/answers/{question}",
    "answer_question",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.lane(Lane::Till)
.body_limit(4 * 1024)
.problems(&[
    &MEMBER_UNKNOWN,
    &QUESTION_UNKNOWN,
    &QUESTION_RETIRED,
    &ANSWER_INVALID,
    &ANSWER_GIVEN,
    &DATABASE_BUSY,
]);

pub(super) static DELETE: RouteSpec = RouteSpec::delete(
    "/v1/members/{member_id}/answers/{question}",
    "take_answer_back",
    Access::MemberOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.problems(&[&MEMBER_UNKNOWN, &QUESTION_UNKNOWN, &DATABASE_BUSY]);

pub(super) static DECLINE: RouteSpec = RouteSpec::post(
    "/v1/members/{member_id}/answers/{question}/decline",
    "decline_question",
    Access::MemberTillOrOperator,
)
.staff(Bound::Anywhere, roles::SUPPORT)
.lane(Lane::Till)
.problems(&[&MEMBER_UNKNOWN, &QUESTION_UNKNOWN, &QUESTION_RETIRED, &DATABASE_BUSY]);

/// An answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswerBody {
    /// A line, an address or the code of an option; `true` or `false`; codes of options; or a day, as the question's kind asks.
    pub answer: Answer,
}

/// What a member is asked next.
#[derive(Debug, Serialize, ToSchema)]
pub struct NextQuestionView {
    /// The question; absent when there is nothing to ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<QuestionView>,
    /// How many questions may be asked now, with this one.
    #[schema(example = 3)]
    pub open: usize,
}

/// What is known of a member and a question.
#[derive(Serialize, ToSchema)]
pub struct AnswerView {
    /// The question, as it is asked now.
    pub question: QuestionView,
    /// The answer; absent when it was taken back, or never given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// When it was answered first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<Timestamp>,
    /// When the answer was changed or taken back last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<Timestamp>,
    /// When it was declined, while it was never answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub declined_at: Option<Timestamp>,
}

/// What a member answered and declined.
#[derive(Serialize, ToSchema)]
pub struct AnswersView {
    /// By code of the question.
    pub answers: Vec<AnswerView>,
}

impl AnswerView {
    fn of(question: Question, known: Known) -> Self {
        let Known { answer, answered_at, changed_at, declined_at, .. } = known;
        Self { question: question.into(), answer, answered_at, changed_at, declined_at }
    }
}

/// Shows what a member is asked next: one question, or none.
///
/// A question that was answered is never asked again; one that was declined when the chain says so, or never.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/next-question", operation_id = "read_next_question", tag = "profile",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The next question.", body = NextQuestionView))
)]
pub(super) async fn read_next_question(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<NextQuestionView>, Problem> {
    let desk = counter.desk();
    let next = own_profile::next_question(&desk.vault, member_id, desk.clock.now()).await?;
    Ok(private(NextQuestionView { question: next.question.map(QuestionView::from), open: next.open }))
}

/// Shows what a member answered and declined.
#[utoipa::path(
    get, path = "/v1/members/{member_id}/answers", operation_id = "list_answers", tag = "profile",
    params(("member_id" = MemberId, Path, description = "The member's id.")),
    responses((status = 200, description = "The member's answers.", body = AnswersView))
)]
pub(super) async fn list_answers(
    State(counter): State<Counter>,
    PathParams(member_id): PathParams<MemberId>,
) -> Result<Private<AnswersView>, Problem> {
    let found = own_profile::own_answers(&counter.desk().vault, member_id).await?;
    let answers = found.into_iter().map(|(question, known)| AnswerView::of(question, known));
    Ok(private(AnswersView { answers: answers.collect() }))
}

/// Answers a question, or changes the answer.
///
/// The same answer again changes nothing. Tills send first answers alone; a member changes theirs whenever they like.
#[utoipa::path(
    put, path = "/v1/members/{member_id}/answers/{question}", operation_id = "answer_question", tag = "profile",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("question" = QuestionCode, Path, description = "The question's code."),
    ),
    request_body(content = AnswerBody, example = json!({"answer": {"calendar": "jalali", "month": 8, "day": 30}})),
    responses(
        (status = 201, description = "The first answer is kept.", body = AnswerView),
        (status = 200, description = "The member had answered; the answer is now this one.", body = AnswerView),
    )
)]
pub(super) async fn answer_question(
    State(counter): State<Counter>,
    caller: Caller,
    PathParams((member_id, question)): PathParams<(MemberId, QuestionCode)>,
    Body(body): Body<AnswerBody>,
) -> Result<(StatusCode, Private<AnswerView>), Problem> {
    let by = match caller {
        Caller::Till { branch, .. } => AnsweredBy::Till(branch),
        _ => AnsweredBy::Member,
    };
    let given = Given { question, answer: body.answer, by, today: counter.today() };
    match commands::answer_question(counter.desk(), member_id, given).await? {
        Outcome::Kept(Put::New(known), question) => {
            Ok((StatusCode::CREATED, private(AnswerView::of(*question, known))))
        }
        Outcome::Kept(Put::Known(known), question) => {
            Ok((StatusCode::OK, private(AnswerView::of(*question, known))))
        }
        Outcome::NoAnswer(question) => {
            let problem = Problem::new(&ANSWER_INVALID).pointer("/answer");
            Err(problem.extension("kind", json!(question.asking.kind)))
        }
    }
}

/// Takes an answer back: it is deleted, and the question is not asked again.
#[utoipa::path(
    delete, path = "/v1/members/{member_id}/answers/{question}", operation_id = "take_answer_back", tag = "profile",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("question" = QuestionCode, Path, description = "The question's code."),
    ),
    responses((status = 204, description = "There is no answer any more."))
)]
pub(super) async fn take_answer_back(
    State(counter): State<Counter>,
    PathParams((member_id, question)): PathParams<(MemberId, QuestionCode)>,
) -> Result<StatusCode, Problem> {
    commands::take_answer_back(counter.desk(), member_id, &question).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Declines a question; it is asked again when the chain says so, or never.
#[utoipa::path(
    post, path = "/v1/members/{member_id}/answers/{question}/decline", operation_id = "decline_question", tag = "profile",
    params(
        ("member_id" = MemberId, Path, description = "The member's id."),
        ("question" = QuestionCode, Path, description = "The question's code."),
    ),
    responses((status = 204, description = "The question is not asked now. One that was answered stays answered."))
)]
pub(super) async fn decline_question(
    State(counter): State<Counter>,
    PathParams((member_id, question)): PathParams<(MemberId, QuestionCode)>,
) -> Result<StatusCode, Problem> {
    commands::decline_question(counter.desk(), member_id, &question).await?;
    Ok(StatusCode::NO_CONTENT)
}
