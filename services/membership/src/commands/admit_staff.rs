//! Shuts a person of the staff out, or lets them in again. Their roles stay as they are.

use kernel::StaffId;

use super::Desk;
use crate::{
    domain::staff::{Person, of_another},
    error::{Error, Missing},
    store::staff,
};

/// Whether a person may come in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// They may.
    Open,
    /// They may not.
    Shut,
}

/// Makes sure that a person may come in, or may not; the same again changes nothing.
///
/// # Errors
/// [`Missing::Staff`], [`crate::domain::rejection::Rejection::StaffOwnAffair`], or a fault of the database.
pub async fn admit_staff(desk: &Desk, id: StaffId, door: Door, by: Option<StaffId>) -> Result<Person, Error> {
    let tx = desk.vault.database.begin().await?;
    let mut person = staff::hold(&tx, &desk.vault, id).await?.ok_or(Missing::Staff(id))?;
    of_another(id, by)?;
    match (door, person.disabled_at) {
        (Door::Open, Some(_)) => person.disabled_at = None,
        (Door::Shut, None) => person.disabled_at = Some(desk.clock.now()),
        _ => return Ok(person),
    }
    staff::update_disabled(&tx, &person).await?;
    tx.commit().await?;
    Ok(person)
}
