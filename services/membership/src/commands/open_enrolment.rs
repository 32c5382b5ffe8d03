//! Makes a code by which a till brings its public key.

use kernel::{BranchCode, TillCode};

use super::{ATTEMPTS, Desk, exchange_code::after};
use crate::{
    domain::enrolment::{CODE_LIFE, CODE_TRIES, Enrolment, EnrolmentCode},
    error::{Error, Missing},
    store::{enrolments, tills},
};

/// Makes a fresh code for a till; earlier ones of the same till are good no longer.
///
/// # Errors
/// [`Missing::Till`], [`Error::Contended`], or a fault of the database.
pub async fn open_enrolment(
    desk: &Desk,
    branch: &BranchCode,
    till: &TillCode,
) -> Result<(Enrolment, EnrolmentCode), Error> {
    for _ in 0..ATTEMPTS {
        let code = desk.draw_enrolment_code();
        let enrolment = Enrolment {
            locator: code.locator().to_owned(),
            branch: branch.clone(),
            till: till.clone(),
            code: desk.vault.enrolment_digest(&code),
            expires_at: after(desk.clock.now(), CODE_LIFE),
            tries_left: CODE_TRIES,
            used_at: None,
        };
        let tx = desk.vault.database.begin().await?;
        if tills::load_till(&tx, branch, till).await?.is_none() {
            return Err(Missing::Till(branch.clone(), till.clone()).into());
        }
        enrolments::remove_of_till(&tx, branch, till).await?;
        if enrolments::insert(&tx, &enrolment).await? {
            tx.commit().await?;
            return Ok((enrolment, code));
        }
        // Another till's code begins alike: nothing is kept, and another one drawn.
    }
    Err(Error::Contended)
}

impl Desk {
    fn draw_enrolment_code(&self) -> EnrolmentCode {
        let mut random = [0; 8];
        self.ids.secret(&mut random);
        EnrolmentCode::drawn(u64::from_be_bytes(random))
    }
}
