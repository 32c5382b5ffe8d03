//! Says what members may consent to, and in which words they are asked.

use kernel::PurposeCode;

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        consent::{self, ConsentTexts, PURPOSES_LIMIT, Purpose},
        rejection::Rejection,
    },
    error::Error,
    store::consents,
};

/// Makes sure that there is a purpose of this code with these words. Older words stay for whoever consented to them.
///
/// # Errors
/// [`Rejection::PurposesTooMany`], [`Error::Contended`], or a fault of the database.
pub async fn put_purpose(desk: &Desk, code: PurposeCode, texts: ConsentTexts) -> Result<Put<Purpose>, Error> {
    for _ in 0..ATTEMPTS {
        let tx = desk.vault.database.begin().await?;
        let known = consents::purpose(&tx, &code, None).await?;
        let new = known.is_none();
        let purpose = match consent::put_purpose(known, code.clone(), texts.clone(), desk.clock.now()) {
            consent::Put::Same(purpose) => return Ok(Put::Known(purpose)),
            consent::Put::Words(purpose) => purpose,
        };
        let full = new && consents::purposes(&tx).await?.len() as u64 >= PURPOSES_LIMIT;
        if full {
            return Err(Rejection::PurposesTooMany { limit: PURPOSES_LIMIT }.into());
        }
        if consents::insert_words(&tx, &purpose).await? {
            tx.commit().await?;
            return Ok(if new { Put::New(purpose) } else { Put::Known(purpose) });
        }
    }
    Err(Error::Contended)
}
