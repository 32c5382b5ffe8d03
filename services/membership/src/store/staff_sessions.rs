//! Sessions of the staff, and their tokens.

use anyhow::{Context as _, anyhow};
use kernel::{SessionId, StaffId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::Expr,
};
use store::Tx;

use super::{
    instant,
    tables::{staff_sessions, staff_tokens},
};
use crate::{
    domain::{
        account::{StaffSession, StaffToken, TokenKind},
        session::Ending,
    },
    error::Error,
};

/// Stores a new session.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, session: &StaffSession) -> Result<(), Error> {
    let row = staff_sessions::Model {
        id: session.id.as_uuid(),
        staff_id: session.staff.as_uuid(),
        started_at: session.started_at.micros(),
        last_used_at: session.last_used_at.micros(),
        expires_at: session.expires_at.micros(),
        ended_at: None,
        ended_why: None,
    };
    staff_sessions::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The session, when there is one.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: SessionId) -> Result<Option<StaffSession>, Error> {
    staff_sessions::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(session).transpose()
}

/// The session, when there is one, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: SessionId) -> Result<Option<StaffSession>, Error> {
    staff_sessions::Entity::find_by_id(id.as_uuid())
        .lock_exclusive()
        .one(tx)
        .await?
        .as_ref()
        .map(session)
        .transpose()
}

/// The sessions of a person that are live, those begun last first, 100 at most.
///
/// # Errors
/// A fault of the database.
pub async fn live_of(
    on: &impl ConnectionTrait,
    staff: StaffId,
    now: Timestamp,
) -> Result<Vec<StaffSession>, Error> {
    let query = staff_sessions::Entity::find()
        .filter(staff_sessions::Column::StaffId.eq(staff.as_uuid()))
        .filter(staff_sessions::Column::EndedAt.is_null())
        .filter(staff_sessions::Column::ExpiresAt.gt(now.micros()))
        .order_by_desc(staff_sessions::Column::Id)
        .limit(100);
    query.all(on).await?.iter().map(session).collect()
}

/// Stores what changed of a session that the transaction holds: last use, end.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, session: &StaffSession) -> Result<(), Error> {
    let changed = staff_sessions::ActiveModel {
        id: Set(session.id.as_uuid()),
        last_used_at: Set(session.last_used_at.micros()),
        ended_at: Set(session.ended.map(|(at, _)| at.micros())),
        ended_why: Set(session.ended.map(|(_, why)| why.word().to_owned())),
        ..Default::default()
    };
    staff_sessions::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Ends every session of a person that was not ended yet.
///
/// # Errors
/// A fault of the database.
pub async fn end_all(tx: &Tx, staff: StaffId, at: Timestamp, why: Ending) -> Result<(), Error> {
    let ended = staff_sessions::Entity::update_many()
        .col_expr(staff_sessions::Column::EndedAt, Expr::value(at.micros()))
        .col_expr(staff_sessions::Column::EndedWhy, Expr::value(why.word()))
        .filter(staff_sessions::Column::StaffId.eq(staff.as_uuid()))
        .filter(staff_sessions::Column::EndedAt.is_null());
    ended.exec(tx).await?;
    Ok(())
}

/// Stores a fresh token.
///
/// # Errors
/// A fault of the database.
pub async fn insert_token(tx: &Tx, token: &StaffToken) -> Result<(), Error> {
    let row = staff_tokens::Model {
        digest: token.digest.to_vec(),
        session_id: token.session.as_uuid(),
        kind: token.kind.word().to_owned(),
        expires_at: token.expires_at.micros(),
        used_at: token.used_at.map(Timestamp::micros),
    };
    staff_tokens::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The token with this digest, when there is one. Hold its session before it is judged.
///
/// # Errors
/// A fault of the database.
pub async fn find_token(on: &impl ConnectionTrait, digest: &[u8; 32]) -> Result<Option<StaffToken>, Error> {
    let row = staff_tokens::Entity::find_by_id(digest.to_vec()).one(on).await?;
    let token = |row: staff_tokens::Model| {
        let kind = TokenKind::from_word(&row.kind);
        Ok(StaffToken {
            digest: *digest,
            session: SessionId::from_uuid(row.session_id),
            kind: kind.ok_or_else(|| anyhow!("a token is for the unknown purpose {:?}", row.kind))?,
            expires_at: instant(row.expires_at),
            used_at: row.used_at.map(instant),
        })
    };
    row.map(token).transpose()
}

/// Stores when a token of a held session was used.
///
/// # Errors
/// A fault of the database.
pub async fn use_token(tx: &Tx, digest: &[u8; 32], at: Timestamp) -> Result<(), Error> {
    let changed = staff_tokens::ActiveModel {
        digest: Set(digest.to_vec()),
        used_at: Set(Some(at.micros())),
        ..Default::default()
    };
    staff_tokens::Entity::update(changed).exec(tx).await?;
    Ok(())
}

fn session(row: &staff_sessions::Model) -> Result<StaffSession, Error> {
    let id = SessionId::from_uuid(row.id);
    let ended = row.ended_at.zip(row.ended_why.as_deref()).map(|(at, word)| {
        let why = Ending::from_word(word)
            .with_context(|| format!("session {id} ended for the unknown reason {word:?}"));
        why.map(|why| (instant(at), why))
    });
    Ok(StaffSession {
        id,
        staff: StaffId::from_uuid(row.staff_id),
        started_at: instant(row.started_at),
        last_used_at: instant(row.last_used_at),
        expires_at: instant(row.expires_at),
        ended: ended.transpose()?,
    })
}
