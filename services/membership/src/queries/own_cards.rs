//! Which cards does a member have, and which did they have?

use kernel::MemberId;

use crate::{
    domain::card_state::Card,
    error::{Error, Missing},
    store::{Vault, cards, members},
};

/// The member's cards, in the order they came to lead to them, blocked ones among them.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or a number that does not open.
pub async fn own_cards(vault: &Vault, member: MemberId) -> Result<Vec<Card>, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    cards::of_member(on, vault, member).await
}
