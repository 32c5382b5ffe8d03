//! Members and their identifiers.

use std::collections::HashSet;

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, IdentifierKind, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, OnConflict},
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault, blind_index,
    cipher::{FIRST_NAME, IDENTIFIER},
    coded, counted, instant,
    member_seal::MemberSeal,
    signed, spoken,
    tables::{identifiers, members},
};
use crate::{
    domain::{
        card::CardNumber,
        identifier::{Identifier, Indexed},
        member::{JoinedBy, Member, MemberStatus},
        name::FirstName,
        phone::Phone,
    },
    error::Error,
};

/// What rows say of members who joined by text.
const BY_TEXT: &str = "text";

/// An identifier's row, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedIdentifier {
    /// The keyed hash by which it is found.
    pub digest: Digest16,
    /// The key of the blind index that it is from.
    pub key: i16,
    /// The member it leads to.
    pub member: MemberId,
    /// What kind it is.
    pub kind: IdentifierKind,
    /// The sealed value.
    pub value: Vec<u8>,
    /// Whether it still leads there.
    pub active: bool,
}

/// That a member has not left.
pub(super) fn still_here() -> Expr {
    members::Column::Status.ne(MemberStatus::Erased.word())
}

/// The row of a member who has not left.
pub(super) fn known(id: MemberId) -> Select<members::Entity> {
    members::Entity::find_by_id(id.as_uuid()).filter(still_here())
}

/// The member, when there is one.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn load_member(
    on: &impl ConnectionTrait,
    vault: &Vault,
    id: MemberId,
) -> Result<Option<Member>, Error> {
    known(id).one(on).await?.map(|row| open_member(vault, row)).transpose()
}

/// A member's status and number of facts, when there is one, without opening the name.
///
/// # Errors
/// A fault of the database.
pub async fn load_standing(
    on: &impl ConnectionTrait,
    id: MemberId,
) -> Result<Option<(MemberStatus, u64)>, Error> {
    let query = known(id).select_only();
    let query = query.columns([members::Column::Status, members::Column::Version]);
    let row: Option<(String, i64)> = query.into_tuple().one(on).await?;
    row.map(|(word, version)| Ok((status_of(id, &word)?, counted(version)?))).transpose()
}

/// The member, when there is one, held against other writers until the transaction ends.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn hold_member(tx: &Tx, vault: &Vault, id: MemberId) -> Result<Option<Member>, Error> {
    let row = known(id).lock_exclusive().one(tx).await?;
    row.map(|row| open_member(vault, row)).transpose()
}

/// The member with what their values are sealed with, when there is one.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn load_sealed<'v>(
    on: &impl ConnectionTrait,
    vault: &'v Vault,
    id: MemberId,
) -> Result<Option<(Member, MemberSeal<'v>)>, Error> {
    known(id).one(on).await?.map(|row| open_sealed(vault, row)).transpose()
}

/// The member with what their values are sealed with, held against other writers until the transaction ends.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn hold_sealed<'v>(
    tx: &Tx,
    vault: &'v Vault,
    id: MemberId,
) -> Result<Option<(Member, MemberSeal<'v>)>, Error> {
    let row = known(id).lock_exclusive().one(tx).await?;
    row.map(|row| open_sealed(vault, row)).transpose()
}

/// Stores a new member, with a data key of their own; answers what their values are sealed with.
///
/// # Errors
/// A fault of the database.
pub async fn insert_member<'v>(tx: &Tx, vault: &'v Vault, member: &Member) -> Result<MemberSeal<'v>, Error> {
    let (branch, till) = match &member.joined_by {
        JoinedBy::Till(branch, till) => (Some(branch.to_string()), Some(till.to_string())),
        JoinedBy::Api | JoinedBy::Text => (None, None),
    };
    let (seal, wrapped) = vault.fresh_seal(member.id);
    let row = members::ActiveModel {
        id: Set(member.id.as_uuid()),
        status: Set(member.status.word().to_owned()),
        first_name: Set(seal.seal(FIRST_NAME, &[], member.first_name.text())),
        language: Set(member.language.tag().to_owned()),
        joined_at: Set(member.joined_at.micros()),
        branch: Set(branch),
        till: Set(till),
        version: Set(signed(member.version)?),
        confirmed_at: Set(member.confirmed_at.map(Timestamp::micros)),
        data_key: Set(Some(wrapped.data_key)),
        master_key: Set(Some(wrapped.master_key)),
        joined_through: Set((member.joined_by == JoinedBy::Text).then(|| BY_TEXT.to_owned())),
    };
    members::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(seal)
}

/// Stores how many facts were told about a member that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update_member_version(tx: &Tx, id: MemberId, version: u64) -> Result<(), Error> {
    let changed =
        members::ActiveModel { id: Set(id.as_uuid()), version: Set(signed(version)?), ..Default::default() };
    members::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Stores since when a member's phone is known to be theirs, with how many facts were told about them.
///
/// # Errors
/// A fault of the database.
pub async fn update_confirmed(tx: &Tx, id: MemberId, at: Timestamp, version: u64) -> Result<(), Error> {
    let changed = members::ActiveModel {
        id: Set(id.as_uuid()),
        confirmed_at: Set(Some(at.micros())),
        version: Set(signed(version)?),
        ..Default::default()
    };
    members::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Lets an identifier lead to the member of the seal; `false` when it leads to somebody already, or was hashed under a key that is
/// not the current one any more: hash it anew and look again. Waits for a parallel transaction that links the same one.
///
/// # Errors
/// A fault of the database, or a process that lacks a key of the blind index.
pub async fn link_identifier(
    tx: &Tx,
    seal: &MemberSeal<'_>,
    indexed: &Indexed,
    at: Timestamp,
) -> Result<bool, Error> {
    let key = blind_index::hold(tx, seal.vault()).await?;
    let current = key.digest(indexed.identifier.kind(), indexed.identifier.normal());
    // What was written under the former key was so before the key changed, and is here to be found.
    let former =
        !indexed.also.is_empty() && find_identifier(tx, indexed.also.iter().copied()).await?.is_some();
    if current != indexed.digest || former {
        return Ok(false);
    }
    let row = identifiers::ActiveModel {
        digest: Set(indexed.digest.0.to_vec()),
        member_id: Set(seal.member().as_uuid()),
        kind: Set(indexed.identifier.kind().word().to_owned()),
        value: Set(seal.seal(IDENTIFIER, &indexed.digest.0, indexed.identifier.normal())),
        active: Set(true),
        linked_at: Set(at.micros()),
        blind_key: Set(key.id().into()),
        ..Default::default()
    };
    let first = OnConflict::column(identifiers::Column::Digest).do_nothing().to_owned();
    let inserted = identifiers::Entity::insert(row).on_conflict(first).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// The identifier with one of these keyed hashes, which are those of one phone or card, when it leads to somebody or once did.
///
/// # Errors
/// A fault of the database.
pub async fn find_identifier(
    on: &impl ConnectionTrait,
    every: impl IntoIterator<Item = Digest16>,
) -> Result<Option<SealedIdentifier>, Error> {
    let every = every.into_iter().map(blind_index::bytes);
    let query = identifiers::Entity::find().filter(identifiers::Column::Digest.is_in(every));
    query.one(on).await?.map(sealed).transpose()
}

/// The identifiers that lead to a member, in the order they were linked.
///
/// # Errors
/// A fault of the database.
pub async fn identifiers_of(
    on: &impl ConnectionTrait,
    member: MemberId,
) -> Result<Vec<SealedIdentifier>, Error> {
    let query = identifiers::Entity::find()
        .filter(identifiers::Column::MemberId.eq(member.as_uuid()))
        .filter(identifiers::Column::Active.eq(true))
        .order_by_asc(identifiers::Column::LinkedAt)
        .order_by_asc(identifiers::Column::Digest);
    query.all(on).await?.into_iter().map(sealed).collect()
}

/// Up to `limit` identifiers whose keyed hashes come after `after`, in order.
///
/// # Errors
/// A fault of the database.
pub async fn list_identifiers(
    on: &impl ConnectionTrait,
    after: Option<Digest16>,
    limit: u64,
) -> Result<Vec<SealedIdentifier>, Error> {
    let mut query = identifiers::Entity::find().order_by_asc(identifiers::Column::Digest).limit(limit);
    if let Some(after) = after {
        query = query.filter(identifiers::Column::Digest.gt(after.0.to_vec()));
    }
    query.all(on).await?.into_iter().map(sealed).collect()
}

/// A member's row as the audit looks at it: the name may fail to open without hiding the others.
pub type MemberCheck = (MemberId, Result<Member, Error>);

/// Up to `limit` members whose ids come after `after`, in order, each opened by itself.
///
/// # Errors
/// A fault of the database.
pub async fn list_members(
    on: &impl ConnectionTrait,
    vault: &Vault,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberCheck>, Error> {
    let mut query =
        members::Entity::find().filter(still_here()).order_by_asc(members::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(members::Column::Id.gt(after.as_uuid()));
    }
    let rows = query.all(on).await?.into_iter();
    Ok(rows.map(|row| (MemberId::from_uuid(row.id), open_member(vault, row))).collect())
}

/// Up to `limit` members whose ids come after `after`, in order, with the number of facts told about each.
///
/// # Errors
/// A fault of the database.
pub async fn list_versions(
    on: &impl ConnectionTrait,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<(MemberId, u64)>, Error> {
    let mut query = members::Entity::find().order_by_asc(members::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(members::Column::Id.gt(after.as_uuid()));
    }
    let columns = query.select_only().columns([members::Column::Id, members::Column::Version]);
    let rows: Vec<(Uuid, i64)> = columns.into_tuple().all(on).await?;
    rows.into_iter().map(|(id, version)| Ok((MemberId::from_uuid(id), counted(version)?))).collect()
}

/// Which of `ids` no phone leads to now.
///
/// # Errors
/// A fault of the database.
pub async fn without_phone(on: &impl ConnectionTrait, ids: &[MemberId]) -> Result<Vec<MemberId>, Error> {
    let asked = ids.iter().map(|id| id.as_uuid());
    let query = identifiers::Entity::find().select_only().column(identifiers::Column::MemberId);
    let phones = query
        .filter(identifiers::Column::MemberId.is_in(asked))
        .filter(identifiers::Column::Active.eq(true))
        .filter(identifiers::Column::Kind.eq(IdentifierKind::Phone.word()));
    let known: Vec<Uuid> = phones.into_tuple().all(on).await?;
    Ok(missing_from(known, ids))
}

/// Which of `ids` name no member.
///
/// # Errors
/// A fault of the database.
pub async fn strangers(on: &impl ConnectionTrait, ids: &[MemberId]) -> Result<Vec<MemberId>, Error> {
    let asked = ids.iter().map(|id| id.as_uuid());
    let query = members::Entity::find().select_only().column(members::Column::Id);
    let known: Vec<Uuid> = query.filter(members::Column::Id.is_in(asked)).into_tuple().all(on).await?;
    Ok(missing_from(known, ids))
}

fn missing_from(known: Vec<Uuid>, ids: &[MemberId]) -> Vec<MemberId> {
    let known: HashSet<Uuid> = known.into_iter().collect();
    ids.iter().filter(|id| !known.contains(&id.as_uuid())).copied().collect()
}

impl MemberSeal<'_> {
    /// Opens an identifier of the member, which must have been read before the member's row was.
    ///
    /// # Errors
    /// A fault when it does not open, or holds something else than its kind says.
    pub fn open_identifier(&self, sealed: &SealedIdentifier) -> Result<Identifier, Error> {
        let value = self.open(IDENTIFIER, &sealed.digest.0, &sealed.value);
        let value = value.with_context(|| format!("identifier {}", sealed.digest))?;
        let identifier = match sealed.kind {
            IdentifierKind::Phone => Phone::parse(value.expose()).ok().map(Identifier::Phone),
            IdentifierKind::Card => CardNumber::parse(value.expose()).ok().map(Identifier::Card),
        };
        identifier
            .ok_or_else(|| Error::Fault(anyhow!("identifier {} is not what its kind says", sealed.digest)))
    }
}

pub(super) fn sealed(row: identifiers::Model) -> Result<SealedIdentifier, Error> {
    let digest = <[u8; 16]>::try_from(row.digest.as_slice()).context("an identifier's digest is broken")?;
    let kind = IdentifierKind::from_word(&row.kind);
    Ok(SealedIdentifier {
        digest: Digest16(digest),
        key: row.blind_key,
        member: MemberId::from_uuid(row.member_id),
        kind: kind.with_context(|| format!("a row holds the unknown kind {:?}", row.kind))?,
        value: row.value,
        active: row.active,
    })
}

fn open_member(vault: &Vault, row: members::Model) -> Result<Member, Error> {
    Ok(open_sealed(vault, row)?.0)
}

pub(super) fn open_sealed(vault: &Vault, row: members::Model) -> Result<(Member, MemberSeal<'_>), Error> {
    let id = MemberId::from_uuid(row.id);
    let seal = vault.seal_of(id, row.data_key.as_deref(), row.master_key)?;
    let name = seal.open(FIRST_NAME, &[], &row.first_name).with_context(|| format!("name of member {id}"))?;
    let joined_by = match (row.branch, row.till) {
        (Some(branch), Some(till)) => JoinedBy::Till(coded(&branch)?, coded(&till)?),
        _ if row.joined_through.as_deref() == Some(BY_TEXT) => JoinedBy::Text,
        _ => JoinedBy::Api,
    };
    let member = Member {
        id,
        status: status_of(id, &row.status)?,
        first_name: FirstName::parse(name.expose()).map_err(|flaw| anyhow!("name of member {id}: {flaw}"))?,
        language: spoken(&row.language)?,
        joined_at: instant(row.joined_at),
        joined_by,
        confirmed_at: row.confirmed_at.map(instant),
        version: counted(row.version)?,
    };
    Ok((member, seal))
}

fn status_of(id: MemberId, word: &str) -> Result<MemberStatus, Error> {
    let status = MemberStatus::from_word(word);
    Ok(status.with_context(|| format!("member {id} has the unknown status {word:?}"))?)
}
