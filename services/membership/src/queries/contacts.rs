//! Where are members reached, and what did they consent to?

use kernel::{Language, MemberId, Pii};

use crate::{
    domain::{
        answer::Answer,
        identifier::Identifier,
        question::{Question, QuestionKind},
    },
    error::Error,
    store::{
        Vault,
        contacts::{self, Reached},
        questions,
    },
};

/// Where a member is reached. It holds personal data: whoever asks keeps it nowhere.
#[derive(Debug)]
pub struct Contact {
    /// The language to speak to them.
    pub language: Language,
    /// What to call them.
    pub name: Pii<String>,
    /// The phone that they linked first.
    pub phone: Option<Pii<String>>,
    /// The e-mail address that they gave.
    pub email: Option<Pii<String>>,
    /// Purposes to which they consent now.
    pub consents: Vec<String>,
}

/// Where these members are reached, each under the id that was asked; who is erased or unknown is left out.
///
/// # Errors
/// A fault of the database, or a value that does not open.
pub async fn contacts(vault: &Vault, ids: &[MemberId]) -> Result<Vec<(MemberId, Contact)>, Error> {
    let all = questions::all(vault.database.connection()).await?;
    let tx = vault.database.snapshot().await?;
    let found = contacts::of(&tx, vault, ids).await?;
    tx.rollback().await?;
    found.into_iter().map(|(id, reached)| Ok((id, contact(reached, &all)?))).collect()
}

fn contact(reached: Reached<'_>, questions: &[Question]) -> Result<Contact, Error> {
    let Reached { member, seal, identifiers, answers, consents } = reached;
    let mut phone = None;
    for sealed in &identifiers {
        if let Identifier::Phone(linked) = seal.open_identifier(sealed)? {
            phone = Some(Pii::new(linked.e164().to_owned()));
            break;
        }
    }
    let is_email = |code| {
        questions.iter().any(|question| question.code == code && question.asking.kind == QuestionKind::Email)
    };
    let email = seal.open_answers(&answers)?.into_iter().find_map(|known| match known.answer {
        Some(Answer::Line(address)) if is_email(known.question.clone()) => Some(Pii::new(address)),
        _ => None,
    });
    let name = Pii::new(member.first_name.text().to_owned());
    Ok(Contact { language: member.language, name, phone, email, consents })
}
