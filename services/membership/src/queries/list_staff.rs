//! Who works for the chain, and in which roles?

use kernel::StaffId;

use super::list_places::Page;
use crate::{
    domain::staff::{Granted, Person},
    error::{Error, Missing},
    store::{Vault, staff},
};

/// A person with the roles that they have now. It holds personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Employed {
    /// The person.
    pub person: Person,
    /// Their roles, oldest first.
    pub grants: Vec<Granted>,
}

/// Up to `limit` people whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn list_staff(vault: &Vault, after: Option<StaffId>, limit: u64) -> Result<Page<Employed>, Error> {
    let on = vault.database.connection();
    let people = staff::list(on, vault, after, limit + 1).await?;
    let ids: Vec<StaffId> = people.iter().map(|person| person.id).collect();
    let grants = staff::grants_of(on, &ids).await?;
    let theirs = |id| grants.iter().filter(|granted| granted.staff == id).cloned().collect();
    let employed = |person: Person| Employed { grants: theirs(person.id), person };
    Ok(Page::cut(people.into_iter().map(employed).collect(), limit))
}

/// The person with this id.
///
/// # Errors
/// [`Missing::Staff`], a fault of the database, or a name that does not open.
pub async fn person(vault: &Vault, id: StaffId) -> Result<Employed, Error> {
    let on = vault.database.connection();
    let person = staff::load(on, vault, id).await?.ok_or(Missing::Staff(id))?;
    Ok(Employed { grants: staff::grants_of(on, &[id]).await?, person })
}
