//! Ends sessions of a member. Their access tokens stop working within seconds, their refresh tokens at once.

use kernel::{MemberId, SessionId};

use super::Desk;
use crate::{
    domain::session::Ending,
    error::{Error, Missing},
    store::{members, sessions},
};

/// Ends one session of a member; one that is over already stays so.
///
/// # Errors
/// [`Missing::Session`], or a fault of the database.
pub async fn end_session(desk: &Desk, member: MemberId, id: SessionId, why: Ending) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    let held = sessions::hold(&tx, id).await?;
    let mut session = held.filter(|session| session.member == member).ok_or(Missing::Session)?;
    if session.ended.is_none() {
        session.ended = Some((desk.clock.now(), why));
        sessions::update(&tx, &session).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends every session of a member.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn end_all_sessions(desk: &Desk, member: MemberId, why: Ending) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    members::load_standing(&tx, member).await?.ok_or(Missing::Member(member))?;
    sessions::end_all(&tx, member, desk.clock.now(), why).await?;
    Ok(tx.commit().await?)
}
