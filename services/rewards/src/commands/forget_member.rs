//! A member is erased: what they asked for and did not get comes to nothing, what they have is called back, and what leads to them
//! is forgotten. Redemptions and uses stay, under an id that leads to nobody: points that were redeemed do not become untrue.

use contracts::rewards::MemberForgotten;
use kernel::{MemberId, Timestamp};
use store::Tx;

use super::{
    Teller, Telling, cancel_voucher::cancel, follow::follow, follow_seats, personal_offers::lapse_offers,
};
use crate::{
    domain::{
        gift::{State, WhyEnded},
        redemption::Heard,
    },
    error::Error,
    store::{
        challenge_entries, draw_entries, draw_wins, erasures, gifts, redemptions, shoppers, tastes, vouchers,
    },
};

/// Forgets a member, in the transaction of whoever heard of it; once more changes nothing.
///
/// # Errors
/// A fault of the database.
pub async fn forget_member(
    teller: &Teller,
    tx: &Tx,
    member: MemberId,
    (erased_at, traceparent): (Timestamp, Option<&str>),
) -> Result<(), Error> {
    let first = erasures::note(tx, member, erased_at).await?;
    for id in redemptions::open(tx, member).await? {
        follow(teller, tx, id, Heard::Erased, (None, traceparent)).await?;
    }
    let mut telling = Telling::new(teller, traceparent);
    follow_seats::forget(tx, member, &mut telling).await?;
    for id in gifts::promised(tx, member).await? {
        // What was given while this waited for it is called back with its voucher.
        let held = gifts::hold(tx, id).await?;
        if let Some(mut gift) = held.filter(|gift| gift.state == State::Due) {
            gifts::end(tx, &mut gift, WhyEnded::MemberErased, telling.now()).await?;
        }
    }
    for id in vouchers::open(tx, member).await? {
        match cancel(tx, id, &mut telling).await {
            // What is over is no use to anybody.
            Ok(_) | Err(Error::Refused(_)) => {}
            Err(error) => return Err(error),
        }
    }
    if first {
        let done = MemberForgotten { member_id: member };
        telling.tell(format!("{member}/erasure"), &mut 0, &done);
    }
    telling.stage(tx).await?;
    vouchers::forget_codes(tx, member).await?;
    draw_entries::forget(tx, member).await?;
    draw_wins::forget(tx, member, erased_at).await?;
    shoppers::forget(tx, member).await?;
    tastes::forget(tx, member, None).await?;
    challenge_entries::forget(tx, member).await?;
    lapse_offers::forget(tx, member, erased_at).await?;
    erasures::forget(tx, member).await
}
