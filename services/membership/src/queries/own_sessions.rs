//! Where is a member signed in?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::session::Session,
    error::{Error, Missing},
    store::{Vault, members, sessions},
};

/// The member's sessions that are live, those begun last first.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or a device's name that does not open.
pub async fn own_sessions(vault: &Vault, member: MemberId, now: Timestamp) -> Result<Vec<Session>, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    sessions::live_of_member(on, vault, member, now).await
}
