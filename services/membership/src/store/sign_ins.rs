//! Codes that were asked for, how often, and the messages that bring them.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, MemberId, SignInId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, Value, sea_query::Expr,
};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, MESSAGE, NOBODY},
    instant, signed,
    tables::{sign_in_messages, sign_ins},
};
use crate::{
    domain::{code::OneTimeCode, code_window::CodeWindow, phone::Phone, sign_in::SignIn},
    error::Error,
};

/// A message on its way, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedMessage {
    /// The sign-in that it belongs to.
    pub sign_in: SignInId,
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
    let row = sign_in_messages::Model {
        id: sign_in.id.as_uuid(),
        member_id: sign_in.member.map(MemberId::as_uuid),
        sealed: vault.seal(message_cell(sign_in.member, sign_in.id.as_uuid().as_bytes()), &text),
        expires_at: sign_in.expires_at.micros(),
        due_at: sign_in.made_at.micros(),
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
    let message = |row: sign_in_messages::Model| SealedMessage {
        sign_in: SignInId::from_uuid(row.id),
        member: row.member_id.map(MemberId::from_uuid),
        expires_at: instant(row.expires_at),
        due_at: instant(row.due_at),
        sealed: row.sealed,
    };
    Ok(rows.map(message).collect())
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
        .filter(sign_in_messages::Column::Id.eq(message.sign_in.as_uuid()))
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
    pub fn open_message(&self, message: &SealedMessage) -> Result<(Phone, OneTimeCode), Error> {
        let uuid = message.sign_in.as_uuid();
        let cell = message_cell(message.member, uuid.as_bytes());
        let text = self.cipher.open(cell, &message.sealed).with_context(|| format!("message {uuid}"))?;
        let (phone, code) =
            text.expose().split_once('\n').with_context(|| format!("message {uuid} is broken"))?;
        let broken = || Error::Fault(anyhow!("message {uuid} is broken"));
        Ok((Phone::parse(phone).map_err(|_| broken())?, OneTimeCode::parse(code).map_err(|_| broken())?))
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
