//! Invitations into households.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, HouseholdId, InvitationId, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr,
};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, INVITED},
    instant,
    member_seal::load_seal,
    members,
    tables::household_invitations::{self as rows, Column, Entity},
};
use crate::{
    domain::{
        household::{role_from_word, role_word},
        identifier::Indexed,
        invitation::{Address, Ending, Invitation},
    },
    error::Error,
};

/// What leads to a member: their phone and cards, under every key of the blind index that an invitation may be from, and their id.
///
/// # Errors
/// A fault of the database.
pub async fn own_addresses(
    on: &impl ConnectionTrait,
    vault: &Vault,
    member: MemberId,
) -> Result<Vec<Address>, Error> {
    let identifiers = members::identifiers_of(on, member).await?;
    let mut own: Vec<Address> = identifiers.iter().map(|sealed| Address(sealed.digest)).collect();
    if vault.blind.keys().sought().len() > 1 {
        let seal = load_seal(on, vault, member).await.ok().flatten();
        for sealed in seal.iter().flat_map(|_| &identifiers) {
            // What does not open is named by the audit, and keeps nobody from leaving.
            let opened = seal.as_ref().and_then(|seal| seal.open_identifier(sealed).ok());
            own.extend(opened.map(|opened| vault.index(opened)).iter().flat_map(Indexed::every).map(Address));
        }
        own.sort_unstable_by_key(|address| address.0);
        own.dedup();
    }
    own.push(Address::of_member(member));
    Ok(own)
}

/// Stores a new invitation.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, vault: &Vault, invitation: &Invitation) -> Result<(), Error> {
    let id = invitation.id.as_uuid();
    let cell = cell(invitation.inviter, id.as_bytes());
    let row = rows::Model {
        id,
        inviter: invitation.inviter.as_uuid(),
        household: invitation.household.map(HouseholdId::as_uuid),
        address: invitation.to.0.0.to_vec(),
        shown: vault.seal(cell, invitation.shown.expose()),
        role: role_word(invitation.role).to_owned(),
        made_at: invitation.made_at.micros(),
        expires_at: invitation.expires_at.micros(),
        declined_at: invitation.declined_at.map(Timestamp::micros),
        ended: invitation.ended.map(|ending| ending.word().to_owned()),
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The invitation, when there is one.
///
/// # Errors
/// A fault of the database, or what is sealed does not open.
pub async fn load(
    on: &impl ConnectionTrait,
    vault: &Vault,
    id: InvitationId,
) -> Result<Option<Invitation>, Error> {
    Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(|row| opened(vault, row)).transpose()
}

/// The invitation, when there is one, held against others who answer it until the transaction ends.
///
/// # Errors
/// A fault of the database, or what is sealed does not open.
pub async fn hold(tx: &Tx, vault: &Vault, id: InvitationId) -> Result<Option<Invitation>, Error> {
    let query = Entity::find_by_id(id.as_uuid()).lock_exclusive();
    query.one(tx).await?.as_ref().map(|row| opened(vault, row)).transpose()
}

/// The invitations of a member that may still be accepted at `now` or were made since `since`, earliest first.
///
/// # Errors
/// A fault of the database, or what is sealed does not open.
pub async fn made_by(
    on: &impl ConnectionTrait,
    vault: &Vault,
    inviter: MemberId,
    now: Timestamp,
    since: Timestamp,
) -> Result<Vec<Invitation>, Error> {
    let of_late =
        Condition::any().add(Column::ExpiresAt.gt(now.micros())).add(Column::MadeAt.gt(since.micros()));
    let query = Entity::find().filter(Column::Inviter.eq(inviter.as_uuid())).filter(of_late);
    let query = query.order_by_asc(Column::MadeAt).order_by_asc(Column::Id);
    query.all(on).await?.iter().map(|row| opened(vault, row)).collect()
}

/// Up to `limit` invitations to any of these that are open at `now`, those made last first.
///
/// # Errors
/// A fault of the database, or what is sealed does not open.
pub async fn open_to(
    on: &impl ConnectionTrait,
    vault: &Vault,
    own: &[Address],
    now: Timestamp,
    limit: u64,
) -> Result<Vec<Invitation>, Error> {
    let query = Entity::find()
        .filter(Column::Address.is_in(own.iter().map(|address| address.0.0.to_vec())))
        .filter(Column::ExpiresAt.gt(now.micros()))
        .filter(Column::Ended.is_null())
        .filter(Column::DeclinedAt.is_null())
        .order_by_desc(Column::MadeAt)
        .order_by_desc(Column::Id)
        .limit(limit);
    query.all(on).await?.iter().map(|row| opened(vault, row)).collect()
}

/// Stores what became of an invitation that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, invitation: &Invitation) -> Result<(), Error> {
    let changed = rows::ActiveModel {
        id: Set(invitation.id.as_uuid()),
        declined_at: Set(invitation.declined_at.map(Timestamp::micros)),
        ended: Set(invitation.ended.map(|ending| ending.word().to_owned())),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Lets the invitations that somebody made while they belonged to no household lead into the one that came about.
///
/// # Errors
/// A fault of the database.
pub async fn lead_into(tx: &Tx, inviter: MemberId, household: HouseholdId) -> Result<(), Error> {
    let found = Entity::update_many()
        .col_expr(Column::Household, Expr::value(household.as_uuid()))
        .filter(Column::Inviter.eq(inviter.as_uuid()))
        .filter(Column::Household.is_null());
    found.exec(tx).await?;
    Ok(())
}

/// Sealed by a master key, since it is no value of the inviter's: the last digits of what was typed, for some days.
pub(super) fn cell(inviter: MemberId, row: &[u8]) -> Cell<'_> {
    Cell { column: INVITED, member: inviter, row }
}

fn opened(vault: &Vault, row: &rows::Model) -> Result<Invitation, Error> {
    let inviter = MemberId::from_uuid(row.inviter);
    let broken = || Error::Fault(anyhow!("invitation {} is broken", row.id));
    let ending = |word: &String| Ending::from_word(word).ok_or_else(broken);
    let shown = vault.cipher.open(cell(inviter, row.id.as_bytes()), &row.shown);
    Ok(Invitation {
        id: InvitationId::from_uuid(row.id),
        inviter,
        household: row.household.map(HouseholdId::from_uuid),
        to: Address(Digest16::first_of(&row.address).ok_or_else(broken)?),
        shown: shown.with_context(|| format!("invitation {}", row.id))?,
        role: role_from_word(&row.role).ok_or_else(broken)?,
        made_at: instant(row.made_at),
        expires_at: instant(row.expires_at),
        declined_at: row.declined_at.map(instant),
        ended: row.ended.as_ref().map(ending).transpose()?,
    })
}
