//! Rows and what they mean: the only room that knows `SeaORM`.
//!
//! Names and identifiers are sealed on the way in and opened on the way out (`cipher`, `member_seal`), and found by a
//! keyed hash.
//! Functions that write take a transaction; functions that read take any connection.

pub mod activity;
pub mod archives;
pub mod card_batches;
pub mod card_tokens;
pub mod cards;
pub mod cipher;
pub mod consents;
pub mod direct_seals;
pub mod enrolments;
pub mod erasures;
pub mod held;
pub mod households;
pub mod inbound_texts;
pub mod invitations;
pub mod kept;
pub mod key_rotation;
pub mod looks;
pub mod member_seal;
pub mod members;
pub mod merges;
pub mod merging;
pub mod migrations;
pub mod occasions;
pub mod partners;
pub mod passwords;
pub mod phone_changes;
pub mod places;
pub mod plans;
pub mod profile;
pub mod questions;
pub mod referral_terms;
pub mod referrals;
pub mod retention;
pub mod sessions;
pub mod sign_ins;
pub mod signing_keys;
pub mod staff;
pub mod staff_accounts;
pub mod staff_sessions;
pub mod staff_subjects;
pub mod subscriptions;
mod tables;
pub mod telling;
pub mod ties;
pub mod tills;

use std::{str::FromStr, sync::Arc};

use anyhow::anyhow;
use kernel::{Digest16, Ids, Language, SignInId, Timestamp};
use ring::hmac;
use runtime::BlindKey;
use sea_orm::DbErr;
use store::{Database, StoreError};

use self::cipher::{Cell, ColumnCipher};
use crate::{
    domain::{
        birthday::DayOfYear,
        code::OneTimeCode,
        code_window::Counted,
        device::Installation,
        identifier::{Identifier, Indexed},
        name::PlaceNames,
        sign_in::SignIn,
    },
    error::Error,
};

/// The service's database, with the keys to what is sealed in it.
#[derive(Clone)]
pub struct Vault {
    /// The database.
    pub database: Database,
    /// Seals and opens what belongs to no member, and wraps the keys of members.
    pub cipher: Arc<ColumnCipher>,
    /// Finds identifiers.
    pub blind_key: BlindKey,
    /// Hashes one-time codes, and what is counted of them.
    pub code_key: hmac::Key,
    /// Hashes days of the year, so that birthdays are found without opening what members answered.
    pub day_key: hmac::Key,
    /// Randomness for nonces.
    pub ids: Arc<dyn Ids>,
}

impl Vault {
    /// The identifier with its keyed hash.
    #[must_use]
    pub fn index(&self, identifier: Identifier) -> Indexed {
        let digest = self.blind_key.digest(identifier.kind(), identifier.normal());
        Indexed { identifier, digest }
    }

    /// The keyed hash under which a code is kept: bound to its sign-in, so that equal codes look different.
    #[must_use]
    pub fn code_digest(&self, id: SignInId, code: &OneTimeCode) -> [u8; 32] {
        let tag = hmac::sign(&self.code_key, &coded_bytes(id, code));
        tag.as_ref().try_into().expect("HMAC-SHA-256 has 32 bytes")
    }

    /// Whether this is the code; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn fits(&self, sign_in: &SignIn, code: &OneTimeCode) -> bool {
        hmac::verify(&self.code_key, &coded_bytes(sign_in.id, code), &sign_in.code).is_ok()
    }

    /// The keyed hash under which askings are counted.
    #[must_use]
    pub fn counted_digest(&self, counted: Counted, subject: &str) -> Digest16 {
        let tag = hmac::sign(&self.code_key, format!("{}:{subject}", counted.word()).as_bytes());
        Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    /// The keyed hash by which the birthdays of a day are found. There are few days in a year: it hides them from whoever has
    /// the database, not from whoever has the key.
    #[must_use]
    pub fn day_digest(&self, day: DayOfYear) -> Digest16 {
        let tag = hmac::sign(&self.day_key, day.normal().as_bytes());
        Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    /// The keyed hash under which an installation of the app is kept.
    #[must_use]
    pub fn installation_digest(&self, installation: &Installation) -> Digest16 {
        let tag = hmac::sign(&self.code_key, format!("installation:{}", installation.text()).as_bytes());
        Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
    }

    fn seal(&self, cell: Cell<'_>, value: &str) -> Vec<u8> {
        self.cipher.seal(cell, value, self.nonce())
    }
}

fn coded_bytes(id: SignInId, code: &OneTimeCode) -> Vec<u8> {
    [b"code:".as_slice(), id.as_uuid().as_bytes(), code.digits().as_bytes()].concat()
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

/// A code or id that a row holds as text.
fn coded<T: FromStr>(text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Fault(anyhow!("a row holds {text:?} where a code belongs")))
}

/// A count or sequence number that a row holds as a signed number.
fn counted(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|_| Error::Fault(anyhow!("a row holds the negative count {number}")))
}

/// A count or sequence number as rows hold it.
fn signed(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|_| Error::Fault(anyhow!("the count {number} does not fit a row")))
}

fn spoken(tag: &str) -> Result<Language, Error> {
    Language::parse(tag).map_err(|_| Error::Fault(anyhow!("a row holds the unknown language {tag:?}")))
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// Names as rows hold them: Persian, Arabic, English.
fn names_of(row: &[Option<String>; 3]) -> Result<PlaceNames, Error> {
    let given = Language::ALL.into_iter().zip(row).filter_map(|(l, text)| Some((l, text.as_deref()?)));
    PlaceNames::parse(given).map_err(|_| Error::Fault(anyhow!("a place's row has no readable name")))
}

fn name_columns(names: &PlaceNames) -> [Option<String>; 3] {
    Language::ALL.map(|language| names.text(language).map(str::to_owned))
}
