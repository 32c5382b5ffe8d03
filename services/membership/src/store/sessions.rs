//! Sessions and their refresh tokens.

use anyhow::{Context as _, anyhow};
use kernel::{Digest16, MemberId, SessionId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, sea_query::Expr,
};
use store::Tx;

use super::{
    cipher::DEVICE,
    instant,
    member_seal::MemberSeal,
    tables::{refresh_tokens, sessions},
};
use crate::{
    domain::{
        device::DeviceName,
        session::{Ending, RefreshToken, Session},
    },
    error::Error,
};

/// Stores a new session.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, seal: &MemberSeal<'_>, session: &Session) -> Result<(), Error> {
    let id = session.id.as_uuid();
    let device = session.device.as_ref().map(|name| seal.seal(DEVICE, id.as_bytes(), name.text()));
    let row = sessions::Model {
        id,
        member_id: session.member.as_uuid(),
        device,
        started_at: session.started_at.micros(),
        last_used_at: session.last_used_at.micros(),
        expires_at: session.expires_at.micros(),
        stepped_up_until: session.stepped_up_until.map(Timestamp::micros),
        ended_at: session.ended.map(|(at, _)| at.micros()),
        ended_why: session.ended.map(|(_, why)| why.word().to_owned()),
        installation: session.installation.map(|digest| digest.0.to_vec()),
    };
    sessions::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The session, when there is one, held against others until the transaction ends; its device stays sealed.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: SessionId) -> Result<Option<Session>, Error> {
    let row = sessions::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(tx).await?;
    row.as_ref().map(session).transpose()
}

/// The session, when there is one; its device stays sealed.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: SessionId) -> Result<Option<Session>, Error> {
    sessions::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(session).transpose()
}

/// A session's row, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedSession(sessions::Model);

impl SealedSession {
    /// The session with what its device is called.
    ///
    /// # Errors
    /// A fault when the device's name does not open.
    pub fn opened(&self, seal: &MemberSeal<'_>) -> Result<Session, Error> {
        let Self(row) = self;
        let device = row.device.as_ref().map(|sealed| {
            let name = seal.open(DEVICE, row.id.as_bytes(), sealed);
            let name = name.with_context(|| format!("device of session {}", row.id))?;
            DeviceName::parse(name.expose())
                .map_err(|flaw| Error::Fault(anyhow!("device of session {}: {flaw}", row.id)))
        });
        Ok(Session { device: device.transpose()?, ..session(row)? })
    }
}

/// The sessions of a member that are live, those begun last first, 100 at most.
///
/// # Errors
/// A fault of the database.
pub async fn live_of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    now: Timestamp,
) -> Result<Vec<SealedSession>, Error> {
    let query = sessions::Entity::find()
        .filter(sessions::Column::MemberId.eq(member.as_uuid()))
        .filter(sessions::Column::EndedAt.is_null())
        .filter(sessions::Column::ExpiresAt.gt(now.micros()))
        .order_by_desc(sessions::Column::Id)
        .limit(100);
    Ok(query.all(on).await?.into_iter().map(SealedSession).collect())
}

/// Stores what changed of a session that the transaction holds: last use, step-up, end.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, session: &Session) -> Result<(), Error> {
    let changed = sessions::ActiveModel {
        id: Set(session.id.as_uuid()),
        last_used_at: Set(session.last_used_at.micros()),
        stepped_up_until: Set(session.stepped_up_until.map(Timestamp::micros)),
        ended_at: Set(session.ended.map(|(at, _)| at.micros())),
        ended_why: Set(session.ended.map(|(_, why)| why.word().to_owned())),
        ..Default::default()
    };
    sessions::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Ends every session of a member that was not ended yet.
///
/// # Errors
/// A fault of the database.
pub async fn end_all(
    on: &impl ConnectionTrait,
    member: MemberId,
    at: Timestamp,
    why: Ending,
) -> Result<(), Error> {
    end_others(on, member, None, at, why).await
}

/// The same, but for the session that stays.
///
/// # Errors
/// A fault of the database.
pub async fn end_others(
    on: &impl ConnectionTrait,
    member: MemberId,
    stays: Option<SessionId>,
    at: Timestamp,
    why: Ending,
) -> Result<(), Error> {
    let mut ended = sessions::Entity::update_many()
        .col_expr(sessions::Column::EndedAt, Expr::value(at.micros()))
        .col_expr(sessions::Column::EndedWhy, Expr::value(why.word()))
        .filter(sessions::Column::MemberId.eq(member.as_uuid()))
        .filter(sessions::Column::EndedAt.is_null());
    if let Some(stays) = stays {
        ended = ended.filter(sessions::Column::Id.ne(stays.as_uuid()));
    }
    ended.exec(on).await?;
    Ok(())
}

/// Whether both members were signed in on one installation of the app.
///
/// # Errors
/// A fault of the database.
pub async fn share_installation(
    on: &impl ConnectionTrait,
    one: MemberId,
    other: MemberId,
) -> Result<bool, Error> {
    let of =
        |member: MemberId| sessions::Entity::find().filter(sessions::Column::MemberId.eq(member.as_uuid()));
    let theirs = of(other).select_only().column(sessions::Column::Installation);
    let theirs = theirs.filter(sessions::Column::Installation.is_not_null()).into_query();
    let shared = of(one).filter(sessions::Column::Installation.in_subquery(theirs));
    Ok(shared.count(on).await? > 0)
}

/// Stores a fresh refresh token.
///
/// # Errors
/// A fault of the database.
pub async fn insert_token(tx: &Tx, token: &RefreshToken) -> Result<(), Error> {
    let row = refresh_tokens::Model {
        digest: token.digest.to_vec(),
        session_id: token.session.as_uuid(),
        issued_at: token.issued_at.micros(),
        used_at: token.used_at.map(Timestamp::micros),
    };
    refresh_tokens::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// The refresh token with this digest, when there is one. Hold its session before it is judged.
///
/// # Errors
/// A fault of the database.
pub async fn find_token(on: &impl ConnectionTrait, digest: &[u8; 32]) -> Result<Option<RefreshToken>, Error> {
    let row = refresh_tokens::Entity::find_by_id(digest.to_vec()).one(on).await?;
    Ok(row.map(|row| RefreshToken {
        digest: *digest,
        session: SessionId::from_uuid(row.session_id),
        issued_at: instant(row.issued_at),
        used_at: row.used_at.map(instant),
    }))
}

/// Stores when a token of a held session was used.
///
/// # Errors
/// A fault of the database.
pub async fn use_token(tx: &Tx, digest: &[u8; 32], at: Timestamp) -> Result<(), Error> {
    let changed = refresh_tokens::ActiveModel {
        digest: Set(digest.to_vec()),
        used_at: Set(Some(at.micros())),
        ..Default::default()
    };
    refresh_tokens::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// All of a row but the device's name.
fn session(row: &sessions::Model) -> Result<Session, Error> {
    let (id, member) = (SessionId::from_uuid(row.id), MemberId::from_uuid(row.member_id));
    let ended = row.ended_at.zip(row.ended_why.as_deref()).map(|(at, word)| {
        let why = Ending::from_word(word)
            .with_context(|| format!("session {id} ended for the unknown reason {word:?}"));
        why.map(|why| (instant(at), why))
    });
    Ok(Session {
        id,
        member,
        device: None,
        started_at: instant(row.started_at),
        last_used_at: instant(row.last_used_at),
        expires_at: instant(row.expires_at),
        stepped_up_until: row.stepped_up_until.map(instant),
        ended: ended.transpose()?,
        installation: row.installation.as_deref().and_then(Digest16::first_of),
    })
}
