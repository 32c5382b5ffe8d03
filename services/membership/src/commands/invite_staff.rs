//! Invites a person of the staff to make an account: for the first time, or anew when a password or a phone is lost.

use kernel::{StaffId, Timestamp};

use super::{Desk, exchange_code::after};
use crate::{
    domain::{
        account::{INVITATION_LIFE, Invitation},
        rejection::Rejection,
        staff::of_another,
    },
    error::{Error, Missing},
    store::{staff, staff_accounts},
};

/// What every invitation begins with, so that a leaked one is recognised.
pub const INVITATION_PREFIX: &str = "vi_";

/// An invitation. It has no `Debug`: the text is for the person alone.
pub struct Invited {
    /// The invitation: `vi_` and 256 random bits as 64 hexadecimal characters.
    pub text: String,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// Invites a person; what they were sent before is not good any more. An account that they have stays until the invitation
/// is followed.
///
/// # Errors
/// [`Missing::Staff`], [`Rejection::StaffOwnAffair`], [`Rejection::StaffDisabled`], or a fault of the database.
pub async fn invite_staff(desk: &Desk, id: StaffId, by: Option<StaffId>) -> Result<Invited, Error> {
    let now = desk.clock.now();
    let tx = desk.vault.database.begin().await?;
    let person = staff::hold(&tx, &desk.vault, id).await?.ok_or(Missing::Staff(id))?;
    of_another(id, by)?;
    if person.disabled_at.is_some() {
        return Err(Rejection::StaffDisabled.into());
    }
    let (text, digest) = desk.fresh_secret(INVITATION_PREFIX);
    let expires_at = after(now, INVITATION_LIFE);
    let invitation = Invitation { digest, staff: id, issued_at: now, expires_at, begun: None };
    staff_accounts::invite(&tx, &invitation).await?;
    tx.commit().await?;
    Ok(Invited { text, expires_at })
}
