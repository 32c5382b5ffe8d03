//! Rows on their way to the newest master key.
//!
//! A member's row says by which master key its data key is wrapped, so that what is left to do is found again after a
//! stop, without a note of its own. Whatever is changed here is compared with what was read, in a transaction that holds
//! the member's row.

use kernel::MemberId;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault,
    cipher::{DEVICE, FIRST_NAME, IDENTIFIER},
    member_seal::Wrapped,
    members::still_here,
    phone_changes::PHONES,
    profile::ANSWER,
    tables::{identifiers, members, phone_changes, profile_answers, sessions},
};
use crate::error::Error;

/// A member whose data key the active master key does not wrap yet, held by a transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Behind(members::Model);

impl Behind {
    /// Who it is.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        MemberId::from_uuid(self.0.id)
    }
}

/// How many members the active master key has nothing to do with yet.
///
/// # Errors
/// A fault of the database.
pub async fn count_behind(on: &impl ConnectionTrait, vault: &Vault) -> Result<u64, Error> {
    Ok(members::Entity::find().filter(behind(vault)).count(on).await?)
}

/// Up to `limit` of them whose ids come after `after`, in order, held until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold_behind(
    tx: &Tx,
    vault: &Vault,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<Behind>, Error> {
    let mut query = members::Entity::find().filter(behind(vault)).order_by_asc(members::Column::Id);
    if let Some(after) = after {
        query = query.filter(members::Column::Id.gt(after.as_uuid()));
    }
    let rows = query.limit(limit).lock_exclusive().all(tx).await?;
    Ok(rows.into_iter().map(Behind).collect())
}

fn behind(vault: &Vault) -> Condition {
    let column = members::Column::MasterKey;
    let behind = Condition::any().add(column.is_null()).add(column.ne(i16::from(vault.cipher.active_id())));
    Condition::all().add(behind).add(still_here())
}

/// Wraps a member's data key by the active master key, or makes them one, and seals with it what a master key sealed;
/// `false`, and nothing is changed, where something of it does not open.
///
/// # Errors
/// A fault of the database.
pub async fn bring_up(tx: &Tx, vault: &Vault, behind: &Behind) -> Result<bool, Error> {
    let Behind(row) = behind;
    let theirs = Theirs {
        identifiers: identifiers::Entity::find()
            .filter(identifiers::Column::MemberId.eq(row.id))
            .all(tx)
            .await?,
        sessions: sessions::Entity::find()
            .filter(sessions::Column::MemberId.eq(row.id))
            .filter(sessions::Column::Device.is_not_null())
            .all(tx)
            .await?,
        answers: profile_answers::Entity::find()
            .filter(profile_answers::Column::MemberId.eq(row.id))
            .filter(profile_answers::Column::Answer.is_not_null())
            .all(tx)
            .await?,
        phone_changes: phone_changes::Entity::find()
            .filter(phone_changes::Column::MemberId.eq(row.id))
            .all(tx)
            .await?,
    };
    let Ok(fresh) = renew(vault, row, &theirs) else { return Ok(false) };
    let changed = members::ActiveModel {
        id: Set(row.id),
        data_key: Set(Some(fresh.wrapped.data_key)),
        master_key: Set(Some(fresh.wrapped.master_key)),
        first_name: fresh.first_name.map_or(NotSet, Set),
        ..Default::default()
    };
    members::Entity::update(changed).exec(tx).await?;
    for (digest, value) in fresh.identifiers {
        let changed =
            identifiers::ActiveModel { digest: Set(digest), value: Set(value), ..Default::default() };
        identifiers::Entity::update(changed).exec(tx).await?;
    }
    for (id, device) in fresh.devices {
        let changed = sessions::ActiveModel { id: Set(id), device: Set(Some(device)), ..Default::default() };
        sessions::Entity::update(changed).exec(tx).await?;
    }
    for (question, answer) in fresh.answers {
        let changed = profile_answers::ActiveModel {
            member_id: Set(row.id),
            question: Set(question),
            answer: Set(Some(answer)),
            ..Default::default()
        };
        profile_answers::Entity::update(changed).exec(tx).await?;
    }
    for (id, phones) in fresh.phones {
        let changed = phone_changes::ActiveModel { id: Set(id), phones: Set(phones), ..Default::default() };
        phone_changes::Entity::update(changed).exec(tx).await?;
    }
    Ok(true)
}

/// What else is sealed for a member.
struct Theirs {
    identifiers: Vec<identifiers::Model>,
    sessions: Vec<sessions::Model>,
    answers: Vec<profile_answers::Model>,
    phone_changes: Vec<phone_changes::Model>,
}

/// What is to be written for a member.
struct Fresh {
    wrapped: Wrapped,
    first_name: Option<Vec<u8>>,
    identifiers: Vec<(Vec<u8>, Vec<u8>)>,
    devices: Vec<(Uuid, Vec<u8>)>,
    answers: Vec<(String, Vec<u8>)>,
    phones: Vec<(Uuid, Vec<u8>)>,
}

fn renew(vault: &Vault, row: &members::Model, theirs: &Theirs) -> Result<Fresh, Error> {
    let member = MemberId::from_uuid(row.id);
    let before = vault.seal_of(member, row.data_key.as_deref(), row.master_key)?;
    let made;
    let (seal, wrapped) = if let Some(old) = &row.data_key {
        let data_key = vault.cipher.rewrap(member, old, vault.nonce())?;
        (&before, Wrapped { data_key, master_key: vault.cipher.active_id().into() })
    } else {
        let (seal, wrapped) = vault.fresh_seal(member);
        made = seal;
        (&made, wrapped)
    };
    let mut fresh = Fresh {
        first_name: seal.reseal(&before, FIRST_NAME, &[], &row.first_name)?,
        wrapped,
        identifiers: Vec::new(),
        devices: Vec::new(),
        answers: Vec::new(),
        phones: Vec::new(),
    };
    for identifier in &theirs.identifiers {
        if let Some(value) = seal.reseal(&before, IDENTIFIER, &identifier.digest, &identifier.value)? {
            fresh.identifiers.push((identifier.digest.clone(), value));
        }
    }
    for session in &theirs.sessions {
        let Some(device) = &session.device else { continue };
        if let Some(device) = seal.reseal(&before, DEVICE, session.id.as_bytes(), device)? {
            fresh.devices.push((session.id, device));
        }
    }
    for row in &theirs.answers {
        let Some(answer) = &row.answer else { continue };
        if let Some(answer) = seal.reseal(&before, ANSWER, row.question.as_bytes(), answer)? {
            fresh.answers.push((row.question.clone(), answer));
        }
    }
    for change in &theirs.phone_changes {
        if let Some(phones) = seal.reseal(&before, PHONES, change.id.as_bytes(), &change.phones)? {
            fresh.phones.push((change.id, phones));
        }
    }
    Ok(fresh)
}
