//! Lets a card lead to a member: one that the till has in hand, or a fresh number.

use kernel::MemberId;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        card::CardNumber,
        identifier::{Identifier, Indexed},
        member::link_card as decide,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{members, telling::Telling},
};

/// Links the card that was handed over; one that leads to this member already is left as it is.
///
/// # Errors
/// [`Missing::Member`], [`Rejection::CardsTooMany`], [`Rejection::CardTaken`], or a fault of the database.
pub async fn link_card(desk: &Desk, member: MemberId, number: CardNumber) -> Result<Put<CardNumber>, Error> {
    let card = desk.vault.index(Identifier::Card(number.clone()));
    for _ in 0..ATTEMPTS {
        let known = members::find_identifier(desk.vault.database.connection(), card.digest).await?;
        match known {
            Some(known) if known.member == member && known.active => return Ok(Put::Known(number)),
            Some(_) => {
                let exists =
                    members::load_member(desk.vault.database.connection(), &desk.vault, member).await?;
                exists.ok_or(Missing::Member(member))?;
                return Err(Rejection::CardTaken.into());
            }
            None if attempt(desk, member, &card).await? => return Ok(Put::New(number)),
            None => {}
        }
    }
    Err(Error::Contended)
}

/// Makes a card number that leads to nobody yet, and links it.
///
/// # Errors
/// [`Missing::Member`], [`Rejection::CardsTooMany`], [`Error::Contended`], or a fault of the database.
pub async fn issue_card(desk: &Desk, member: MemberId) -> Result<CardNumber, Error> {
    for _ in 0..ATTEMPTS {
        let mut random = [0; 8];
        desk.ids.secret(&mut random);
        let number = desk.settings.compose_card(u64::from_be_bytes(random))?;
        let card = desk.vault.index(Identifier::Card(number.clone()));
        if attempt(desk, member, &card).await? {
            return Ok(number);
        }
    }
    Err(Error::Contended)
}

/// One transaction; `false` when the card leads to somebody.
async fn attempt(desk: &Desk, member: MemberId, card: &Indexed) -> Result<bool, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let held = members::hold_sealed(&tx, &desk.vault, member).await?;
    let (known, seal) = held.ok_or(Missing::Member(member))?;
    let fact = decide(member, members::count_cards(&tx, member).await?, card)?;
    if !members::link_identifier(&tx, &seal, card, now).await? {
        return Ok(false);
    }
    let version = known.version + 1;
    members::update_member_version(&tx, member, version).await?;
    let mut telling = Telling::new(&*desk.ids, now);
    telling.tell(member.to_string(), version, &fact);
    desk.conclude(tx, telling).await?;
    Ok(true)
}
