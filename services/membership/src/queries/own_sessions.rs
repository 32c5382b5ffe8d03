//! Where is a member signed in?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::session::Session,
    error::{Error, Missing},
    store::{Vault, member_seal, sessions},
};

/// The member's sessions that are live, those begun last first.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or a device's name that does not open.
pub async fn own_sessions(vault: &Vault, member: MemberId, now: Timestamp) -> Result<Vec<Session>, Error> {
    let on = vault.database.connection();
    // Read before the member's row: whatever they are sealed with is there then.
    let live = sessions::live_of_member(on, member, now).await?;
    let seal = member_seal::load_seal(on, vault, member).await?.ok_or(Missing::Member(member))?;
    live.into_iter().map(|session| session.opened(&seal)).collect()
}
