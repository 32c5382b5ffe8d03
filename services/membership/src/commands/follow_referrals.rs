//! Friends bought something, or brought it back: referrals count, or are undone (J6).

use std::sync::Arc;

use kernel::{Clock, Ids, JournalId, MemberId};
use store::Tx;

use super::refer_friend::referral_subject;
use crate::{
    domain::referral::{Bought, Referral, Ties},
    error::Error,
    store::{merges, referrals, telling::Telling, ties::ties},
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
}

/// Counts and undoes referrals in the transaction of the consumer, whatever comes again.
///
/// # Errors
/// A fault of the database.
pub async fn follow_referrals(with: &Referring, tx: &Tx, heard: &[Heard]) -> Result<(), Error> {
    let mut members: Vec<MemberId> = heard.iter().map(Heard::member).collect();
    members.sort_unstable();
    members.dedup();
    // A friend whose membership went into another one stays in the books by the id of then.
    let names = merges::absorbed_by(tx, &members).await?;
    members.extend(names.iter().map(|(absorbed, _)| *absorbed));
    let mut referred = referrals::hold(tx, &members).await?;
    if referred.is_empty() {
        return Ok(());
    }
    let mut telling = Telling::new(&*with.ids, with.clock.now());
    let by_all_names = |one: &Heard| {
        let own = one.member();
        let others = names.iter().filter(move |(_, survivor)| *survivor == own);
        std::iter::once(own).chain(others.map(|(absorbed, _)| *absorbed)).collect::<Vec<_>>()
    };
    for (one, name) in heard.iter().flat_map(|one| by_all_names(one).into_iter().map(move |name| (one, name)))
    {
        let Some(referral) = referred.get_mut(&name) else { continue };
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
