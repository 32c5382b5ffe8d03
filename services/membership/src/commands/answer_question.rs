//! A member answers what the chain asks, declines, or takes an answer back (J2).

use kernel::{Day, MemberId, QuestionCode};
use store::Tx;

use super::{Desk, Put};
use crate::{
    domain::{
        answer::{self, Answer, AnsweredBy, Change, Known},
        question::{AnswerFlaw, Question},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{member_seal::MemberSeal, members, occasions, profile, questions, telling::Telling},
};

/// An answer as it was given, and by whom.
#[derive(Debug, Clone)]
pub struct Given {
    /// To which question.
    pub question: QuestionCode,
    /// What was answered.
    pub answer: Answer,
    /// By whom.
    pub by: AnsweredBy,
    /// The day on the chain's wall clock: birthdays are not to come.
    pub today: Day,
}

/// What an answer came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is kept, with its question.
    Kept(Put<Known>, Box<Question>),
    /// It is no answer to this question.
    NoAnswer(Box<Question>),
}

/// Keeps an answer; the same one again changes nothing.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Question`], [`crate::domain::question::ProfileRefusal::Retired`],
/// [`crate::domain::question::ProfileRefusal::AnswerGiven`], or a fault of the database.
pub async fn answer_question(desk: &Desk, member: MemberId, given: Given) -> Result<Outcome, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let held = members::hold_sealed(&tx, &desk.vault, member).await?;
    let (holder, seal) = held.ok_or(Missing::Member(member))?;
    let all = questions::all(&tx).await?;
    let question = all.iter().find(|question| question.code == given.question).ok_or(Missing::Question)?;
    let read = match question.read(given.answer, given.today) {
        Ok(read) => read,
        Err(AnswerFlaw) => return Ok(Outcome::NoAnswer(Box::new(question.clone()))),
    };
    let known = seal.open_answers(&profile::of_member(&tx, member).await?)?;
    let change =
        answer::answer(member, (question, read), (&all, &known), &given.by, now).map_err(Rejection::from)?;
    let (after, told) = match change {
        Change::Same(known) => return Ok(Outcome::Kept(Put::Known(known), Box::new(question.clone()))),
        Change::Answered(after, told) => (after, told),
    };
    keep(desk, &tx, &seal, question, &after).await?;
    let version = holder.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(member.to_string(), version, &told);
    desk.conclude(tx, telling).await?;
    let put = if told.first { Put::New(after) } else { Put::Known(after) };
    Ok(Outcome::Kept(put, Box::new(question.clone())))
}

/// Declines a question; one that was answered stays answered.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Question`], [`crate::domain::question::ProfileRefusal::Retired`], or a fault of the database.
pub async fn decline_question(desk: &Desk, member: MemberId, code: &QuestionCode) -> Result<(), Error> {
    let now = desk.clock.now();
    let (tx, seal, question, known) = known_of(desk, member, code).await?;
    let Some(after) = answer::decline(&question, known, now).map_err(Rejection::from)? else { return Ok(()) };
    profile::save(&tx, &seal, &after).await?;
    Ok(tx.commit().await?)
}

/// Takes an answer back: it is gone, and the question is not asked again.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Question`], or a fault of the database.
pub async fn take_answer_back(desk: &Desk, member: MemberId, code: &QuestionCode) -> Result<(), Error> {
    let now = desk.clock.now();
    let (tx, seal, question, known) = known_of(desk, member, code).await?;
    let Some(after) = known.and_then(|known| answer::take_back(known, now)) else { return Ok(()) };
    keep(desk, &tx, &seal, &question, &after).await?;
    Ok(tx.commit().await?)
}

/// A member who is held, with a question and what is known of both.
async fn known_of<'d>(
    desk: &'d Desk,
    member: MemberId,
    code: &QuestionCode,
) -> Result<(Tx, MemberSeal<'d>, Question, Option<Known>), Error> {
    let tx = desk.vault.database.begin().await?;
    let held = members::hold_sealed(&tx, &desk.vault, member).await?;
    let (_, seal) = held.ok_or(Missing::Member(member))?;
    let question = questions::find(&tx, code).await?.ok_or(Missing::Question)?;
    let known = seal.open_answers(&profile::of_member(&tx, member).await?)?;
    let known = known.into_iter().find(|known| known.question == *code);
    Ok((tx, seal, question, known))
}

/// Stores what is known; a birthday is found by its day from now on, or not at all.
async fn keep(
    desk: &Desk,
    tx: &Tx,
    seal: &MemberSeal<'_>,
    question: &Question,
    known: &Known,
) -> Result<(), Error> {
    profile::save(tx, seal, known).await?;
    if question.asking.kind.is_birthday() {
        let day = match &known.answer {
            Some(Answer::Day(birthday)) => Some(birthday.of_year()),
            _ => None,
        };
        occasions::save_birthday(tx, &desk.vault, seal.member(), day).await?;
    }
    Ok(())
}
