//! Whom did a member refer, and by whom were they?

use kernel::{MemberId, Timestamp};

use crate::{
    domain::{referral::Referral, referral_code::ReferralCode},
    error::{Error, Missing},
    store::{
        Vault, members,
        referral_terms::{self, Versioned},
        referrals::{self, Counts},
    },
};

/// The most friends that are listed.
pub const FRIENDS_LISTED: u64 = 100;

/// A member's own side of referrals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnReferrals {
    /// Their code, once they have one.
    pub code: Option<ReferralCode>,
    /// What the chain promises now.
    pub terms: Option<Versioned>,
    /// How many friends stand where.
    pub counts: Counts,
    /// By whom they were referred themselves.
    pub own: Option<Referral>,
}

/// A member's own side of referrals.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn own_referrals(vault: &Vault, member: MemberId, now: Timestamp) -> Result<OwnReferrals, Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    Ok(OwnReferrals {
        code: referrals::code_of(on, member).await?,
        terms: referral_terms::newest(on).await?,
        counts: referrals::counts(on, member, now).await?,
        own: referrals::load(on, member).await?,
    })
}

/// The last friends whom a member referred, the latest first, and by whom they were referred themselves.
///
/// # Errors
/// [`Missing::Member`], or a fault of the database.
pub async fn referred_friends(
    vault: &Vault,
    member: MemberId,
) -> Result<(Vec<Referral>, Option<Referral>), Error> {
    let on = vault.database.connection();
    members::load_standing(on, member).await?.ok_or(Missing::Member(member))?;
    Ok((referrals::latest(on, member, FRIENDS_LISTED).await?, referrals::load(on, member).await?))
}

/// The terms that hold; `None` while there were never any.
///
/// # Errors
/// A fault of the database.
pub async fn terms(vault: &Vault) -> Result<Option<Versioned>, Error> {
    referral_terms::newest(vault.database.connection()).await
}
