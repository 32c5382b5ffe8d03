//! Ends sessions of the staff. Their access tokens stop working within seconds, their refresh tokens at once.

use kernel::{SessionId, StaffId};

use super::Desk;
use crate::{
    domain::session::Ending,
    error::{Error, Missing},
    store::{staff, staff_sessions},
};

/// Ends one session of a person; one that is over already stays so.
///
/// # Errors
/// [`Missing::StaffSession`], or a fault of the database.
pub async fn end_staff_session(
    desk: &Desk,
    person: StaffId,
    id: SessionId,
    why: Ending,
) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    let held = staff_sessions::hold(&tx, id).await?;
    let mut session = held.filter(|session| session.staff == person).ok_or(Missing::StaffSession)?;
    if session.ended.is_none() {
        session.ended = Some((desk.clock.now(), why));
        staff_sessions::update(&tx, &session).await?;
    }
    Ok(tx.commit().await?)
}

/// Ends every session of a person.
///
/// # Errors
/// [`Missing::Staff`], or a fault of the database.
pub async fn end_all_staff_sessions(desk: &Desk, person: StaffId, why: Ending) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    staff::hold(&tx, &desk.vault, person).await?.ok_or(Missing::Staff(person))?;
    staff_sessions::end_all(&tx, person, desk.clock.now(), why).await?;
    Ok(tx.commit().await?)
}
