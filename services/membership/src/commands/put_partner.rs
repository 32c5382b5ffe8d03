//! Takes a partner in, or changes what its keys open and from where.

use kernel::PartnerCode;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::partner::{Partner, PartnerTerms},
    error::Error,
    store::partners,
};

/// Makes sure that there is a partner of this code on these terms.
///
/// # Errors
/// [`Error::Contended`], or a fault of the database.
pub async fn put_partner(desk: &Desk, code: PartnerCode, terms: PartnerTerms) -> Result<Put<Partner>, Error> {
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        if let Some(known) = partners::hold(&tx, &code).await? {
            let partner = Partner { terms, ..known };
            partners::update(&tx, &partner).await?;
            tx.commit().await?;
            return Ok(Put::Known(partner));
        }
        let partner = Partner { code: code.clone(), terms: terms.clone(), since: desk.clock.now() };
        if partners::insert(&tx, &partner).await? {
            tx.commit().await?;
            return Ok(Put::New(partner));
        }
    }
    Err(Error::Contended)
}
