//! What may the till and the back office see of a member?

use kernel::MemberId;

use crate::{
    domain::{
        activity::Activity, identifier::Identifier, member::Member, merging::MergeRefusal,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{Vault, activity, members, merges},
};

/// A member with what leads to them and what they did. It holds personal data: show the masked forms only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The member.
    pub member: Member,
    /// What leads to them, in the order it was linked.
    pub identifiers: Vec<Identifier>,
    /// What is known about their purchases; absent before the first.
    pub activity: Option<Activity>,
}

/// The member with this id.
///
/// # Errors
/// [`Missing::Member`], a fault of the database, or a value that does not open.
pub async fn member_profile(vault: &Vault, id: MemberId) -> Result<Profile, Error> {
    let on = vault.database.connection();
    // Read before the member's row: whatever they are sealed with is there then.
    let identifiers = members::identifiers_of(on, id).await?;
    let Some((member, seal)) = members::load_sealed(on, vault, id).await? else {
        return Err(match merges::survivor_of(on, id).await? {
            Some(into) => Rejection::from(MergeRefusal::Absorbed { into }).into(),
            None => Missing::Member(id).into(),
        });
    };
    let mut did = activity::load(on, id).await?;
    for (absorbed, _) in merges::absorbed_by(on, &[id]).await? {
        did = Activity::both(did, activity::load(on, absorbed).await?);
    }
    let identifiers = identifiers.iter().map(|sealed| seal.open_identifier(sealed));
    Ok(Profile { member, identifiers: identifiers.collect::<Result<_, _>>()?, activity: did })
}
