//! Blocks a card of a member, or lets one lead to them again that was found.

use kernel::{Digest16, MemberId};

use super::{Desk, member_changes::MemberChanges};
use crate::{
    domain::card_state::{BlockReason, Card},
    error::{Error, Missing},
    store::cards,
};

/// Makes sure that the card leads to nobody.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Card`], or a fault of the database.
pub async fn block_card(
    desk: &Desk,
    member: MemberId,
    id: Digest16,
    why: BlockReason,
) -> Result<Card, Error> {
    let changes = desk.member_changes(&[member]).await?;
    let card = own_card(desk, &changes, member, id).await?;
    let blocked = card.block(why, changes.now);
    conclude(desk, changes, card, blocked).await
}

/// Makes sure that the card leads to its member.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Card`], [`crate::domain::card_state::CardRefusal::StaysBlocked`],
/// [`crate::domain::rejection::Rejection::CardsTooMany`], or a fault of the database.
pub async fn unblock_card(desk: &Desk, member: MemberId, id: Digest16) -> Result<Card, Error> {
    let changes = desk.member_changes(&[member]).await?;
    let card = own_card(desk, &changes, member, id).await?;
    let (leading, _) = cards::counts(&changes.tx, member).await?;
    let unblocked = card.unblock(leading)?;
    conclude(desk, changes, card, unblocked).await
}

async fn conclude(
    desk: &Desk,
    mut changes: MemberChanges<'_>,
    before: Card,
    after: Option<Card>,
) -> Result<Card, Error> {
    let Some(card) = after else { return Ok(before) };
    cards::update_blocked(&changes.tx, &card).await?;
    changes.tell(card.member, &card.told()).await?;
    desk.conclude_changes(changes).await?;
    Ok(card)
}

/// The card of a member whom the transaction holds.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Card`], or a fault of the database.
pub(super) async fn own_card(
    desk: &Desk,
    changes: &MemberChanges<'_>,
    member: MemberId,
    id: Digest16,
) -> Result<Card, Error> {
    changes.must_hold(member)?;
    let own = cards::of_member(&changes.tx, &desk.vault, member).await?;
    Ok(own.into_iter().find(|card| desk.vault.is_named(card, id)).ok_or(Missing::Card)?)
}
