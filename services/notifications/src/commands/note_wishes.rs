//! Members say what they want to hear, in the app, to an agent, by the link in a letter or by a text.

use kernel::MemberId;

use super::Desk;
use crate::{
    domain::wish::{SaidBy, Wish},
    error::{Error, Missing},
    store::{members, wishes},
};

/// Notes what a member wants; a member who was merged with another one is that one.
///
/// # Errors
/// [`Missing::Member`] for somebody who is erased, or a fault of the database.
pub async fn note_wishes(desk: &Desk, member: MemberId, said: &[Wish], by: SaidBy) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let member = wishes::survivor(&tx, member).await?;
    if members::is_erased(&tx, member).await? {
        return Err(Missing::Member.into());
    }
    wishes::note(&tx, member, said, by, desk.clock.now()).await?;
    Ok(tx.commit().await?)
}
