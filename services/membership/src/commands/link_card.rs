//! Lets a card lead to a member: one that the till has in hand, or a fresh number.

use kernel::{MemberId, Timestamp};
use store::Tx;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        card::CardNumber,
        card_batch::{BatchRefusal, BatchStatus},
        card_state::CardRefusal,
        identifier::{Identifier, Indexed},
        member::link_card as decide,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        card_batches, cards,
        member_seal::{MemberSeal, load_seal},
        members,
    },
};

/// Links the card that was handed over; one that leads to this member already is left as it is.
///
/// # Errors
/// [`Missing::Member`], [`Rejection::CardsTooMany`], [`Rejection::CardTaken`], or a fault of the database.
pub async fn link_card(desk: &Desk, member: MemberId, number: CardNumber) -> Result<Put<CardNumber>, Error> {
    desk.not_a_token(&number)?;
    for _ in 0..ATTEMPTS {
        let card = desk.vault.index(Identifier::Card(number.clone()));
        let known = members::find_identifier(desk.vault.database.connection(), card.every()).await?;
        match known {
            Some(known) if known.member == member && known.active => return Ok(Put::Known(number)),
            Some(_) => {
                let exists =
                    members::load_member(desk.vault.database.connection(), &desk.vault, member).await?;
                exists.ok_or(Missing::Member(member))?;
                return Err(Rejection::CardTaken.into());
            }
            None if attempt(desk, member, &card, Origin::InHand).await? => return Ok(Put::New(number)),
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
        let number = desk.fresh_card()?;
        let card = desk.vault.index(Identifier::Card(number.clone()));
        if attempt(desk, member, &card, Origin::Fresh).await? {
            return Ok(number);
        }
    }
    Err(Error::Contended)
}

impl Desk {
    /// Refuses a number that stands for a card for a minute, and so cannot be one.
    ///
    /// # Errors
    /// [`CardRefusal::IsToken`].
    pub(super) fn not_a_token(&self, number: &CardNumber) -> Result<(), Rejection> {
        if self.settings.tokens.is_one(number) { Err(CardRefusal::IsToken.into()) } else { Ok(()) }
    }

    /// Links a number that was drawn just now; `false` when it is in use already, or waits in a batch.
    ///
    /// # Errors
    /// A fault of the database.
    pub(super) async fn link_fresh(
        &self,
        tx: &Tx,
        seal: &MemberSeal<'_>,
        card: &Indexed,
        now: Timestamp,
    ) -> Result<bool, Error> {
        if card_batches::status_of_card(tx, card).await?.is_some() {
            return Ok(false);
        }
        members::link_identifier(tx, seal, card, now).await
    }

    /// Links a card that somebody holds in their hand; `false` when it leads to somebody, or did. One of a batch is active
    /// from now on.
    ///
    /// # Errors
    /// [`BatchRefusal::CardNotOpen`], [`CardRefusal::NotMade`], or a fault of the database.
    pub(super) async fn link_in_hand(
        &self,
        tx: &Tx,
        seal: &MemberSeal<'_>,
        card: &Indexed,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let status = card_batches::status_of_card(tx, card).await?;
        if !members::link_identifier(tx, seal, card, now).await? {
            return Ok(false);
        }
        match (status, &card.identifier) {
            (Some(BatchStatus::Ready), _) => card_batches::mark_linked(tx, card, now).await?,
            (Some(_), _) => return Err(Rejection::from(BatchRefusal::CardNotOpen).into()),
            (None, Identifier::Card(number))
                if self.settings.cards_only_made && self.settings.is_own_range(number) =>
            {
                return Err(Rejection::from(CardRefusal::NotMade).into());
            }
            (None, _) => {}
        }
        Ok(true)
    }

    /// A card number in the chain's range that most probably leads to nobody.
    ///
    /// # Errors
    /// A fault when the settings leave no room.
    pub(super) fn fresh_card(&self) -> Result<CardNumber, Error> {
        let mut random = [0; 8];
        self.ids.secret(&mut random);
        self.settings.compose_card(u64::from_be_bytes(random))
    }
}

/// Where a number comes from.
#[derive(Clone, Copy)]
enum Origin {
    /// From a card that somebody holds in their hand.
    InHand,
    /// It was drawn just now.
    Fresh,
}

/// One transaction; `false` when the card leads to somebody, or did.
async fn attempt(desk: &Desk, member: MemberId, card: &Indexed, origin: Origin) -> Result<bool, Error> {
    let mut changes = desk.member_changes(&[member]).await?;
    changes.must_hold(member)?;
    let fact = decide(member, cards::counts(&changes.tx, member).await?, card)?;
    let seal = load_seal(&changes.tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let linked = match origin {
        Origin::InHand => desk.link_in_hand(&changes.tx, &seal, card, changes.now).await?,
        Origin::Fresh => desk.link_fresh(&changes.tx, &seal, card, changes.now).await?,
    };
    if !linked {
        return Ok(false);
    }
    changes.tell(member, &fact).await?;
    desk.conclude_changes(changes).await?;
    Ok(true)
}
