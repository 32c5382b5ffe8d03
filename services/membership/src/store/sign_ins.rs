//! Codes that were asked for, how often, and the messages that bring them.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, IdentifierKind, MemberId, Pii, SignInId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value, sea_query::Expr,
};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, MESSAGE, NOBODY},
    instant,
    member_seal::MemberSeal,
    members::SealedIdentifier,
    signed,
    tables::{sign_in_messages, sign_ins},
};
use crate::{
    domain::{
        code::OneTimeCode, code_window::CodeWindow, message::MessageKind, phone::Phone, sign_in::SignIn,
    },
    error::Error,
};

/// A message on its way, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedMessage {
    /// Its id: that of the sign-in or of the change that it belongs to, or its own.
    pub id: SignInId,
    /// What it is about.
    pub kind: MessageKind,
    /// Whom it goes to; nobody for a number that no member has.
    pub member: Option<MemberId>,
    /// Until when it is of use.
    pub expires_at: Timestamp,
    /// When it is to be delivered.
    pub due_at: Timestamp,
    sealed: Vec<u8>,
}

/// Adds to a window; `false` when it would take more than it may. Others wait for the transaction's end, so that it is
/// exact on however many replicas.
///
/// # Errors
/// A fault of the database.
pub async fn count(tx: &Tx, window: &CodeWindow) -> Result<bool, Error> {
    if window.weighs > window.most {
        return Ok(false);
    }
    let sql = "INSERT INTO code_windows (subject, since, until, used) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (subject, since) DO UPDATE SET used = code_windows.used + excluded.used \
               WHERE code_windows.used + $5 <= $6";
    let values: [Value; 6] = [
        window.subject.0.to_vec().into(),
        window.since.micros().into(),
        window.until.micros().into(),
        signed(window.adds)?.into(),
        signed(window.weighs)?.into(),
        signed(window.most)?.into(),
    ];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected() == 1)
}

/// Stores a sign-in.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, sign_in: &SignIn) -> Result<(), Error> {
    let row = sign_ins::Model {
        id: sign_in.id.as_uuid(),
        phone: sign_in.phone.0.to_vec(),
        member_id: sign_in.member.map(MemberId::as_uuid),
        code: sign_in.code.to_vec(),
        made_at: sign_in.made_at.micros(),
        expires_at: sign_in.expires_at.micros(),
        tries_left: sign_in.tries_left.into(),
        used_at: sign_in.used_at.map(Timestamp::micros),
    };
    sign_ins::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The sign-in, when there is one, held against other attempts until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: SignInId) -> Result<Option<SignIn>, Error> {
    let row = sign_ins::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(tx).await?;
    row.as_ref().map(sign_in).transpose()
}

/// Stores what an attempt left of a sign-in that the transaction holds.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, sign_in: &SignIn) -> Result<(), Error> {
    let changed = sign_ins::ActiveModel {
        id: Set(sign_in.id.as_uuid()),
        tries_left: Set(sign_in.tries_left.into()),
        used_at: Set(sign_in.used_at.map(Timestamp::micros)),
        ..Default::default()
    };
    sign_ins::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Puts a message on its way: phone and code, sealed. A number that nobody has gets a row of the same size, which says
/// nothing and is delivered nowhere.
///
/// # Errors
/// A fault of the database.
pub async fn send(
    tx: &Tx,
    vault: &Vault,
    sign_in: &SignIn,
    phone: &Phone,
    code: Option<&OneTimeCode>,
) -> Result<(), Error> {
    let text = match code {
        Some(code) => format!("{}\n{}", phone.e164(), code.digits()),
        None => "-".repeat(phone.e164().len() + 1 + crate::domain::code::CODE_DIGITS),
    };
    let envelope = Envelope {
        id: sign_in.id,
        member: sign_in.member,
        kind: MessageKind::Code,
        at: sign_in.made_at,
        expires_at: sign_in.expires_at,
    };
    put(tx, vault, &envelope, &text).await
}

/// Whom a message goes to, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// Its id.
    pub id: SignInId,
    /// Whom it goes to; nobody for a number that no member has.
    pub member: Option<MemberId>,
    /// What it is about.
    pub kind: MessageKind,
    /// When it is written.
    pub at: Timestamp,
    /// Until when it is of use.
    pub expires_at: Timestamp,
}

/// Puts a message to a member on its way: the phone, and the code that it brings.
///
/// # Errors
/// A fault of the database.
pub async fn notify(
    tx: &Tx,
    vault: &Vault,
    envelope: &Envelope,
    phone: &Phone,
    code: &str,
) -> Result<(), Error> {
    put(tx, vault, envelope, &format!("{}\n{code}", phone.e164())).await
}

async fn put(tx: &Tx, vault: &Vault, envelope: &Envelope, text: &str) -> Result<(), Error> {
    let id = envelope.id.as_uuid();
    let row = sign_in_messages::Model {
        id,
        member_id: envelope.member.map(MemberId::as_uuid),
        sealed: vault.seal(message_cell(envelope.member, id.as_bytes()), text),
        expires_at: envelope.expires_at.micros(),
        due_at: envelope.at.micros(),
        kind: envelope.kind.word().to_owned(),
    };
    sign_in_messages::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` messages that are due, those that have waited longest first.
///
/// # Errors
/// A fault of the database.
pub async fn due_messages(
    on: &impl ConnectionTrait,
    now: Timestamp,
    limit: u64,
) -> Result<Vec<SealedMessage>, Error> {
    let query = sign_in_messages::Entity::find()
        .filter(sign_in_messages::Column::DueAt.lte(now.micros()))
        .order_by_asc(sign_in_messages::Column::DueAt)
        .limit(limit);
    let rows = query.all(on).await?.into_iter();
    let message = |row: sign_in_messages::Model| {
        let kind = MessageKind::from_word(&row.kind);
        Ok(SealedMessage {
            id: SignInId::from_uuid(row.id),
            kind: kind
                .with_context(|| format!("message {} is of the unknown kind {:?}", row.id, row.kind))?,
            member: row.member_id.map(MemberId::from_uuid),
            expires_at: instant(row.expires_at),
            due_at: instant(row.due_at),
            sealed: row.sealed,
        })
    };
    rows.map(message).collect()
}

/// Takes a message until `until`, when another may try; `false` when another was faster.
///
/// # Errors
/// A fault of the database.
pub async fn claim_message(
    on: &impl ConnectionTrait,
    message: &SealedMessage,
    until: Timestamp,
) -> Result<bool, Error> {
    let claim = sign_in_messages::Entity::update_many()
        .col_expr(sign_in_messages::Column::DueAt, Expr::value(until.micros()))
        .filter(sign_in_messages::Column::Id.eq(message.id.as_uuid()))
        .filter(sign_in_messages::Column::DueAt.eq(message.due_at.micros()));
    Ok(claim.exec(on).await?.rows_affected == 1)
}

/// Removes a message that was handed over, or is of no use any more.
///
/// # Errors
/// A fault of the database.
pub async fn remove_message(on: &impl ConnectionTrait, id: SignInId) -> Result<(), Error> {
    sign_in_messages::Entity::delete_by_id(id.as_uuid()).exec(on).await?;
    Ok(())
}

impl Vault {
    /// Opens a message of a member: their phone and the code.
    ///
    /// # Errors
    /// A fault when it does not open, or holds something else.
    pub fn open_message(&self, message: &SealedMessage) -> Result<(Phone, Pii<String>), Error> {
        let uuid = message.id.as_uuid();
        let cell = message_cell(message.member, uuid.as_bytes());
        let text = self.cipher.open(cell, &message.sealed).with_context(|| format!("message {uuid}"))?;
        let (phone, code) =
            text.expose().split_once('\n').with_context(|| format!("message {uuid} is broken"))?;
        let phone = Phone::parse(phone).map_err(|_| anyhow!("message {uuid} is broken"))?;
        Ok((phone, Pii::new(code.to_owned())))
    }
}

pub(super) fn message_cell(member: Option<MemberId>, row: &[u8]) -> Cell<'_> {
    Cell { column: MESSAGE, member: member.unwrap_or(NOBODY), row }
}

fn sign_in(row: &sign_ins::Model) -> Result<SignIn, Error> {
    let broken = || Error::Fault(anyhow!("sign-in {} is broken", row.id));
    Ok(SignIn {
        id: SignInId::from_uuid(row.id),
        phone: Digest16::first_of(&row.phone).ok_or_else(broken)?,
        member: row.member_id.map(MemberId::from_uuid),
        code: row.code.as_slice().try_into().map_err(|_| broken())?,
        made_at: instant(row.made_at),
        expires_at: instant(row.expires_at),
        tries_left: u32::try_from(row.tries_left).map_err(|_| broken())?,
        used_at: row.used_at.map(instant),
    })
}

impl MemberSeal<'_> {
    /// Whether one of these identifiers of the member is the phone with this keyed hash, under whichever key. They must have been
    /// read before the member's row was.
    ///
    /// # Errors
    /// A fault when one does not open.
    pub fn has_phone(&self, known: &[SealedIdentifier], digest: Digest16) -> Result<bool, Error> {
        if known.iter().any(|sealed| sealed.kind == IdentifierKind::Phone && sealed.digest == digest) {
            return Ok(true);
        }
        if self.vault().blind.keys().sought().len() == 1 {
            return Ok(false);
        }
        // The phone may have been hashed anew since the code was sent.
        for phone in known.iter().filter(|sealed| sealed.kind == IdentifierKind::Phone) {
            let phone = self.vault().index(self.open_identifier(phone)?);
            if phone.every().any(|every| every == digest) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
