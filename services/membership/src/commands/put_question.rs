//! Says what members are asked, and in which words.

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        question::{ProfileRefusal, QUESTIONS_LIMIT, Question},
        rejection::Rejection,
    },
    error::Error,
    store::questions,
};

/// Makes sure that there is a question of this code which asks this. Answers that were given stay.
///
/// # Errors
/// [`ProfileRefusal::KindFixed`], [`ProfileRefusal::TooMany`], [`ProfileRefusal::BirthdayAsked`], [`Error::Contended`], or a
/// fault of the database.
pub async fn put_question(desk: &Desk, question: Question) -> Result<Put<Question>, Error> {
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        if let Some(known) = questions::hold(&tx, &question.code).await? {
            if !known.asking.kind.may_become(question.asking.kind) {
                return Err(Rejection::from(ProfileRefusal::KindFixed).into());
            }
            if known != question {
                questions::update(&tx, &question).await?;
                tx.commit().await?;
            }
            return Ok(Put::Known(question));
        }
        if questions::count(&tx).await? >= QUESTIONS_LIMIT {
            return Err(Rejection::from(ProfileRefusal::TooMany { limit: QUESTIONS_LIMIT }).into());
        }
        if questions::insert(&tx, &question, desk.clock.now()).await? {
            tx.commit().await?;
            return Ok(Put::New(question));
        }
        if question.asking.kind.is_birthday() && asked_elsewhere(&questions::all(&tx).await?, &question) {
            return Err(Rejection::from(ProfileRefusal::BirthdayAsked).into());
        }
    }
    Err(Error::Contended)
}

fn asked_elsewhere(all: &[Question], question: &Question) -> bool {
    all.iter().any(|known| known.code != question.code && known.asking.kind.is_birthday())
}
