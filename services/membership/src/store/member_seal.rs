//! What a member's values are sealed with: a data key of their own, wrapped by a master key (envelope encryption).
//!
//! A key is made at joining and lies in the member's row, so that whoever reads the row has it, without another look into
//! the database. A member from before data keys has none until `rotate_keys` gives them one; until then a master key seals
//! for them. **A data key is there before anything is sealed with it, and for as long as anything is**: who reads a
//! value first, and the member's row afterwards, can open the value.

use anyhow::Context as _;
use kernel::{MemberId, Pii};
use ring::aead::NONCE_LEN;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    Vault,
    cipher::{Cell, DataKey, OWN_KEY, SealBroken, SealedColumn, key_id},
    members::still_here,
    tables::members,
};
use crate::error::Error;

/// Seals and opens the values of one member.
pub struct MemberSeal<'v> {
    vault: &'v Vault,
    member: MemberId,
    key: Option<DataKey>,
}

/// A data key as a row holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrapped {
    /// The key, wrapped.
    pub data_key: Vec<u8>,
    /// The id of the master key that wraps it.
    pub master_key: i16,
}

impl MemberSeal<'_> {
    /// Where the keys are.
    pub(super) const fn vault(&self) -> &Vault {
        self.vault
    }

    /// Whose values it seals.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        self.member
    }

    /// Seals a value for its column and row.
    #[must_use]
    pub fn seal(&self, column: SealedColumn, row: &[u8], value: &str) -> Vec<u8> {
        let cell = Cell { column, member: self.member, row };
        match &self.key {
            Some(key) => key.seal(cell, value, self.vault.nonce()),
            None => self.vault.seal(cell, value),
        }
    }

    /// Opens a value that stands in its column and row.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open(&self, column: SealedColumn, row: &[u8], sealed: &[u8]) -> Result<Pii<String>, SealBroken> {
        let cell = Cell { column, member: self.member, row };
        match &self.key {
            Some(key) if is_own(sealed) => key.open(cell, sealed),
            _ => self.vault.cipher.open(cell, sealed),
        }
    }

    /// The value sealed anew with the member's data key; `None` where it is so already. `from` opens it.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn reseal(
        &self,
        from: &MemberSeal<'_>,
        column: SealedColumn,
        row: &[u8],
        sealed: &[u8],
    ) -> Result<Option<Vec<u8>>, SealBroken> {
        if from.key.is_some() && is_own(sealed) {
            return Ok(None);
        }
        let value = from.open(column, row, sealed)?;
        Ok(Some(self.seal(column, row, value.expose())))
    }
}

fn is_own(sealed: &[u8]) -> bool {
    key_id(sealed) == Ok(OWN_KEY)
}

impl Vault {
    pub(super) fn nonce(&self) -> [u8; NONCE_LEN] {
        let mut nonce = [0; NONCE_LEN];
        self.ids.secret(&mut nonce);
        nonce
    }

    /// A fresh data key for a member, and its wrapped form to keep.
    #[must_use]
    pub fn fresh_seal(&self, member: MemberId) -> (MemberSeal<'_>, Wrapped) {
        let mut secret = [0; 32];
        self.ids.secret(&mut secret);
        let wrapped = Wrapped {
            data_key: self.cipher.wrap(member, &secret, self.nonce()),
            master_key: self.cipher.active_id().into(),
        };
        (MemberSeal { vault: self, member, key: Some(DataKey::new(&secret)) }, wrapped)
    }

    /// What a member's values are sealed with, by what the member's row holds.
    ///
    /// # Errors
    /// A data key that does not unwrap, or is not wrapped by the master key that its row names.
    pub fn seal_of(
        &self,
        member: MemberId,
        data_key: Option<&[u8]>,
        master_key: Option<i16>,
    ) -> Result<MemberSeal<'_>, Error> {
        let key = match data_key {
            None => None,
            Some(wrapped) => {
                let named = key_id(wrapped).is_ok_and(|id| Some(i16::from(id)) == master_key);
                let key = if named { self.cipher.unwrap(member, wrapped) } else { Err(SealBroken::Broken) };
                Some(key.with_context(|| format!("data key of member {member}"))?)
            }
        };
        Ok(MemberSeal { vault: self, member, key })
    }
}

/// What a member's values are sealed with, when there is such a member.
///
/// # Errors
/// A fault of the database, or a data key that does not unwrap.
pub async fn load_seal<'v>(
    on: &impl ConnectionTrait,
    vault: &'v Vault,
    member: MemberId,
) -> Result<Option<MemberSeal<'v>>, Error> {
    load_seals(on, vault, &[member]).await?.pop().map(|(_, seal)| seal).transpose()
}

/// A member's seal as the audit looks at it: one that does not unwrap hides no other.
pub type SealCheck<'v> = (MemberId, Result<MemberSeal<'v>, Error>);

/// What the values of those of `ids` who are members are sealed with.
///
/// # Errors
/// A fault of the database.
pub async fn load_seals<'v>(
    on: &impl ConnectionTrait,
    vault: &'v Vault,
    ids: &[MemberId],
) -> Result<Vec<SealCheck<'v>>, Error> {
    let asked = ids.iter().map(|id| id.as_uuid());
    let query = members::Entity::find().select_only().filter(members::Column::Id.is_in(asked));
    let query = query.filter(still_here());
    let query = query.columns([members::Column::Id, members::Column::DataKey, members::Column::MasterKey]);
    let rows: Vec<(Uuid, Option<Vec<u8>>, Option<i16>)> = query.into_tuple().all(on).await?;
    let seals = rows.into_iter().map(|(id, data_key, master_key)| {
        let id = MemberId::from_uuid(id);
        (id, vault.seal_of(id, data_key.as_deref(), master_key))
    });
    Ok(seals.collect())
}
