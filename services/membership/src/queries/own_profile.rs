//! What did a member answer, and what are they asked next?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::{
        answer::{self, Known},
        question::Question,
    },
    error::{Error, Missing},
    store::{Vault, member_seal, members, profile, questions},
};

/// What a member is asked next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Next {
    /// The question, when there is one.
    pub question: Option<Question>,
    /// How many may be asked now, with it.
    pub open: usize,
}

/// Every question of the chain, retired ones too, by code.
///
/// # Errors
/// A fault of the database.
pub async fn list_questions(vault: &Vault) -> Result<Vec<Question>, Error> {
    questions::all(vault.database.connection()).await
}

/// What a member answered or declined, each with its question, by its code.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or an answer that does not open.
pub async fn own_answers(vault: &Vault, member: MemberId) -> Result<Vec<(Question, Known)>, Error> {
    let on = vault.database.connection();
    // Read before the member's row: whatever they are sealed with is there then.
    let sealed = profile::of_member(on, member).await?;
    let seal = member_seal::load_seal(on, vault, member).await?.ok_or(Missing::Member(member))?;
    let all = questions::all(on).await?;
    let known = seal.open_answers(&sealed)?;
    let asked = |code| all.iter().find(|question| question.code == code).cloned();
    Ok(known.into_iter().filter_map(|known| Some((asked(known.question.clone())?, known))).collect())
}

/// What a member is asked next.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn next_question(vault: &Vault, member: MemberId, now: Timestamp) -> Result<Next, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    let (all, known) = (questions::all(on).await?, profile::standing(on, member).await?);
    let (question, open) = answer::next(&all, &known, now);
    Ok(Next { question: question.cloned(), open })
}
