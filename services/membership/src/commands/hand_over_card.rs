//! A card goes over to another person (J3b). Whoever hears it decides what becomes of the points.

use kernel::{Digest16, MemberId};

use super::{Desk, block_card::own_card};
use crate::{domain::card_state::Card, error::Error, store::cards};

/// Lets a card of one member lead to another one.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`crate::error::Missing::Card`], [`crate::domain::card_state::CardRefusal`],
/// [`crate::domain::rejection::Rejection::CardsTooMany`], or a fault of the database.
pub async fn hand_over_card(desk: &Desk, from: MemberId, id: Digest16, to: MemberId) -> Result<Card, Error> {
    let mut changes = desk.member_changes(&[from, to]).await?;
    let card = own_card(desk, &changes, from, id).await?;
    changes.must_hold(to)?;
    let (gone, told) = card.hand_over(to, cards::counts(&changes.tx, to).await?, changes.now)?;
    cards::update_owner(&changes.tx, &desk.vault, &gone).await?;
    changes.tell(from, &told).await?;
    changes.tell(to, &gone.told()).await?;
    desk.conclude_changes(changes).await?;
    Ok(gone)
}
