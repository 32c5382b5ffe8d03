//! Two members are one: redemptions, vouchers and what was counted are of the one who stays.

use kernel::MemberId;
use store::Tx;

use crate::{error::Error, store::merging};

/// Moves everything, in the transaction of whoever heard of it; once more changes nothing. What was on its way goes on under its
/// id: points finds it by that, whoever's it is.
///
/// # Errors
/// A fault of the database.
pub async fn absorb_member(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    if merging::note(tx, survivor, absorbed).await? {
        merging::take_over(tx, survivor, absorbed).await?;
    }
    Ok(())
}
