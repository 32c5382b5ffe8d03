//! Takes a person into the staff. They have no role yet.

use kernel::StaffId;

use super::Desk;
use crate::{
    domain::{
        rejection::Rejection,
        staff::{Person, StaffName, UserName},
    },
    error::Error,
    store::staff,
};

/// Takes a person into the staff under a user name that nobody else has.
///
/// # Errors
/// [`Rejection::UserNameTaken`], or a fault of the database.
pub async fn enrol_staff(desk: &Desk, user_name: UserName, name: StaffName) -> Result<Person, Error> {
    let (id, since) = (StaffId::from_uuid(desk.ids.uuid()), desk.clock.now());
    let person = Person { id, user_name, name, since, disabled_at: None };
    let tx = desk.vault.database.begin().await?;
    if !staff::insert(&tx, &desk.vault, &person).await? {
        return Err(Rejection::UserNameTaken.into());
    }
    tx.commit().await?;
    Ok(person)
}
