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
    sea_query::Expr,
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault,
    cipher::{Cell, DEVICE, FIRST_NAME, IDENTIFIER, NOBODY, SIGNING_KEY, SealBroken, key_id},
    member_seal::Wrapped,
    sign_ins::message_cell,
    staff::name_cell as staff_cell,
    tables::{identifiers, members, sessions, sign_in_messages, signing_keys, staff},
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
    Condition::any().add(column.is_null()).add(column.ne(i16::from(vault.cipher.active_id())))
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
    Ok(true)
}

/// What else is sealed for a member.
struct Theirs {
    identifiers: Vec<identifiers::Model>,
    sessions: Vec<sessions::Model>,
}

/// What is to be written for a member.
struct Fresh {
    wrapped: Wrapped,
    first_name: Option<Vec<u8>>,
    identifiers: Vec<(Vec<u8>, Vec<u8>)>,
    devices: Vec<(Uuid, Vec<u8>)>,
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
    Ok(fresh)
}

/// Seals what belongs to no member by the active master key: keys that sign access tokens, messages on their way, names of
/// staff. Answers how many it sealed and how many do not open. They are few: keys of some months, messages of some minutes.
///
/// # Errors
/// A fault of the database.
pub async fn reseal_direct(tx: &Tx, vault: &Vault) -> Result<(u64, u64), Error> {
    let (mut sealed, mut broken) = (0, 0);
    let mut note = |done: bool| if done { sealed += 1 } else { broken += 1 };
    for row in signing_keys::Entity::find().all(tx).await? {
        let number = row.number.to_be_bytes();
        let cell = Cell { column: SIGNING_KEY, member: NOBODY, row: &number };
        let Some(fresh) = vault.renewed(cell, &row.secret) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = signing_keys::Entity::update_many()
            .col_expr(signing_keys::Column::Secret, Expr::value(fresh))
            .filter(signing_keys::Column::Number.eq(row.number))
            .filter(signing_keys::Column::Secret.eq(row.secret));
        changed.exec(tx).await?;
    }
    for row in sign_in_messages::Entity::find().all(tx).await? {
        let cell = message_cell(row.member_id.map(MemberId::from_uuid), row.id.as_bytes());
        let Some(fresh) = vault.renewed(cell, &row.sealed) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = sign_in_messages::Entity::update_many()
            .col_expr(sign_in_messages::Column::Sealed, Expr::value(fresh))
            .filter(sign_in_messages::Column::Id.eq(row.id))
            .filter(sign_in_messages::Column::Sealed.eq(row.sealed));
        changed.exec(tx).await?;
    }
    for row in staff::Entity::find().all(tx).await? {
        let cell = staff_cell(row.id.as_bytes());
        let Some(fresh) = vault.renewed(cell, &row.display_name) else { continue };
        note(fresh.is_ok());
        let Ok(fresh) = fresh else { continue };
        let changed = staff::Entity::update_many()
            .col_expr(staff::Column::DisplayName, Expr::value(fresh))
            .filter(staff::Column::Id.eq(row.id))
            .filter(staff::Column::DisplayName.eq(row.display_name));
        changed.exec(tx).await?;
    }
    Ok((sealed, broken))
}

impl Vault {
    /// What an older master key sealed, sealed by the active one; `None` where it is so already.
    fn renewed(&self, cell: Cell<'_>, sealed: &[u8]) -> Option<Result<Vec<u8>, SealBroken>> {
        if key_id(sealed) == Ok(self.cipher.active_id()) {
            return None;
        }
        Some(self.cipher.open(cell, sealed).map(|value| self.seal(cell, value.expose())))
    }
}
