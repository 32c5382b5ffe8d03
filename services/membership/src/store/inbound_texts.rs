//! Texts that came to the club's number, by keyed hashes: of the provider's id, and of sender and contents.

use anyhow::Context as _;
use kernel::{Digest16, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    sea_query::OnConflict,
};
use store::Tx;

use super::{
    Vault, instant,
    tables::{inbound_texts, text_askings},
};
use crate::{
    domain::{code::OneTimeCode, identifier::Indexed},
    error::Error,
};

/// A text that was noted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted {
    /// The keyed hash of the provider's id.
    pub digest: Digest16,
    /// The keyed hash of who sent what.
    pub contents: Digest16,
    /// Whether it was answered with a code.
    pub asks: bool,
    /// When.
    pub noted_at: Timestamp,
}

/// A code that was sent back to a phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The keyed hash of the phone.
    pub phone: Digest16,
    /// The text that it answered, which it is made from.
    pub text: Digest16,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl Vault {
    /// The keyed hash under which a text, or what it says, is noted.
    #[must_use]
    pub fn text_digest(&self, subject: &str) -> Digest16 {
        Digest16(self.lasting_digest_of(format!("inbound-text:{subject}").as_bytes()))
    }

    /// The code that is sent back to a text: the same however often it is asked for.
    #[must_use]
    pub fn texted_code(&self, text: Digest16) -> OneTimeCode {
        OneTimeCode::drawn(u64::from_be_bytes(self.code_digest_of(&texted_bytes(text))))
    }

    /// Whether this is the code that was sent back to a text.
    #[must_use]
    pub fn is_texted(&self, text: Digest16, code: &OneTimeCode) -> bool {
        let made = self.code_digests(&texted_bytes(text));
        made.into_iter().any(|random| OneTimeCode::drawn(u64::from_be_bytes(random)) == *code)
    }
}

fn texted_bytes(text: Digest16) -> Vec<u8> {
    [b"texted-code:".as_slice(), &text.0].concat()
}

/// Notes a text; answers what was noted of it before, when it was. Waits for a parallel transaction that notes the same one.
///
/// # Errors
/// A fault of the database.
pub async fn claim(tx: &Tx, noted: &Noted) -> Result<Option<Noted>, Error> {
    let row = inbound_texts::Model {
        digest: noted.digest.0.to_vec(),
        contents: noted.contents.0.to_vec(),
        asks: noted.asks,
        noted_at: noted.noted_at.micros(),
    };
    let first = OnConflict::column(inbound_texts::Column::Digest).do_nothing().to_owned();
    let insert = inbound_texts::Entity::insert(row.into_active_model()).on_conflict(first);
    if insert.exec_without_returning(tx).await? == 1 {
        return Ok(None);
    }
    let row = inbound_texts::Entity::find_by_id(noted.digest.0.to_vec()).one(tx).await?;
    let row = row.context("a text that was noted is gone")?;
    let contents = Digest16::first_of(&row.contents).context("the hash of a text is broken")?;
    Ok(Some(Noted { digest: noted.digest, contents, asks: row.asks, noted_at: instant(row.noted_at) }))
}

/// Notes that a text was answered with a code.
///
/// # Errors
/// A fault of the database.
pub async fn update_asks(tx: &Tx, text: Digest16) -> Result<(), Error> {
    let changed =
        inbound_texts::ActiveModel { digest: Set(text.0.to_vec()), asks: Set(true), ..Default::default() };
    inbound_texts::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Takes the code that was sent back to a phone: it is good once.
///
/// # Errors
/// A fault of the database.
pub async fn take_asked(tx: &Tx, phone: &Indexed) -> Result<Option<Asked>, Error> {
    let any = text_askings::Column::Phone.is_in(phone.every().map(|digest| digest.0.to_vec()));
    let row = text_askings::Entity::find().filter(any).lock_exclusive().one(tx).await?;
    let Some(row) = row else { return Ok(None) };
    text_askings::Entity::delete_by_id(row.phone).exec(tx).await?;
    let phone = phone.digest;
    let text = Digest16::first_of(&row.text).context("the hash of a text is broken")?;
    Ok(Some(Asked { phone, text, expires_at: instant(row.expires_at) }))
}

/// Remembers the code that is sent back to a phone, in place of an earlier one.
///
/// # Errors
/// A fault of the database.
pub async fn insert_asked(tx: &Tx, asked: &Asked) -> Result<(), Error> {
    use text_askings::{Column, Entity, Model};
    let row = Model {
        phone: asked.phone.0.to_vec(),
        text: asked.text.0.to_vec(),
        expires_at: asked.expires_at.micros(),
    };
    let later =
        OnConflict::column(Column::Phone).update_columns([Column::Text, Column::ExpiresAt]).to_owned();
    Entity::insert(row.into_active_model()).on_conflict(later).exec_without_returning(tx).await?;
    Ok(())
}
