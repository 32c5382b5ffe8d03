//! A member tells a code at a counter: for some minutes it vouches for them there.

use kernel::{MemberId, Timestamp};

use super::{
    Desk,
    confirm_code::{Answered, Confirmed},
    exchange_code::after,
};
use crate::{
    domain::{rejection::Rejection, vouching::VouchedAt},
    error::Error,
    store::vouchings,
};

/// Vouches for the member, and answers until when; a code of somebody else is used up and vouches for nobody.
///
/// # Errors
/// [`Rejection::CodeWrong`], [`Rejection::CodeSpent`], or a fault of the database.
pub async fn vouch(
    desk: &Desk,
    member: MemberId,
    at: &VouchedAt,
    answered: &Answered,
) -> Result<Timestamp, Error> {
    let now = desk.clock.now();
    let Confirmed { tx, member: confirmed, telling, .. } = desk.confirm(answered).await?;
    if confirmed.id != member {
        desk.conclude(tx, telling).await?;
        return Err(Rejection::CodeSpent.into());
    }
    let until = after(now, desk.settings.lives.vouching);
    vouchings::note(&tx, desk.ids.uuid(), member, at, until).await?;
    desk.conclude(tx, telling).await?;
    Ok(until)
}
