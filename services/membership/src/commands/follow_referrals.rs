//! Friends bought something, or brought it back: referrals count, or are undone (J6).

use std::sync::Arc;

use bus::Waker;
use kernel::{Clock, Ids, JournalId, MemberId};
use store::Tx;

use super::refer_friend::referral_subject;
use crate::{
    domain::referral::{Bought, Referral, Ties},
    error::Error,
    store::{referrals, telling::Telling, ties::ties},
};

/// What `points` tells of somebody's purchases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// They bought something.
    Bought(MemberId, Bought),
    /// They brought a purchase back, or a part of it.
    Returned(MemberId, Returned),
}

/// What came back of a purchase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returned {
    /// The return.
    pub id: JournalId,
    /// Of which purchase.
    pub purchase: JournalId,
    /// How much of its amount, in minor units.
    pub amount: i64,
}

impl Heard {
    const fn member(&self) -> MemberId {
        match self {
            Self::Bought(member, _) | Self::Returned(member, _) => *member,
        }
    }
}

/// What referrals are counted with.
#[derive(Clone)]
pub struct Referring {
    /// When it happens.
    pub clock: Arc<dyn Clock>,
    /// Names for what is told.
    pub ids: Arc<dyn Ids>,
    /// Is woken when something was told.
    pub relay: Waker,
}

/// Counts and undoes referrals in the transaction of the consumer, whatever comes again.
///
/// # Errors
/// A fault of the database.
pub async fn follow_referrals(with: &Referring, tx: &Tx, heard: &[Heard]) -> Result<(), Error> {
    let mut members: Vec<MemberId> = heard.iter().map(Heard::member).collect();
    members.sort_unstable();
    members.dedup();
    let mut referred = referrals::hold(tx, &members).await?;
    if referred.is_empty() {
        return Ok(());
    }
    let mut telling = Telling::new(&*with.ids, with.clock.now());
    for one in heard {
        let Some(referral) = referred.get_mut(&one.member()) else { continue };
        let after = match one {
            Heard::Bought(_, bought) => count(with, tx, referral, bought, &mut telling).await?,
            Heard::Returned(_, returned) => undo(with, tx, referral, returned, &mut telling).await?,
        };
        if let Some(after) = after {
            referrals::update(tx, &after).await?;
            *referral = after;
        }
    }
    if !telling.is_empty() {
        telling.stage(tx).await?;
        with.relay.wake();
    }
    Ok(())
}

async fn count(
    with: &Referring,
    tx: &Tx,
    referral: &Referral,
    bought: &Bought,
    telling: &mut Telling<'_>,
) -> Result<Option<Referral>, Error> {
    if !referral.may_count(bought) {
        return Ok(None);
    }
    // They may have moved together, or signed in on one device, since the code was given.
    let ties: Ties = ties(tx, referral.friend, referral.referrer).await?;
    let Some((after, told)) = referral.count(bought, ties, with.clock.now()) else { return Ok(None) };
    telling.tell(referral_subject(after.friend), after.told(), &told);
    Ok(Some(after))
}

async fn undo(
    with: &Referring,
    tx: &Tx,
    referral: &Referral,
    returned: &Returned,
    telling: &mut Telling<'_>,
) -> Result<Option<Referral>, Error> {
    if !referral.counts_by(returned.purchase) {
        return Ok(None);
    }
    let all = referrals::note_return(tx, referral.friend, returned.id, returned.amount).await?;
    let Some((after, told)) = referral.undo(all, with.clock.now()) else { return Ok(None) };
    telling.tell(referral_subject(after.friend), after.told(), &told);
    Ok(Some(after))
}
