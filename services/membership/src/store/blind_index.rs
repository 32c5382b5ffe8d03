//! The blind index: under which key a member is found, and how that changes while the service runs.
//!
//! **All processes write under one key, the current one, which the database names**; who looks somebody up does so under every key that
//! they have. A transaction that writes a keyed hash holds that word until it ends, and a change of the current key waits for such
//! transactions: what was written under the former key is there for whoever writes under the new one, and has only to be looked
//! for. So a phone leads to one member at most at every moment, whatever settings the processes have.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use anyhow::{Context as _, anyhow, bail};
use kernel::{Digest16, Timestamp};
use ring::hmac;
use runtime::{BlindKey, BlindKeys};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QuerySelect, sea_query::OnConflict,
};
use store::Tx;

use super::{
    Vault, instant,
    tables::{
        blind_index::{ActiveModel, Column, Entity, Model, ONLY},
        card_stock, identifiers, occasions,
    },
};
use crate::{
    domain::identifier::{Identifier, Indexed},
    error::Error,
};

/// The keys of the blind index, and which of them the database named last as the current one.
#[derive(Clone)]
pub struct BlindIndex {
    keys: BlindKeys,
    current: Arc<AtomicU8>,
    derived: Arc<[Derived]>,
    lasting: hmac::Key,
}

/// What is derived from one key.
struct Derived {
    id: u8,
    code: hmac::Key,
    day: hmac::Key,
}

impl BlindIndex {
    /// With these keys. Until the database says otherwise the oldest one that members are found by is current.
    #[must_use]
    pub fn new(keys: BlindKeys) -> Self {
        let oldest = keys.sought().iter().map(BlindKey::id).min().unwrap_or_default();
        let derived = keys.sought().iter().map(|key| Derived {
            id: key.id(),
            code: key.derived("one-time codes"),
            day: key.derived("days of the year"),
        });
        Self {
            derived: derived.collect(),
            lasting: keys.oldest().derived("one-time codes"),
            current: Arc::new(AtomicU8::new(oldest)),
            keys,
        }
    }

    /// The keys.
    #[must_use]
    pub const fn keys(&self) -> &BlindKeys {
        &self.keys
    }

    /// The key that the database named last as the current one.
    fn current(&self) -> &BlindKey {
        self.keys.of(self.current.load(Ordering::Relaxed)).unwrap_or_else(|_| self.keys.wanted())
    }

    fn derived(&self) -> impl Iterator<Item = &Derived> {
        let current = self.current().id();
        let first = self.derived.iter().filter(move |derived| derived.id == current);
        first.chain(self.derived.iter().filter(move |derived| derived.id != current))
    }

    /// The keys of what is good for a short time: with the first one it is made, with any of them it is known again.
    pub(super) fn code_keys(&self) -> impl Iterator<Item = &hmac::Key> {
        self.derived().map(|derived| &derived.code)
    }

    /// The first of them.
    pub(super) fn code_key(&self) -> &hmac::Key {
        self.code_keys().next().unwrap_or(&self.lasting)
    }

    /// The key of what is kept as a hash alone, and for long. It stays for as long as the oldest key does.
    pub(super) const fn lasting_key(&self) -> &hmac::Key {
        &self.lasting
    }

    /// The keys of days, with their ids.
    pub(super) fn day_keys(&self) -> impl Iterator<Item = (u8, &hmac::Key)> {
        self.derived().map(|derived| (derived.id, &derived.day))
    }
}

impl Vault {
    /// The identifier with its keyed hashes: the one under the current key, and the others under which it may be kept still.
    #[must_use]
    pub fn index(&self, identifier: Identifier) -> Indexed {
        self.indexed_under(self.blind.current(), identifier)
    }

    /// The same, written under a key that a transaction holds as the current one.
    pub(super) fn indexed_under(&self, key: &BlindKey, identifier: Identifier) -> Indexed {
        let under = |key: &BlindKey| key.digest(identifier.kind(), identifier.normal());
        let others = self.blind.keys.sought().iter().filter(|other| other.id() != key.id());
        Indexed { digest: under(key), also: others.map(under).collect(), identifier }
    }

    /// The keyed hashes under which something is looked for that is kept under `digest` by whoever wrote it.
    pub(super) fn code_digests<const N: usize>(&self, subject: &[u8]) -> Vec<[u8; N]> {
        let sign = |key| *hmac::sign(key, subject).as_ref().first_chunk().expect("HMAC-SHA-256 has 32 bytes");
        self.blind.code_keys().map(sign).collect()
    }

    /// The keyed hash under which something short-lived is kept from now on.
    pub(super) fn code_digest_of<const N: usize>(&self, subject: &[u8]) -> [u8; N] {
        let tag = hmac::sign(self.blind.code_key(), subject);
        *tag.as_ref().first_chunk().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// The keyed hash under which something is kept for long.
    pub(super) fn lasting_digest_of<const N: usize>(&self, subject: &[u8]) -> [u8; N] {
        let tag = hmac::sign(self.blind.lasting_key(), subject);
        *tag.as_ref().first_chunk().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Whether `tag` is a short-lived subject's; takes as long for a wrong one as for the right one.
    pub(super) fn is_code_digest(&self, subject: &[u8], tag: &[u8]) -> bool {
        self.blind.code_keys().fold(false, |fits, key| fits | hmac::verify(key, subject, tag).is_ok())
    }
}

/// Which key the rows are written under, and which one some may hang on still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    /// The key that everything is written under.
    pub current: u8,
    /// The one before, while rows hang on it.
    pub former: Option<u8>,
    /// When the current key became so; nothing for the first one.
    pub changed_at: Option<Timestamp>,
}

/// What a transaction that writes a keyed hash holds: the current key stays so until it ends.
///
/// # Errors
/// A fault of the database, or a process that lacks a key.
pub async fn hold<'v>(tx: &Tx, vault: &'v Vault) -> Result<&'v BlindKey, Error> {
    let row = Entity::find_by_id(ONLY).lock_shared().one(tx).await?;
    let state = known(vault, row.as_ref())?;
    vault.blind.current.store(state.current, Ordering::Relaxed);
    Ok(vault.blind.keys.of(state.current)?)
}

/// Learns which key is current.
///
/// # Errors
/// A fault of the database, or a process that lacks a key.
pub async fn refresh(vault: &Vault) -> Result<State, Error> {
    let row = Entity::find_by_id(ONLY).one(vault.database.connection()).await?;
    let state = known(vault, row.as_ref())?;
    vault.blind.current.store(state.current, Ordering::Relaxed);
    Ok(state)
}

/// What the row says, if this process has the keys that it names, and they are the same keys.
fn known(vault: &Vault, row: Option<&Model>) -> Result<State, Error> {
    let row = row.ok_or_else(|| anyhow!("the blind index has no key yet: start membership first"))?;
    let id = |id: i16| u8::try_from(id).map_err(|_| anyhow!("a row names the key {id}"));
    let state = State {
        current: id(row.current_key)?,
        former: row.former_key.map(id).transpose()?,
        changed_at: row.changed_at.map(instant),
    };
    is_the_same(vault, state.current, row.current_sign.as_deref())?;
    if let Some(former) = state.former {
        is_the_same(vault, former, row.former_sign.as_deref())?;
    }
    Ok(state)
}

fn is_the_same(vault: &Vault, id: u8, sign: Option<&[u8]>) -> anyhow::Result<()> {
    let key = vault.blind.keys.of(id)?;
    if sign.is_some_and(|sign| sign != key.sign().0) {
        bail!("key {id} in secrets.blind_index_key is not the key {id} by which members are found");
    }
    Ok(())
}

/// Notes the first key, where the database knows of none; forgets the former one, where nothing hangs on it and it was taken away.
///
/// # Errors
/// A fault of the database, or keys that are missing while rows hang on them, with what to do.
pub async fn begin(vault: &Vault) -> anyhow::Result<State> {
    let tx = vault.database.begin().await?;
    let wanted = vault.blind.keys.wanted();
    let first = Model {
        id: ONLY,
        current_key: wanted.id().into(),
        current_sign: Some(wanted.sign().0.to_vec()),
        former_key: None,
        former_sign: None,
        changed_at: None,
    };
    let if_none = OnConflict::column(Column::Id).do_nothing().to_owned();
    Entity::insert(first.into_active_model()).on_conflict(if_none).exec_without_returning(&tx).await?;
    let row = Entity::find_by_id(ONLY).lock_exclusive().one(&tx).await?.context("the key was noted")?;
    let mut changed = ActiveModel { id: Set(ONLY), ..Default::default() };
    if let Some(former) = row.former_key
        && vault.blind.keys.sought().iter().all(|key| i16::from(key.id()) != former)
    {
        let left = hanging_on(&tx, former).await?;
        if left.all() > 0 {
            bail!(
                "{left} hang on key {former} of the blind index: put it back into secrets.blind_index_key, behind the other one, and run `vafa keys rotate`"
            );
        }
        (changed.former_key, changed.former_sign) = (Set(None), Set(None));
    }
    if let (None, Ok(key)) = (&row.current_sign, vault.blind.keys.of(u8::try_from(row.current_key)?)) {
        changed.current_sign = Set(Some(key.sign().0.to_vec()));
    }
    if changed.former_key.is_set() || changed.current_sign.is_set() {
        Entity::update(changed).exec(&tx).await?;
    }
    tx.commit().await?;
    if vault.blind.keys.of(u8::try_from(row.current_key)?).is_err() {
        let left = hanging_on(vault.database.connection(), row.current_key).await?;
        bail!(
            "members are found by key {} of the blind index ({left} hang on it), which secrets.blind_index_key does not have: put it back, behind the new one, and run `vafa keys rotate` before it goes",
            row.current_key
        );
    }
    Ok(refresh(vault).await?)
}

/// Makes the wanted key the current one, where it is not: from the end of this transaction on everything is written under it.
/// Answers how the index stands then.
///
/// # Errors
/// A fault of the database, or a key that is not there.
pub async fn turn(tx: &Tx, vault: &Vault, now: Timestamp) -> Result<State, Error> {
    let row = Entity::find_by_id(ONLY).lock_exclusive().one(tx).await?;
    let state = known(vault, row.as_ref())?;
    let wanted = vault.blind.keys.wanted();
    if state.current == wanted.id() {
        return Ok(state);
    }
    if let Some(former) = state.former.filter(|former| *former != wanted.id()) {
        let left = hanging_on(tx, former.into()).await?;
        if left.all() > 0 {
            return Err(anyhow!("{left} hang on key {former} still: finish that change first").into());
        }
    }
    let before = vault.blind.keys.of(state.current)?;
    let changed = ActiveModel {
        id: Set(ONLY),
        current_key: Set(wanted.id().into()),
        current_sign: Set(Some(wanted.sign().0.to_vec())),
        former_key: Set(Some(before.id().into())),
        former_sign: Set(Some(before.sign().0.to_vec())),
        changed_at: Set(Some(now.micros())),
    };
    Entity::update(changed).exec(tx).await?;
    Ok(State { current: wanted.id(), former: Some(before.id()), changed_at: Some(now) })
}

/// How many rows hang on a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hanging {
    /// Phones and cards of members.
    pub identifiers: u64,
    /// Cards that wait in batches, or came from one.
    pub stock: u64,
    /// Birthdays.
    pub birthdays: u64,
}

impl Hanging {
    /// All together.
    #[must_use]
    pub const fn all(&self) -> u64 {
        self.identifiers + self.stock + self.birthdays
    }
}

impl std::fmt::Display for Hanging {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { identifiers, stock, birthdays } = self;
        write!(f, "{identifiers} phones and cards, {stock} cards of batches and {birthdays} birthdays")
    }
}

/// How many rows hang on the key of this id.
///
/// # Errors
/// A fault of the database.
pub async fn hanging_on(on: &impl ConnectionTrait, key: i16) -> Result<Hanging, Error> {
    let birthdays = occasions::Entity::find().filter(occasions::Column::Birthday.is_not_null());
    Ok(Hanging {
        identifiers: identifiers::Entity::find()
            .filter(identifiers::Column::BlindKey.eq(key))
            .count(on)
            .await?,
        stock: card_stock::Entity::find().filter(card_stock::Column::BlindKey.eq(key)).count(on).await?,
        birthdays: birthdays.filter(occasions::Column::BirthdayKey.eq(key)).count(on).await?,
    })
}

/// The ids of the keys that rows hang on, with how many do.
///
/// # Errors
/// A fault of the database.
pub async fn keys_in_use(on: &impl ConnectionTrait) -> Result<Vec<(i16, Hanging)>, Error> {
    let mut ids: Vec<i16> = Vec::new();
    let known = identifiers::Entity::find().select_only().column(identifiers::Column::BlindKey).distinct();
    ids.extend(known.into_tuple::<i16>().all(on).await?);
    let stock = card_stock::Entity::find().select_only().column(card_stock::Column::BlindKey).distinct();
    ids.extend(stock.into_tuple::<i16>().all(on).await?);
    let days = occasions::Entity::find().select_only().column(occasions::Column::BirthdayKey).distinct();
    let days = days.filter(occasions::Column::Birthday.is_not_null());
    ids.extend(days.into_tuple::<i16>().all(on).await?);
    ids.sort_unstable();
    ids.dedup();
    let mut found = Vec::with_capacity(ids.len());
    for id in ids {
        found.push((id, hanging_on(on, id).await?));
    }
    Ok(found)
}

/// A keyed hash as rows hold it.
pub(super) fn bytes(digest: Digest16) -> Vec<u8> {
    digest.0.to_vec()
}
