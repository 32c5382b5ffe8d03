//! Challenges and contests: written down, published, counted, decided.

pub mod count_purchases;
pub mod decide_contests;
pub mod keep_challenges;

use contracts::rewards::WhyGiven;
use kernel::{BranchCode, GiftId, JournalId, MemberId, RewardCode, Timestamp};
use store::Tx;

use super::{
    Teller,
    promise_gifts::{Promise, promise},
};
use crate::{error::Error, store::challenges::KeptChallenge};

/// What somebody is given by a challenge or a contest.
struct Earned<'a> {
    member: MemberId,
    why: WhyGiven,
    cause: &'a str,
    reward: &'a RewardCode,
    at: Timestamp,
    /// The purchase that brought it, and where it was made.
    with: Option<(JournalId, &'a BranchCode)>,
}

/// Promises what is given, once for each cause.
async fn reward(
    teller: &Teller,
    tx: &Tx,
    kept: &KeptChallenge,
    earned: &Earned<'_>,
) -> Result<Option<GiftId>, Error> {
    let wanted = Promise {
        source: &kept.source(),
        cause: earned.cause,
        member: earned.member,
        why: earned.why,
        reward: earned.reward,
        branch: earned.with.map(|(_, branch)| branch),
        purchase: earned.with.map(|(purchase, _)| purchase),
        budgeted: true,
        caused_at: earned.at,
        apart_ms: 0,
    };
    promise(teller, tx, &wanted).await
}
