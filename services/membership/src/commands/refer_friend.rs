//! Somebody who joined a moment ago gives the code of whoever referred them (J6).
//!
//! Both are held, in the order of their ids, so that a member refers no more than they may, however many give their code at once.

use kernel::{MemberId, Timestamp};

use super::{Desk, Put};
use crate::{
    domain::{
        code_window::{CodeWindow, Counted},
        referral::{REFERRAL_ATTEMPTS, REFERRALS_WITHIN, Referral, ReferralRefusal, Referrer, refer},
        referral_code::ReferralCode,
        referral_terms::ReferralTerms,
        rejection::Rejection,
    },
    error::{Error, Missing},
    store::{
        members, referral_terms, referrals, sign_ins,
        ties::{newcomer, ties},
    },
};

/// Refers a friend; the same code again changes nothing.
///
/// # Errors
/// [`Missing::Member`], [`ReferralRefusal`], or a fault of the database.
pub async fn refer_friend(
    desk: &Desk,
    friend: MemberId,
    code: &ReferralCode,
) -> Result<Put<Referral>, Error> {
    let on = desk.vault.database.connection();
    members::load_standing(on, friend).await?.ok_or(Missing::Member(friend))?;
    if let Some(known) = referrals::load(on, friend).await? {
        let owner = referrals::owner_of(on, code).await?;
        return given(known, owner);
    }
    let terms = referral_terms::newest(on).await?.map(|known| known.terms).filter(|terms| terms.live);
    let terms = terms.ok_or_else(|| Rejection::from(ReferralRefusal::Closed))?;
    count_attempt(desk, friend).await?;
    let owner = referrals::owner_of(on, code).await?;
    let referrer = owner.ok_or_else(|| Rejection::from(ReferralRefusal::Unknown))?;
    record(desk, friend, referrer, &terms).await
}

fn given(known: Referral, owner: Option<MemberId>) -> Result<Put<Referral>, Error> {
    if owner == Some(known.referrer) {
        return Ok(Put::Known(known));
    }
    Err(Rejection::from(ReferralRefusal::Given).into())
}

/// Counts in a transaction of its own, so that it counts whatever becomes of the code.
async fn count_attempt(desk: &Desk, friend: MemberId) -> Result<(), Error> {
    let now = desk.clock.now();
    let subject = desk.vault.counted_digest(Counted::ReferralDay, &friend.to_string());
    let window = CodeWindow::around(Counted::ReferralDay, subject, now, REFERRAL_ATTEMPTS);
    let tx = desk.vault.database.begin().await?;
    if !sign_ins::count(&tx, &window).await? {
        let seconds = window.seconds_left(now);
        return Err(Rejection::from(ReferralRefusal::Attempts { seconds }).into());
    }
    Ok(tx.commit().await?)
}

async fn record(
    desk: &Desk,
    friend: MemberId,
    referrer: MemberId,
    terms: &ReferralTerms,
) -> Result<Put<Referral>, Error> {
    let mut changes = desk.member_changes(&[friend, referrer]).await?;
    changes.must_hold(friend)?;
    if !changes.holds(referrer) {
        return Err(Rejection::from(ReferralRefusal::Unknown).into());
    }
    if let Some(known) = referrals::load(&changes.tx, friend).await? {
        return given(known, Some(referrer));
    }
    let newcomer = newcomer(&changes.tx, friend).await?.ok_or(Missing::Member(friend))?;
    let since = Timestamp::from_micros(changes.now.micros().saturating_sub(REFERRALS_WITHIN));
    let referrer = Referrer {
        member: referrer,
        lately: referrals::count_since(&changes.tx, referrer, since).await?,
        ties: ties(&changes.tx, friend, referrer).await?,
    };
    let (referral, told) = refer(&newcomer, &referrer, terms, changes.now).map_err(Rejection::from)?;
    referrals::insert(&changes.tx, &referral).await?;
    changes.tell_apart(referral_subject(friend), referral.told(), &told);
    desk.conclude_changes(changes).await?;
    Ok(Put::New(referral))
}

/// Whose referral facts are about; they are numbered on their own.
pub(super) fn referral_subject(friend: MemberId) -> String {
    format!("{friend}/referral")
}
