//! Rows and what they mean: the only room that knows `SeaORM`.
//!
//! Names and identifiers are sealed on the way in and opened on the way out (`cipher`, `member_seal`), and found by a
//! keyed hash.
//! Functions that write take a transaction; functions that read take any connection.

pub mod activity;
pub mod archives;
pub mod blind_index;
pub mod blind_move;
pub mod card_batches;
pub mod card_tokens;
pub mod cards;
pub mod checkouts;
pub mod cipher;
pub mod consents;
pub mod contacts;
pub mod direct_seals;
pub mod enrolments;
pub mod erasures;
pub mod held;
pub mod households;
pub mod inbound_texts;
pub mod invitations;
pub mod joinings;
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
pub mod strays;
pub mod subscriptions;
mod tables;
pub mod telling;
pub mod ties;
pub mod tills;
pub mod vouchings;

use std::{str::FromStr, sync::Arc};

use anyhow::anyhow;
use kernel::{Digest16, Ids, Language, SignInId, Timestamp};
use ring::hmac;
use sea_orm::DbErr;
use store::{Database, StoreError};

use self::{
    blind_index::BlindIndex,
    cipher::{Cell, ColumnCipher},
};
use crate::{
    domain::{
        birthday::DayOfYear, code::OneTimeCode, code_window::Counted, device::Installation, name::PlaceNames,
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
    /// Finds identifiers and birthdays, and hashes one-time codes and what is counted of them.
    pub blind: BlindIndex,
    /// Randomness for nonces.
    pub ids: Arc<dyn Ids>,
}

impl Vault {
    /// The keyed hash under which a code is kept: bound to its sign-in, so that equal codes look different.
    #[must_use]
    pub fn code_digest(&self, id: SignInId, code: &OneTimeCode) -> [u8; 32] {
        self.code_digest_of(&coded_bytes(id, code))
    }

    /// Whether this is the code; takes as long for a wrong one as for the right one.
    #[must_use]
    pub fn fits(&self, sign_in: &SignIn, code: &OneTimeCode) -> bool {
        self.is_code_digest(&coded_bytes(sign_in.id, code), &sign_in.code)
    }

    /// The keyed hash under which askings are counted.
    #[must_use]
    pub fn counted_digest(&self, counted: Counted, subject: &str) -> Digest16 {
        Digest16(self.code_digest_of(format!("{}:{subject}", counted.word()).as_bytes()))
    }

    /// The keyed hashes by which the birthdays of a day are found, with the keys that they are from. There are few days in a year:
    /// they hide them from whoever has the database, not from whoever has the key.
    pub fn day_digests(&self, day: DayOfYear) -> impl Iterator<Item = (u8, Digest16)> {
        let digest = move |key| {
            let tag = hmac::sign(key, day.normal().as_bytes());
            Digest16::first_of(tag.as_ref()).expect("HMAC-SHA-256 has 32 bytes")
        };
        self.blind.day_keys().map(move |(id, key)| (id, digest(key)))
    }

    /// The keyed hash under which an installation of the app is kept.
    #[must_use]
    pub fn installation_digest(&self, installation: &Installation) -> Digest16 {
        Digest16(self.lasting_digest_of(format!("installation:{}", installation.text()).as_bytes()))
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
