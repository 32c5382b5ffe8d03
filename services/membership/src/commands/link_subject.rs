//! Says by which subject the identity provider means a person of the staff, or that it means them by none.

use kernel::StaffId;

use super::Desk;
use crate::{
    domain::{
        provider_sign_in::{ProviderRefusal, Subject},
        session::Ending,
        staff::of_another,
    },
    error::{Error, Missing},
    store::{staff, staff_sessions, staff_subjects},
};

/// Makes sure that this subject, and no other, leads to the person; none does without one. Whoever was signed in as them before
/// is signed out when that changes.
///
/// # Errors
/// [`Missing::Provider`], [`Missing::Staff`], [`crate::domain::rejection::Rejection::StaffOwnAffair`], [`ProviderRefusal::SubjectTaken`], or a fault of the database.
pub async fn link_subject(
    desk: &Desk,
    id: StaffId,
    subject: Option<&Subject>,
    by: Option<StaffId>,
) -> Result<(), Error> {
    let provider = desk.provider.as_ref().ok_or(Missing::Provider)?;
    let now = desk.clock.now();
    let digest = subject.map(|subject| desk.vault.subject_digest(provider.issuer(), subject));
    let tx = desk.vault.database.begin().await?;
    staff::hold(&tx, &desk.vault, id).await?.ok_or(Missing::Staff(id))?;
    of_another(id, by)?;
    match digest {
        Some(digest) if staff_subjects::find(&tx, &digest).await? == Some(id) => return Ok(()),
        Some(digest) => {
            if !staff_subjects::link(&tx, &digest, id, now).await? {
                return Err(ProviderRefusal::SubjectTaken.into());
            }
        }
        None if staff_subjects::unlink(&tx, id).await? => {}
        None => return Ok(()),
    }
    staff_sessions::end_all(&tx, id, now, Ending::Operator).await?;
    Ok(tx.commit().await?)
}
