//! Is there a member of this id, and where does the membership stand? Answered without opening anything sealed.

use kernel::MemberId;

use crate::{
    domain::member::MemberStatus,
    error::{Error, Missing},
    store::{Vault, members},
};

/// Where a membership stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Its status.
    pub status: MemberStatus,
    /// The number of facts told about the member.
    pub version: u64,
}

/// Where the membership of this member stands.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn check_member(vault: &Vault, id: MemberId) -> Result<Standing, Error> {
    let standing = members::load_standing(vault.database.connection(), id).await?;
    let (status, version) = standing.ok_or(Missing::Member(id))?;
    Ok(Standing { status, version })
}
