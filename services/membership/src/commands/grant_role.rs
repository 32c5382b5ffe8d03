//! Gives a person of the staff a role at a place, or takes it away.

use kernel::{Grant, GrantId, Reach, StaffId};
use store::Tx;

use super::{Desk, Put};
use crate::{
    domain::staff::{Granted, give, of_another},
    error::{Error, Missing},
    store::{places, staff},
};

/// Makes sure that a person has a role at a place.
///
/// # Errors
/// [`Missing::Staff`], [`Missing::Region`], [`Missing::Branch`], a rejection of [`give`], or a fault of the database.
pub async fn grant_role(
    desk: &Desk,
    id: StaffId,
    grant: Grant,
    by: Option<StaffId>,
) -> Result<Put<Granted>, Error> {
    let tx = desk.vault.database.begin().await?;
    let person = staff::hold(&tx, &desk.vault, id).await?.ok_or(Missing::Staff(id))?;
    check_place(&tx, &grant.reach).await?;
    let known = staff::grants_of(&tx, &[id]).await?;
    if let Some(same) = give(&person, &known, &grant, by)? {
        return Ok(Put::Known(same.clone()));
    }
    let granted = Granted {
        id: GrantId::from_uuid(desk.ids.uuid()),
        staff: id,
        grant,
        granted_at: desk.clock.now(),
        granted_by: by,
        revoked: None,
    };
    staff::insert_grant(&tx, &granted).await?;
    tx.commit().await?;
    Ok(Put::New(granted))
}

/// Makes sure that a person does not have a role any more; one that was taken away stays so.
///
/// # Errors
/// [`Missing::Staff`], [`Missing::Grant`], [`crate::domain::rejection::Rejection::StaffOwnAffair`], or a fault of the
/// database.
pub async fn revoke_role(desk: &Desk, id: StaffId, grant: GrantId, by: Option<StaffId>) -> Result<(), Error> {
    let tx = desk.vault.database.begin().await?;
    staff::hold(&tx, &desk.vault, id).await?.ok_or(Missing::Staff(id))?;
    let found = staff::load_grant(&tx, grant).await?;
    let mut granted = found.filter(|granted| granted.staff == id).ok_or(Missing::Grant)?;
    of_another(id, by)?;
    if granted.revoked.is_none() {
        granted.revoked = Some((desk.clock.now(), by));
        staff::update_revoked(&tx, &granted).await?;
    }
    Ok(tx.commit().await?)
}

async fn check_place(tx: &Tx, reach: &Reach) -> Result<(), Error> {
    match reach {
        Reach::Chain => Ok(()),
        Reach::Region(region) => match places::load_region(tx, region).await? {
            Some(_) => Ok(()),
            None => Err(Missing::Region(region.clone()).into()),
        },
        Reach::Branch(branch) => match places::load_branch(tx, branch).await? {
            Some(_) => Ok(()),
            None => Err(Missing::Branch(branch.clone()).into()),
        },
    }
}
