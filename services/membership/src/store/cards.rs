//! Cards of members over time: those that lead to them, and those that did.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, IdentifierKind, MemberId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use store::Tx;

use super::{
    Vault,
    cipher::IDENTIFIER,
    instant,
    member_seal::{MemberSeal, load_seal},
    members,
    tables::identifiers::{self, Column, Entity},
};
use crate::{
    domain::{
        card_state::{BlockReason, Blocked, CARDS_EVER, Card},
        identifier::Identifier,
    },
    error::Error,
};

/// A member's cards, in the order they came to lead to them, blocked ones among them.
///
/// # Errors
/// A fault of the database, or a number that does not open.
pub async fn of_member(
    on: &impl ConnectionTrait,
    vault: &Vault,
    member: MemberId,
) -> Result<Vec<Card>, Error> {
    let query = Entity::find()
        .filter(Column::MemberId.eq(member.as_uuid()))
        .filter(Column::Kind.eq(IdentifierKind::Card.word()))
        .order_by_asc(Column::LinkedAt)
        .order_by_asc(Column::Digest)
        .limit(2 * u64::try_from(CARDS_EVER).unwrap_or(u64::MAX));
    let rows = query.all(on).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    // The member's row is read after what its key opens.
    let seal =
        load_seal(on, vault, member).await?.ok_or_else(|| anyhow!("cards of {member}, who is no member"))?;
    rows.into_iter().map(|row| opened(&seal, row)).collect()
}

/// How many cards lead to a member, and how many ever did.
///
/// # Errors
/// A fault of the database.
pub async fn counts(on: &impl ConnectionTrait, member: MemberId) -> Result<(usize, usize), Error> {
    let query = Entity::find().select_only().column(Column::Active);
    let of_cards = query
        .filter(Column::MemberId.eq(member.as_uuid()))
        .filter(Column::Kind.eq(IdentifierKind::Card.word()));
    let active: Vec<bool> = of_cards.into_tuple().all(on).await?;
    Ok((active.iter().filter(|active| **active).count(), active.len()))
}

/// Stores how a card of a member whom the transaction holds stands.
///
/// # Errors
/// A fault of the database.
pub async fn update_blocked(tx: &Tx, card: &Card) -> Result<(), Error> {
    let changed = identifiers::ActiveModel {
        digest: Set(card.id.0.to_vec()),
        active: Set(card.blocked.is_none()),
        blocked_at: Set(card.blocked.map(|blocked| blocked.at.micros())),
        blocked_why: Set(card.blocked.map(|blocked| blocked.why.word().to_owned())),
        replaced_by: Set(card.blocked.and_then(|blocked| Some(blocked.replaced_by?.0.to_vec()))),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Stores that a card leads to another member now; its number is sealed for them anew.
///
/// # Errors
/// A fault of the database.
pub async fn update_owner(tx: &Tx, vault: &Vault, card: &Card) -> Result<(), Error> {
    let receiver = load_seal(tx, vault, card.member).await?;
    let seal = receiver.ok_or_else(|| anyhow!("a card for {}, who is no member", card.member))?;
    let changed = identifiers::ActiveModel {
        digest: Set(card.id.0.to_vec()),
        member_id: Set(card.member.as_uuid()),
        value: Set(seal.seal(IDENTIFIER, &card.id.0, card.number.digits())),
        linked_at: Set(card.linked_at.micros()),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

impl Vault {
    /// Whether a card has this id, or had it, while the key of the blind index changes.
    #[must_use]
    pub fn is_named(&self, card: &Card, id: Digest16) -> bool {
        card.id == id || self.index(Identifier::Card(card.number.clone())).every().any(|every| every == id)
    }
}

fn opened(seal: &MemberSeal<'_>, row: identifiers::Model) -> Result<Card, Error> {
    let linked_at = instant(row.linked_at);
    let broken = |id: Digest16| Error::Fault(anyhow!("card {id} is broken"));
    let blocked = match (row.blocked_at, &row.blocked_why) {
        (Some(at), Some(why)) => {
            let why = BlockReason::from_word(why).context("a card was blocked for an unknown reason")?;
            let replaced_by = row.replaced_by.as_deref().and_then(Digest16::first_of);
            Some(Blocked { at: instant(at), why, replaced_by })
        }
        _ => None,
    };
    let sealed = members::sealed(row)?;
    match seal.open_identifier(&sealed)? {
        Identifier::Card(number) if sealed.active == blocked.is_none() => {
            Ok(Card { id: sealed.digest, member: sealed.member, number, linked_at, blocked })
        }
        _ => Err(broken(sealed.digest)),
    }
}
