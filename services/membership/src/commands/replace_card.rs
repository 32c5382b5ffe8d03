//! Lets another card take the place of one: the old one is blocked and the new one linked, in one decision.

use contracts::membership::IdentifierLinked;
use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};

use super::{ATTEMPTS, Desk, block_card::own_card};
use crate::{
    domain::{
        card::CardNumber,
        card_state::{BlockReason, Card},
        identifier::{Identifier, Indexed},
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{cards, member_seal::load_seal, members},
};

/// What takes the place of a card.
#[derive(Debug, Clone)]
pub struct Replacement {
    /// Why the old card goes.
    pub why: BlockReason,
    /// The new card in hand; nothing for a fresh number.
    pub by: Option<CardNumber>,
}

/// Blocks the card and lets another one lead to its member; answers both, the old one first.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::error::Missing::Card`],
/// [`crate::domain::card_state::CardRefusal::StaysBlocked`] when it was replaced before, [`Rejection::CardsTooMany`],
/// [`Rejection::CardTaken`], [`Error::Contended`], or a fault of the database.
pub async fn replace_card(
    desk: &Desk,
    member: MemberId,
    id: Digest16,
    replacement: &Replacement,
) -> Result<(Card, Card), Error> {
    if let Some(number) = &replacement.by {
        desk.not_a_token(number)?;
    }
    for _ in 0..ATTEMPTS {
        let number = replacement.by.clone().map_or_else(|| desk.fresh_card(), Ok)?;
        let new = desk.vault.index(Identifier::Card(number.clone()));
        if let Some((old, linked_at)) = attempt(desk, (member, id), replacement, &new).await? {
            return Ok((old, Card { id: new.digest, member, number, linked_at, blocked: None }));
        }
        // Where it leads to nobody, the key of the blind index changed just now, and the number is hashed anew.
        let known = members::find_identifier(desk.vault.database.connection(), new.every()).await?;
        if replacement.by.is_some() && known.is_some() {
            return Err(Rejection::CardTaken.into());
        }
    }
    Err(Error::Contended)
}

/// One transaction; `None` when the new card leads to somebody, or did.
async fn attempt(
    desk: &Desk,
    (member, id): (MemberId, Digest16),
    replacement: &Replacement,
    new: &Indexed,
) -> Result<Option<(Card, Timestamp)>, Error> {
    let mut changes = desk.member_changes(&[member]).await?;
    let now = changes.now;
    let before = own_card(desk, &changes, member, id).await?;
    let counts = cards::counts(&changes.tx, member).await?;
    let old = before.replace((replacement.why, new.digest), counts, now)?;
    let seal = load_seal(&changes.tx, &desk.vault, member).await?.ok_or(Missing::Member(member))?;
    let linked = match replacement.by {
        Some(_) => desk.link_in_hand(&changes.tx, &seal, new, now).await?,
        None => desk.link_fresh(&changes.tx, &seal, new, now).await?,
    };
    if !linked {
        return Ok(None);
    }
    cards::update_blocked(&changes.tx, &old).await?;
    if before.blocked.is_none() {
        changes.tell(member, &old.told()).await?;
    }
    let (kind, digest) = (IdentifierKind::Card, new.digest);
    let told = IdentifierLinked { member_id: member, kind, digest, active: true, former: None };
    changes.tell(member, &told).await?;
    desk.conclude_changes(changes).await?;
    Ok(Some((old, now)))
}
