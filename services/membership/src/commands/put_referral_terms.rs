//! Says what the chain promises members who bring friends. What was promised before stays promised.

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::referral_terms::ReferralTerms,
    error::Error,
    store::referral_terms::{self, Versioned},
};

/// Makes sure that these terms hold from now on; the same ones again are no new version.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn put_referral_terms(desk: &Desk, terms: ReferralTerms) -> Result<Put<Versioned>, Error> {
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        let before = referral_terms::newest(&tx).await?;
        let version = match before {
            Some(known) if known.terms == terms => return Ok(Put::Known(known)),
            Some(known) => known.version + 1,
            None => 1,
        };
        let next = Versioned { version, terms: terms.clone(), since: desk.clock.now() };
        if referral_terms::insert(&tx, &next).await? {
            tx.commit().await?;
            return Ok(if version == 1 { Put::New(next) } else { Put::Known(next) });
        }
    }
    Err(Error::Contended)
}
