//! The keys that sign access tokens, sealed, and what this replica has read of them.

use std::{
    fmt::Write as _,
    sync::{Arc, PoisonError, RwLock},
};

use anyhow::{Context as _, anyhow};
use kernel::Timestamp;
use sea_orm::{ConnectionTrait, EntityTrait, IntoActiveModel, QueryOrder, sea_query::OnConflict};
use web::TokenKey;

use super::{
    Vault,
    cipher::{Cell, NOBODY, SIGNING_KEY},
    instant,
    tables::signing_keys,
};
use crate::{
    domain::signing_key::{Turn, signs},
    error::Error,
};

/// A key and its turn.
#[derive(Debug, Clone)]
pub struct SigningKey {
    /// When it signs.
    pub turn: Turn,
    /// The key.
    pub key: TokenKey,
}

/// What this replica read last; read again before a key that it does not know could sign.
#[derive(Debug, Clone, Default)]
pub struct KeyRing(Arc<RwLock<Arc<Vec<SigningKey>>>>);

impl KeyRing {
    /// The keys that were read last, oldest first.
    #[must_use]
    pub fn keys(&self) -> Arc<Vec<SigningKey>> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The key that signs now.
    ///
    /// # Errors
    /// A fault while there is none, which the start of the service prevents.
    pub fn signs(&self, now: Timestamp) -> Result<TokenKey, Error> {
        let keys = self.keys();
        let turns: Vec<Turn> = keys.iter().map(|key| key.turn).collect();
        let turn = signs(&turns, now);
        let key = keys.iter().find(|key| Some(key.turn) == turn).map(|key| key.key.clone());
        key.ok_or_else(|| Error::Fault(anyhow!("there is no key to sign access tokens")))
    }

    /// Reads all keys again; answers the turns of all of them. A key that does not open, since the data key that sealed it
    /// is lost, is left out: its tokens are not good any more, and everybody signs in again.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn read_again(&self, on: &impl ConnectionTrait, vault: &Vault) -> Result<Vec<Turn>, Error> {
        let rows = signing_keys::Entity::find().order_by_asc(signing_keys::Column::Number).all(on).await?;
        let turns = rows.iter().map(turn).collect();
        let mut keys = Vec::with_capacity(rows.len());
        for row in &rows {
            match open(vault, row) {
                Ok(key) => keys.push(key),
                Err(fault) => tracing::error!(
                    target: "vafa::membership",
                    fault = format!("{:#}", anyhow::Error::from(fault)),
                    "a key for access tokens does not open"
                ),
            }
        }
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
        Ok(turns)
    }
}

/// Stores a key of these random bytes; a parallel writer of the same number keeps theirs.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    on: &impl ConnectionTrait,
    vault: &Vault,
    turn: Turn,
    seed: &[u8; 32],
) -> Result<(), Error> {
    let hex = seed.iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    let row = signing_keys::Model {
        number: turn.number,
        signs_from: turn.signs_from.micros(),
        secret: vault.seal(cell(&turn.number.to_be_bytes()), &hex),
    };
    let first = OnConflict::column(signing_keys::Column::Number).do_nothing().to_owned();
    let insert = signing_keys::Entity::insert(row.into_active_model()).on_conflict(first);
    insert.exec_without_returning(on).await?;
    Ok(())
}

fn cell(number: &[u8]) -> Cell<'_> {
    Cell { column: SIGNING_KEY, member: NOBODY, row: number }
}

fn open(vault: &Vault, row: &signing_keys::Model) -> Result<SigningKey, Error> {
    let number = row.number;
    let hex = vault.cipher.open(cell(&number.to_be_bytes()), &row.secret);
    let hex = hex.with_context(|| format!("signing key {number}"))?;
    let bytes: Option<Vec<u8>> = hex
        .expose()
        .as_bytes()
        .chunks_exact(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    let seed = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    let seed = seed.with_context(|| format!("signing key {number} is broken"))?;
    Ok(SigningKey { turn: turn(row), key: TokenKey::from_seed(&seed) })
}

fn turn(row: &signing_keys::Model) -> Turn {
    Turn { number: row.number, signs_from: instant(row.signs_from) }
}
