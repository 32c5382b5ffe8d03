//! Raises a session for some minutes: a fresh code vouches for the member besides the session.

use kernel::{MemberId, SessionId, Timestamp};

use super::{
    Desk,
    confirm_code::{Answered, Confirmed},
    exchange_code::after,
};
use crate::{domain::rejection::Rejection, error::Error, store::sessions};

/// A raised session. It has no `Debug`: the token is for the member's app alone.
pub struct SteppedUp {
    /// An access token that says so.
    pub access: String,
    /// In how many seconds it lapses.
    pub access_seconds: i64,
    /// Until when the code vouches.
    pub until: Timestamp,
}

/// Raises the member's own session; a code of somebody else is used up and raises nothing.
///
/// # Errors
/// [`Rejection::CodeWrong`], [`Rejection::CodeSpent`], [`Rejection::SessionOver`], or a fault of the database.
pub async fn step_up(
    desk: &Desk,
    member: MemberId,
    id: SessionId,
    answered: &Answered,
) -> Result<SteppedUp, Error> {
    let now = desk.clock.now();
    let Confirmed { tx, member: confirmed, telling, .. } = desk.confirm(answered).await?;
    if confirmed.id != member {
        desk.conclude(tx, telling).await?;
        return Err(Rejection::CodeSpent.into());
    }
    let held = sessions::hold(&tx, id).await?;
    let live = held.filter(|session| session.member == member && session.is_live(now));
    let mut session = live.ok_or(Rejection::SessionOver)?;
    let until = after(now, desk.settings.lives.step_up);
    session.stepped_up_until = Some(until);
    sessions::update(&tx, &session).await?;
    let (access, access_seconds) = desk.access_token(&session, now)?;
    desk.conclude(tx, telling).await?;
    Ok(SteppedUp { access, access_seconds, until })
}
