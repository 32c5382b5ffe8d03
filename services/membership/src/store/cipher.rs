//! Columns that hold personal data are sealed one value at a time, with AES-256-GCM.
//!
//! A sealed value is `format version (1) · key id (1) · nonce (12) · ciphertext and tag`. What it is bound to (associated data)
//! is its format, key, table, column, member and row: **a sealed value that is changed, or moved to another row, column or
//! member, does not open.** Key 0 is the data key of the member whose value it is ([`DataKey`]), which the member's row holds,
//! wrapped by a master key; the other ids are master keys, which also seal what belongs to no member. One master key is active;
//! older ones still open what they sealed, so that keys can be changed without a stop. Nonces are random (96 bits), which is
//! safe for some four thousand million values per key (NIST SP 800-38D, 8.3): change the master key long before.

use kernel::{MemberId, Pii};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use thiserror::Error;
use uuid::Uuid;

const FORMAT: u8 = 1;
const HEADER: usize = 2;
const TAG: usize = 16;
/// The id under which a member's own data key seals; master keys have the ids from 1 on.
pub const OWN_KEY: u8 = 0;

/// A column that holds personal data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SealedColumn {
    pub(super) table: &'static str,
    pub(super) column: &'static str,
}

/// A member's first name.
pub const FIRST_NAME: SealedColumn = SealedColumn { table: "members", column: "first_name" };
/// A phone or card number.
pub const IDENTIFIER: SealedColumn = SealedColumn { table: "identifiers", column: "value" };
/// A phone and a one-time code on their way to each other.
pub const MESSAGE: SealedColumn = SealedColumn { table: "sign_in_messages", column: "sealed" };
/// What a member's device is called.
pub const DEVICE: SealedColumn = SealedColumn { table: "sessions", column: "device" };
/// The key of a member, wrapped by a master key.
const DATA_KEY: SealedColumn = SealedColumn { table: "members", column: "data_key" };
/// The seed of a key that signs access tokens.
pub const SIGNING_KEY: SealedColumn = SealedColumn { table: "signing_keys", column: "secret" };
/// The secret of a person's second factor, in an account or in an invitation.
pub const STAFF_SECRET: SealedColumn = SealedColumn { table: "staff_accounts", column: "secret" };
/// What a person of the staff is called.
pub const STAFF_NAME: SealedColumn = SealedColumn { table: "staff", column: "display_name" };
/// What somebody who invites may read of whom they invited.
pub const INVITED: SealedColumn = SealedColumn { table: "household_invitations", column: "shown" };
/// The number of a card that leads to nobody yet.
pub const STOCK: SealedColumn = SealedColumn { table: "card_stock", column: "value" };

/// Whose a value is that belongs to no member.
pub const NOBODY: MemberId = MemberId::from_uuid(Uuid::nil());

/// Where a value stands: its column, its member, and the rest of its row's key where the member has several rows.
#[derive(Debug, Clone, Copy)]
pub struct Cell<'a> {
    /// The column.
    pub column: SealedColumn,
    /// Whose value it is.
    pub member: MemberId,
    /// What tells the member's rows apart; empty where there is one.
    pub row: &'a [u8],
}

/// Why a sealed value does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SealBroken {
    /// The bytes are not of a format that this version knows.
    #[error("not a sealed value of a known format")]
    Format,
    /// It was sealed with a key that is not configured.
    #[error("sealed with the unknown key {id}")]
    UnknownKey {
        /// The key's id.
        id: u8,
    },
    /// It was sealed with a data key, and the member has none.
    #[error("sealed with a data key that is not there")]
    NoDataKey,
    /// It was changed, or stands in another place than where it was sealed.
    #[error("the seal is broken: changed, or not in its place")]
    Broken,
}

/// Why a set of keys cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum KeysFlaw {
    /// Two keys have one id.
    #[error("two keys have the id {id}")]
    Twice {
        /// The id.
        id: u8,
    },
    /// There is no key at all.
    #[error("there is no key")]
    None,
}

/// A member's own key: whatever is sealed with it is lost for ever when its wrapped form is.
pub struct DataKey(LessSafeKey);

impl DataKey {
    /// A key of these random bytes.
    #[must_use]
    pub fn new(secret: &[u8; 32]) -> Self {
        Self(key_of(secret))
    }

    /// Seals a value for its place. `nonce` must be fresh randomness.
    #[must_use]
    pub fn seal(&self, cell: Cell<'_>, value: &str, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        seal_with(&self.0, OWN_KEY, cell, value.as_bytes(), nonce)
    }

    /// Opens a value that stands in its place.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Pii<String>, SealBroken> {
        match key_id(sealed)? {
            OWN_KEY => text(open_with(&self.0, OWN_KEY, cell, sealed)?),
            id => Err(SealBroken::UnknownKey { id }),
        }
    }
}

/// Seals and opens the values of sealed columns that no data key seals, and wraps data keys.
pub struct ColumnCipher {
    /// The active one first.
    keys: Vec<(u8, LessSafeKey)>,
}

impl std::fmt::Debug for ColumnCipher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ids: Vec<u8> = self.keys.iter().map(|(id, _)| *id).collect();
        f.debug_struct("ColumnCipher").field("keys", &ids).field("active", &self.active_id()).finish()
    }
}

impl ColumnCipher {
    /// A cipher that seals with the first of `keys` and opens with any of them.
    ///
    /// # Errors
    /// [`KeysFlaw`].
    pub fn new(keys: &[(u8, [u8; 32])]) -> Result<Self, KeysFlaw> {
        let mut known: Vec<(u8, LessSafeKey)> = Vec::with_capacity(keys.len());
        for (id, secret) in keys {
            if known.iter().any(|(other, _)| other == id) {
                return Err(KeysFlaw::Twice { id: *id });
            }
            known.push((*id, key_of(secret)));
        }
        if known.is_empty() { Err(KeysFlaw::None) } else { Ok(Self { keys: known }) }
    }

    /// The id of the key that seals.
    #[must_use]
    pub fn active_id(&self) -> u8 {
        self.keys[0].0
    }

    /// Seals a value for its place. `nonce` must be fresh randomness.
    #[must_use]
    pub fn seal(&self, cell: Cell<'_>, value: &str, nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let (id, key) = &self.keys[0];
        seal_with(key, *id, cell, value.as_bytes(), nonce)
    }

    /// Opens a value that stands in its place.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn open(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Pii<String>, SealBroken> {
        text(self.open_bytes(cell, sealed)?)
    }

    /// Wraps the secret of a member's data key. `nonce` must be fresh randomness.
    #[must_use]
    pub fn wrap(&self, member: MemberId, secret: &[u8; 32], nonce: [u8; NONCE_LEN]) -> Vec<u8> {
        let (id, key) = &self.keys[0];
        seal_with(key, *id, wrapped_in(member), secret, nonce)
    }

    /// Unwraps a member's data key.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn unwrap(&self, member: MemberId, wrapped: &[u8]) -> Result<DataKey, SealBroken> {
        Ok(DataKey::new(&self.secret_of(member, wrapped)?))
    }

    /// Wraps a member's data key anew, by the active master key. `nonce` must be fresh randomness.
    ///
    /// # Errors
    /// [`SealBroken`].
    pub fn rewrap(
        &self,
        member: MemberId,
        wrapped: &[u8],
        nonce: [u8; NONCE_LEN],
    ) -> Result<Vec<u8>, SealBroken> {
        Ok(self.wrap(member, &self.secret_of(member, wrapped)?, nonce))
    }

    fn secret_of(&self, member: MemberId, wrapped: &[u8]) -> Result<[u8; 32], SealBroken> {
        let secret = self.open_bytes(wrapped_in(member), wrapped)?;
        secret.as_slice().try_into().map_err(|_| SealBroken::Broken)
    }

    fn open_bytes(&self, cell: Cell<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
        let id = key_id(sealed)?;
        if id == OWN_KEY {
            return Err(SealBroken::NoDataKey);
        }
        let known = self.keys.iter().find(|(known, _)| *known == id);
        let (_, key) = known.ok_or(SealBroken::UnknownKey { id })?;
        open_with(key, id, cell, sealed)
    }
}

fn key_of(secret: &[u8; 32]) -> LessSafeKey {
    LessSafeKey::new(UnboundKey::new(&AES_256_GCM, secret).expect("AES-256 takes 32 bytes"))
}

const fn wrapped_in(member: MemberId) -> Cell<'static> {
    Cell { column: DATA_KEY, member, row: &[] }
}

fn seal_with(key: &LessSafeKey, id: u8, cell: Cell<'_>, value: &[u8], nonce: [u8; NONCE_LEN]) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len() + TAG);
    text.extend_from_slice(value);
    key.seal_in_place_append_tag(
        Nonce::assume_unique_for_key(nonce),
        Aad::from(bound_to(cell, id)),
        &mut text,
    )
    .expect("a short value is below the cipher's limit");
    let mut sealed = Vec::with_capacity(HEADER + NONCE_LEN + text.len());
    sealed.push(FORMAT);
    sealed.push(id);
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    sealed
}

fn open_with(key: &LessSafeKey, id: u8, cell: Cell<'_>, sealed: &[u8]) -> Result<Vec<u8>, SealBroken> {
    let (nonce, text) = sealed[HEADER..].split_first_chunk().ok_or(SealBroken::Format)?;
    let mut text = text.to_vec();
    let plain = key
        .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(bound_to(cell, id)), &mut text)
        .map_err(|_| SealBroken::Broken)?;
    let length = plain.len();
    text.truncate(length);
    Ok(text)
}

fn text(bytes: Vec<u8>) -> Result<Pii<String>, SealBroken> {
    String::from_utf8(bytes).map(Pii::new).map_err(|_| SealBroken::Broken)
}

/// The id of the key that a value was sealed with.
///
/// # Errors
/// [`SealBroken::Format`].
pub fn key_id(sealed: &[u8]) -> Result<u8, SealBroken> {
    match sealed {
        [FORMAT, id, rest @ ..] if rest.len() >= NONCE_LEN + TAG => Ok(*id),
        _ => Err(SealBroken::Format),
    }
}

/// The associated data. Table and column are our own words without NUL, and the member id has a fixed length, so no
/// two places share it.
fn bound_to(cell: Cell<'_>, key: u8) -> Vec<u8> {
    let SealedColumn { table, column } = cell.column;
    let mut bound = Vec::with_capacity(64);
    bound.push(FORMAT);
    bound.push(key);
    bound.extend_from_slice(table.as_bytes());
    bound.push(0);
    bound.extend_from_slice(column.as_bytes());
    bound.push(0);
    bound.extend_from_slice(cell.member.as_uuid().as_bytes());
    bound.extend_from_slice(cell.row);
    bound
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cipher(ids: &[u8]) -> ColumnCipher {
        let keys: Vec<_> = ids.iter().map(|id| (*id, [*id; 32])).collect();
        ColumnCipher::new(&keys).expect("good keys")
    }

    fn member(number: u128) -> MemberId {
        MemberId::from_uuid(Uuid::from_u128(number))
    }

    fn name_of(number: u128) -> Cell<'static> {
        Cell { column: FIRST_NAME, member: member(number), row: &[] }
    }

    #[test]
    fn a_value_moved_to_another_place_does_not_open() {
        let cipher = cipher(&[1]);
        let sealed =
            cipher.seal(Cell { column: IDENTIFIER, member: member(1), row: b"a" }, "+98912", [7; 12]);
        for (column, owner, row) in [
            (IDENTIFIER, 2, b"a".as_slice()),
            (IDENTIFIER, 1, b"b".as_slice()),
            (IDENTIFIER, 1, b"".as_slice()),
            (FIRST_NAME, 1, b"a".as_slice()),
        ] {
            let moved = Cell { column, member: member(owner), row };
            assert_eq!(cipher.open(moved, &sealed), Err(SealBroken::Broken));
        }
    }

    #[test]
    fn older_keys_still_open_and_the_active_one_seals() {
        let before = cipher(&[1]);
        let after = cipher(&[2, 1]);
        let old = before.seal(name_of(1), "Zahra", [1; 12]);
        let new = after.seal(name_of(1), "Zahra", [2; 12]);
        assert_eq!((key_id(&old), key_id(&new)), (Ok(1), Ok(2)));
        assert_eq!(after.open(name_of(1), &old), Ok(Pii::new("Zahra".to_owned())));
        assert_eq!(before.open(name_of(1), &new), Err(SealBroken::UnknownKey { id: 2 }));
    }

    #[test]
    fn a_data_key_unwraps_for_its_member_alone_and_survives_a_change_of_master_keys() {
        let (before, after) = (cipher(&[1]), cipher(&[2, 1]));
        let sealed = DataKey::new(&[5; 32]).seal(name_of(1), "Zahra", [1; 12]);
        assert_eq!(key_id(&sealed), Ok(OWN_KEY));
        let wrapped = before.wrap(member(1), &[5; 32], [2; 12]);
        assert_eq!(before.unwrap(member(2), &wrapped).err(), Some(SealBroken::Broken));
        let again = after.rewrap(member(1), &wrapped, [3; 12]).expect("it unwraps");
        assert_eq!((key_id(&wrapped), key_id(&again)), (Ok(1), Ok(2)));
        let key = cipher(&[2]).unwrap(member(1), &again).expect("the new key is enough");
        assert_eq!(key.open(name_of(1), &sealed), Ok(Pii::new("Zahra".to_owned())));
        assert_eq!(before.unwrap(member(1), &again).err(), Some(SealBroken::UnknownKey { id: 2 }));
    }

    #[test]
    fn a_data_key_opens_nothing_of_others_and_no_master_key_opens_what_it_sealed() {
        let (key, master) = (DataKey::new(&[5; 32]), cipher(&[1]));
        let (own, direct) =
            (key.seal(name_of(1), "Zahra", [1; 12]), master.seal(name_of(1), "Zahra", [1; 12]));
        assert_eq!(key.open(name_of(2), &own), Err(SealBroken::Broken));
        assert_eq!(DataKey::new(&[6; 32]).open(name_of(1), &own), Err(SealBroken::Broken));
        assert_eq!(key.open(name_of(1), &direct), Err(SealBroken::UnknownKey { id: 1 }));
        assert_eq!(master.open(name_of(1), &own), Err(SealBroken::NoDataKey));
        assert_eq!(key.open(name_of(1), &[1, 0, 7]), Err(SealBroken::Format));
    }

    #[test]
    fn a_relabelled_key_does_not_open() {
        let cipher = ColumnCipher::new(&[(1, [9; 32]), (2, [9; 32])]).expect("good keys");
        let mut sealed = cipher.seal(name_of(1), "Zahra", [1; 12]);
        sealed[1] = 2;
        assert_eq!(cipher.open(name_of(1), &sealed), Err(SealBroken::Broken));
    }

    #[test]
    fn keys_are_checked_and_not_shown() {
        let keys = [(1, [250; 32]), (1, [251; 32])];
        assert_eq!(ColumnCipher::new(&keys).err(), Some(KeysFlaw::Twice { id: 1 }));
        assert_eq!(ColumnCipher::new(&[]).err(), Some(KeysFlaw::None));
        let shown = format!("{:?}", ColumnCipher::new(&keys[..1]));
        assert!(!shown.contains("250"), "{shown}");
    }

    proptest! {
        #[test]
        fn what_is_sealed_opens_in_its_place(value in any::<String>(), nonce in any::<[u8; 12]>(), owner in any::<u128>()) {
            let cipher = cipher(&[4, 3]);
            let sealed = cipher.seal(name_of(owner), &value, nonce);
            prop_assert_eq!(cipher.open(name_of(owner), &sealed), Ok(Pii::new(value.clone())));
            if value.len() > 4 {
                prop_assert!(!sealed.windows(value.len()).any(|part| part == value.as_bytes()));
            }
        }

        #[test]
        fn one_changed_bit_breaks_it(value in ".{0,40}", place in any::<prop::sample::Index>(), bit in 0_u32..8) {
            let cipher = cipher(&[3]);
            let mut sealed = cipher.seal(name_of(1), &value, [5; 12]);
            let place = place.index(sealed.len());
            sealed[place] ^= 1 << bit;
            prop_assert!(cipher.open(name_of(1), &sealed).is_err());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert!(cipher(&[1]).open(name_of(1), &bytes).is_err());
        }
    }
}
