//! What members answer, and which question comes next.
//!
//! **A question that was answered is never asked again**, also when its answer was taken back; one that was declined is asked
//! again when the chain says so, and not before. What the answers are is nobody's but the member's: facts name the question alone.

use contracts::membership::ProfileAnswered;
use kernel::{BranchCode, MemberId, QuestionCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    birthday::Birthday,
    code_window::DAY,
    question::{ProfileRefusal, Question},
};

/// What was answered: a line or the code of an option, yes or no, codes of options, a day. It is personal, and does not show itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum Answer {
    /// Yes or no.
    Truth(bool),
    /// A line, an address, the code of an option.
    Line(String),
    /// Codes of options.
    Some(Vec<QuestionCode>),
    /// A day.
    Day(Birthday),
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(•••)")
    }
}

/// What is known of a member and a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The question.
    pub question: QuestionCode,
    /// When it was answered first.
    pub answered_at: Option<Timestamp>,
    /// When the answer was changed or taken back last.
    pub changed_at: Option<Timestamp>,
    /// When it was declined last; absent once it was answered.
    pub declined_at: Option<Timestamp>,
    /// The answer; absent when it was taken back, or never given.
    pub answer: Option<Answer>,
}

impl Known {
    /// Nothing, of this question.
    #[must_use]
    pub const fn nothing(question: QuestionCode) -> Self {
        Self { question, answered_at: None, changed_at: None, declined_at: None, answer: None }
    }
}

/// Who answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AnsweredBy {
    /// The member themself, or the back office for them.
    Member,
    /// A till, which gives first answers alone.
    Till(BranchCode),
}

impl AnsweredBy {
    fn branch(&self) -> Option<BranchCode> {
        match self {
            Self::Member => None,
            Self::Till(branch) => Some(branch.clone()),
        }
    }
}

/// What becomes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The member had answered so.
    Same(Known),
    /// It is kept, and told.
    Answered(Known, ProfileAnswered),
}

/// Keeps an answer, which was read by its question. `all` are the questions of the chain, `known` what is known of the member and all of them.
///
/// # Errors
/// [`ProfileRefusal::Retired`], [`ProfileRefusal::AnswerGiven`].
pub fn answer(
    member: MemberId,
    (question, given): (&Question, Answer),
    (all, known): (&[Question], &[Known]),
    by: &AnsweredBy,
    now: Timestamp,
) -> Result<Change, ProfileRefusal> {
    let nothing = || Known::nothing(question.code.clone());
    let before = known.iter().find(|known| known.question == question.code).cloned().unwrap_or_else(nothing);
    if before.answer.as_ref() == Some(&given) {
        return Ok(Change::Same(before));
    }
    let first = before.answered_at.is_none();
    if first && !question.asking.live {
        return Err(ProfileRefusal::Retired);
    }
    if !first && matches!(by, AnsweredBy::Till(_)) {
        return Err(ProfileRefusal::AnswerGiven);
    }
    let fact = ProfileAnswered {
        member_id: member,
        question: question.code.clone(),
        first,
        completes: first && open(all, known).all(|open| open.code == question.code),
        branch: by.branch(),
    };
    let after = Known {
        question: question.code.clone(),
        answered_at: before.answered_at.or(Some(now)),
        changed_at: (!first).then_some(now),
        declined_at: None,
        answer: Some(given),
    };
    Ok(Change::Answered(after, fact))
}

/// Declines a question; `None` where that changes nothing, because it was answered.
///
/// # Errors
/// [`ProfileRefusal::Retired`].
pub fn decline(
    question: &Question,
    known: Option<Known>,
    now: Timestamp,
) -> Result<Option<Known>, ProfileRefusal> {
    if !question.asking.live {
        return Err(ProfileRefusal::Retired);
    }
    let known = known.unwrap_or_else(|| Known::nothing(question.code.clone()));
    Ok(known.answered_at.is_none().then_some(Known { declined_at: Some(now), ..known }))
}

/// Takes an answer back; `None` where there is none.
#[must_use]
pub fn take_back(known: Known, now: Timestamp) -> Option<Known> {
    known.answer.is_some().then_some(Known { answer: None, changed_at: Some(now), ..known })
}

/// The questions that are asked and were never answered.
fn open<'a>(all: &'a [Question], known: &'a [Known]) -> impl Iterator<Item = &'a Question> {
    let answered = |question: &Question| {
        known.iter().any(|known| known.question == question.code && known.answered_at.is_some())
    };
    all.iter().filter(move |question| question.asking.live && !answered(question))
}

/// The question that comes next, and how many may still be asked, with it.
#[must_use]
pub fn next<'a>(all: &'a [Question], known: &'a [Known], now: Timestamp) -> (Option<&'a Question>, usize) {
    let declined =
        |question: &Question| known.iter().find(|known| known.question == question.code)?.declined_at;
    let waits = |question: &Question| {
        declined(question).is_some_and(|at| {
            let days = question.asking.ask_again_days.map(i64::from);
            days.is_none_or(|days| now.micros().saturating_sub(at.micros()) < days.saturating_mul(DAY))
        })
    };
    let asked: Vec<&Question> = open(all, known).filter(|question| !waits(question)).collect();
    let next = asked.iter().min_by_key(|question| (question.asking.position, &question.code));
    (next.copied(), asked.len())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::question::{Asking, QuestionKind, Words};

    const MEMBER: MemberId = MemberId::from_uuid(Uuid::from_u128(7));

    fn question(code: &str, position: u16, ask_again_days: Option<u16>) -> Question {
        let words = || Words { fa: "چه؟".to_owned(), ar: "ما؟".to_owned(), en: "What?".to_owned() };
        let asking = Asking {
            kind: QuestionKind::City,
            text: words(),
            purpose: words(),
            position,
            options: Vec::new(),
            ask_again_days,
            live: true,
        };
        Question { code: QuestionCode::parse(code).unwrap(), asking }
    }

    fn at(days: i64) -> Timestamp {
        Timestamp::from_micros(days * DAY)
    }

    fn line(text: &str) -> Answer {
        Answer::Line(text.to_owned())
    }

    fn said(
        all: &[Question],
        known: &[Known],
        place: usize,
        text: &str,
        by: &AnsweredBy,
    ) -> Result<Change, ProfileRefusal> {
        answer(MEMBER, (&all[place], line(text)), (all, known), by, at(9))
    }

    #[test]
    fn the_first_answer_is_told_as_such_and_the_last_question_completes() {
        let all = [question("city", 1, None), question("name-day", 2, None)];
        let Ok(Change::Answered(first, told)) = said(&all, &[], 0, "Tehran", &AnsweredBy::Member) else {
            panic!()
        };
        assert_eq!(
            (told.first, told.completes, first.answered_at, first.changed_at),
            (true, false, Some(at(9)), None)
        );
        let known = [first];
        assert_eq!(said(&all, &known, 0, "Tehran", &AnsweredBy::Member), Ok(Change::Same(known[0].clone())));
        let Ok(Change::Answered(other, told)) = said(&all, &known, 0, "Shiraz", &AnsweredBy::Member) else {
            panic!()
        };
        assert_eq!((told.first, told.completes, other.changed_at), (false, false, Some(at(9))));
        let till = AnsweredBy::Till(BranchCode::parse("vanak").unwrap());
        assert_eq!(said(&all, &known, 0, "Shiraz", &till), Err(ProfileRefusal::AnswerGiven));
        let Ok(Change::Answered(_, told)) = said(&all, &known, 1, "May", &till) else { panic!() };
        assert_eq!((told.first, told.completes, told.branch.is_some()), (true, true, true));
        assert!(!format!("{known:?}").contains("Tehran"));
    }

    #[test]
    fn a_retired_question_gets_no_first_answer_and_keeps_those_it_has() {
        let mut all = [question("city", 1, None)];
        let Ok(Change::Answered(known, _)) = said(&all, &[], 0, "Tehran", &AnsweredBy::Member) else {
            panic!()
        };
        all[0].asking.live = false;
        assert_eq!(said(&all, &[], 0, "Tehran", &AnsweredBy::Member), Err(ProfileRefusal::Retired));
        assert!(matches!(said(&all, &[known], 0, "Shiraz", &AnsweredBy::Member), Ok(Change::Answered(..))));
        assert_eq!(decline(&all[0], None, at(1)), Err(ProfileRefusal::Retired));
    }

    #[test]
    fn questions_come_in_their_order_and_never_twice() {
        let all = [question("b", 2, None), question("c", 1, Some(30)), question("a", 2, None)];
        let code = |known: &[Known], now| {
            let (next, open) = next(&all, known, now);
            (next.map(|question| question.code.to_string()), open)
        };
        assert_eq!(code(&[], at(0)), (Some("c".to_owned()), 3));
        let waiting = decline(&all[1], None, at(0)).unwrap().unwrap();
        assert_eq!(code(std::slice::from_ref(&waiting), at(29)), (Some("a".to_owned()), 2));
        assert_eq!(
            code(std::slice::from_ref(&waiting), at(30)),
            (Some("c".to_owned()), 3),
            "the chain asks again"
        );
        let never = decline(&all[2], None, at(0)).unwrap().unwrap();
        assert_eq!(code(&[waiting.clone(), never], at(29)), (Some("b".to_owned()), 1));
        let answered = Known { answer: Some(line("Tehran")), answered_at: Some(at(1)), ..waiting };
        let taken_back = take_back(answered, at(2)).unwrap();
        assert_eq!(take_back(taken_back.clone(), at(3)), None);
        assert_eq!(code(std::slice::from_ref(&taken_back), at(5_000)), (Some("a".to_owned()), 2));
        assert_eq!(decline(&all[1], Some(taken_back), at(9)), Ok(None));
    }
}
