//! Makes the number that a member shows at the till in place of a card. It leads to them for a minute, and then to nobody.
//!
//! **A number is kept as its keyed hash only, leads to the member for whom it was made, and to nobody once it lapsed.** The one
//! before stays good until it lapses, so that a till that has just read it finds the member; older ones are forgotten at once.

use kernel::{MemberId, Timestamp};

use super::{ATTEMPTS, Desk, exchange_code::after};
use crate::{
    domain::{card::CardNumber, identifier::Identifier},
    error::Error,
    store::{card_tokens, members},
};

/// A number that leads to a member for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VirtualCard {
    /// The number.
    pub number: CardNumber,
    /// When it lapses.
    pub expires_at: Timestamp,
}

/// Makes a fresh number for a member.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`Error::Contended`], or a fault of the database.
pub async fn show_virtual_card(desk: &Desk, member: MemberId) -> Result<VirtualCard, Error> {
    for _ in 0..ATTEMPTS {
        let mut random = [0; 8];
        desk.ids.secret(&mut random);
        let number = desk.settings.tokens.compose(u64::from_be_bytes(random))?;
        let shown = desk.vault.index(Identifier::Card(number.clone()));
        let changes = desk.member_changes(&[member]).await?;
        changes.must_hold(member)?;
        card_tokens::forget_but_last(&changes.tx, member).await?;
        let expires_at = after(changes.now, desk.settings.tokens.life);
        let is_card = members::find_identifier(&changes.tx, shown.every()).await?.is_some();
        if !is_card && card_tokens::insert(&changes.tx, shown.digest, member, changes.now, expires_at).await?
        {
            desk.conclude_changes(changes).await?;
            return Ok(VirtualCard { number, expires_at });
        }
    }
    Err(Error::Contended)
}
