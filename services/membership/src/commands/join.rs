//! Enrols a person by phone and first name (J1). The same phone again answers the same member.

use kernel::{Language, MemberId};

use super::{ATTEMPTS, Desk};
use crate::{
    domain::{
        card::CardNumber,
        identifier::{Identifier, Indexed},
        member::{Joined, JoinedBy, Joining},
        name::FirstName,
        phone::Phone,
        phone_change::PhoneRefusal,
        rejection::Rejection,
    },
    error::Error,
    store::{members, telling::Telling},
};

/// Who wants to join.
#[derive(Debug, Clone)]
pub struct Join {
    /// The phone they will be known by.
    pub phone: Phone,
    /// What to call them.
    pub first_name: FirstName,
    /// The language to speak to them.
    pub language: Language,
    /// A card to link at once.
    pub card: Option<CardNumber>,
    /// Where it happens.
    pub joined_by: JoinedBy,
}

/// What joining came to.
#[derive(Debug)]
pub enum Outcome {
    /// A new member.
    New(Box<Joined>),
    /// The phone led to this member already.
    Known(MemberId),
}

/// Enrols a person whose phone leads to nobody yet; answers the member whom it leads to otherwise, unchanged.
///
/// # Errors
/// [`Rejection::CardTaken`], [`PhoneRefusal::Resting`], [`Error::Contended`], or a fault of the database.
pub async fn join(desk: &Desk, join: Join) -> Result<Outcome, Error> {
    if let Some(number) = &join.card {
        desk.not_a_token(number)?;
    }
    for _ in 0..ATTEMPTS {
        // Within: the key of the blind index may have changed since the attempt before.
        let phone = desk.vault.index(Identifier::Phone(join.phone.clone()));
        let card = join.card.clone().map(|number| desk.vault.index(Identifier::Card(number)));
        let known = members::find_identifier(desk.vault.database.connection(), phone.every()).await?;
        if let Some(known) = known {
            // Whoever gave it up a few days ago can still call that back.
            let leads = if known.active { Ok(known.member) } else { Err(PhoneRefusal::Resting) };
            return Ok(Outcome::Known(leads.map_err(Rejection::from)?));
        }
        if let Some(enrolled) = enrol(desk, &join, &phone, card.as_ref()).await? {
            return Ok(Outcome::New(Box::new(enrolled)));
        }
    }
    Err(Error::Contended)
}

/// One transaction; `None` when the phone came to lead to somebody meanwhile.
async fn enrol(
    desk: &Desk,
    join: &Join,
    phone: &Indexed,
    card: Option<&Indexed>,
) -> Result<Option<Joined>, Error> {
    let now = desk.clock.now();
    let enrolled = Joined::from(Joining {
        id: MemberId::from_uuid(desk.ids.uuid()),
        phone: phone.clone(),
        first_name: join.first_name.clone(),
        language: join.language,
        card: card.cloned(),
        joined_by: join.joined_by.clone(),
        at: now,
    });
    let id = enrolled.member.id;
    let tx = desk.vault.database.begin().await?;
    let seal = members::insert_member(&tx, &desk.vault, &enrolled.member).await?;
    if !members::link_identifier(&tx, &seal, phone, now).await? {
        return Ok(None);
    }
    if let Some(card) = card
        && !desk.link_in_hand(&tx, &seal, card, now).await?
    {
        return Err(Rejection::CardTaken.into());
    }
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(id.to_string(), 1, &enrolled.joined);
    for (seq, linked) in (2..).zip(&enrolled.linked) {
        telling.tell(id.to_string(), seq, linked);
    }
    desk.conclude(tx, telling).await?;
    Ok(Some(enrolled))
}
