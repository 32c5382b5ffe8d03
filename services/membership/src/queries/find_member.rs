//! Who has this phone or card, or shows this number in place of a card?

use kernel::{IdentifierKind, MemberId, Timestamp};

use crate::{
    domain::{card_state::CardRefusal, identifier::Identifier, rejection::Rejection},
    error::{Error, Missing},
    settings::TokenRules,
    store::{Vault, card_tokens, members},
};

/// The member whom the identifier leads to.
///
/// # Errors
/// [`Missing::Identified`], [`CardRefusal::Blocked`], [`CardRefusal::TokenLapsed`], or a fault of the database.
pub async fn find_member(
    vault: &Vault,
    tokens: &TokenRules,
    identifier: Identifier,
    now: Timestamp,
) -> Result<MemberId, Error> {
    let on = vault.database.connection();
    let stands_for_card = matches!(&identifier, Identifier::Card(number) if tokens.is_one(number));
    let sought = vault.index(identifier);
    if stands_for_card {
        let found = card_tokens::find(on, sought.every(), now).await?;
        return found.ok_or_else(|| Rejection::from(CardRefusal::TokenLapsed).into());
    }
    match members::find_identifier(on, sought.every()).await?.ok_or(Missing::Identified)? {
        known if known.active => Ok(known.member),
        known if known.kind == IdentifierKind::Card => Err(Rejection::from(CardRefusal::Blocked).into()),
        _ => Err(Missing::Identified.into()),
    }
}
