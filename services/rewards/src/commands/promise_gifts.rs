//! Gifts are promised where their cause is heard of: a day of the year, joining, a purchase, a long time without one.
//!
//! Whoever hears has no master key (decision 101), so that a promise has no code; [`super::give`] makes it a voucher a moment later.

use contracts::{
    membership::Occasion as Marked,
    points::{GrantKind, PointsEarned, RewardsGranted, RewardsRevoked},
    rewards::WhyGiven,
};
use kernel::{BranchCode, GiftId, JournalId, MemberId, RewardCode, Timestamp};
use ring::digest::{SHA256, digest};
use store::Tx;

use super::{Desk, Teller, Telling, cancel_voucher::cancel, persistence::persistently};
use crate::{
    domain::{
        gift::{State, WhyEnded},
        gift_rule::{Bought, GiftRule, Occasion, YEAR_MS},
    },
    error::Error,
    store::{
        erasures,
        gift_rules::{self, KeptRule},
        gifts::{self, Gift},
        shoppers,
        stock::Taken,
    },
};

/// Who gives what comes with a purchase by a rule of the programme.
const PURCHASES: &str = "purchases";
/// The most gifts that one rule of the programme brings with one purchase.
const MOST_AT_ONCE: i64 = 20;
/// How many of those who are away are looked at together.
const BATCH: u32 = 200;

/// What is to be given, and what for.
#[derive(Clone, Debug)]
pub struct Promise<'a> {
    /// Who gives it, up to 64 characters: the same source gives a member one gift for one cause.
    pub source: &'a str,
    /// What for, up to 100 characters without personal data.
    pub cause: &'a str,
    /// To whom.
    pub member: MemberId,
    /// Why, as members are told.
    pub why: WhyGiven,
    /// What.
    pub reward: &'a RewardCode,
    /// Where, for a reward that is kept at branches.
    pub branch: Option<&'a BranchCode>,
    /// The purchase that brings it.
    pub purchase: Option<JournalId>,
    /// Whether no more are given than the budget of the source has.
    pub budgeted: bool,
    /// When its cause was told.
    pub caused_at: Timestamp,
    /// The same source gives the member nothing else for so many milliseconds before and after.
    pub apart_ms: i64,
}

/// Promises a gift, in the transaction of whoever has a reason for it: the one way to a voucher for which no points are redeemed. Answers
/// nothing where the member was promised it for this cause before, or is erased.
///
/// # Errors
/// A fault of the database.
pub async fn promise(teller: &Teller, tx: &Tx, wanted: &Promise<'_>) -> Result<Option<GiftId>, Error> {
    if erasures::is_erased(tx, wanted.member).await? {
        return Ok(None);
    }
    let fresh = Gift {
        id: GiftId::from_uuid(teller.ids.uuid()),
        source: wanted.source.to_owned(),
        cause: wanted.cause.to_owned(),
        member: wanted.member,
        why: wanted.why,
        reward: wanted.reward.clone(),
        branch: wanted.branch.cloned(),
        purchase: wanted.purchase,
        state: State::Due,
        reason: None,
        budgeted: wanted.budgeted,
        taken: Taken::default(),
        voucher: None,
        caused_at: wanted.caused_at,
        ended_at: None,
        told: 0,
    };
    Ok(gifts::insert(tx, &fresh, wanted.apart_ms).await?.then_some(fresh.id))
}

/// The source of what a rule gives.
#[must_use]
pub fn source_of(kept: &KeptRule) -> String {
    format!("rule:{}", kept.code)
}

/// Promises by one rule.
async fn by_rule(
    (teller, tx): (&Teller, &Tx),
    kept: &KeptRule,
    (member, at): (MemberId, Timestamp),
    (cause, bought): (&str, Option<(JournalId, &BranchCode)>),
) -> Result<bool, Error> {
    let yearly = matches!(kept.rule.occasion, Occasion::Birthday {} | Occasion::JoinAnniversary {});
    let wanted = Promise {
        source: &source_of(kept),
        cause,
        member,
        why: kept.rule.why(),
        reward: &kept.rule.reward,
        branch: bought.map(|(_, branch)| branch),
        purchase: bought.map(|(purchase, _)| purchase),
        budgeted: true,
        caused_at: at,
        apart_ms: if yearly { YEAR_MS } else { 0 },
    };
    Ok(promise(teller, tx, &wanted).await?.is_some())
}

async fn holding(tx: &Tx, at: Timestamp, suits: impl Fn(&GiftRule) -> bool) -> Result<Vec<KeptRule>, Error> {
    let all = gift_rules::all(tx).await?.into_iter();
    Ok(all.filter(|kept| kept.rule.holds_at(at) && suits(&kept.rule)).collect())
}

/// A day of the year is marked.
///
/// # Errors
/// A fault of the database.
pub async fn mark(
    teller: &Teller,
    tx: &Tx,
    (member, marked, at): (MemberId, Marked, Timestamp),
) -> Result<(), Error> {
    for kept in holding(tx, at, |rule| rule.is_about(marked)).await? {
        by_rule((teller, tx), &kept, (member, at), (&at.to_string(), None)).await?;
    }
    Ok(())
}

/// A member joined.
///
/// # Errors
/// A fault of the database.
pub async fn welcome(teller: &Teller, tx: &Tx, (member, at): (MemberId, Timestamp)) -> Result<(), Error> {
    for kept in holding(tx, at, |rule| rule.occasion == (Occasion::Joined {})).await? {
        by_rule((teller, tx), &kept, (member, at), ("joined", None)).await?;
    }
    Ok(())
}

/// A member bought something; the fact is the so-manyth about them. These are the rules about purchases ([`about_purchases`]).
///
/// # Errors
/// A fault of the database.
pub async fn bought(
    teller: &Teller,
    tx: &Tx,
    rules: &[KeptRule],
    (told, seq, at): (&PointsEarned, u64, Timestamp),
) -> Result<(), Error> {
    let Some(number) = shoppers::count(tx, told, seq).await? else { return Ok(()) };
    for kept in rules.iter().filter(|kept| kept.rule.holds_at(at)) {
        let bought = Bought { number, amount: told.amount, branch: &told.branch };
        if kept.rule.is_met(bought, luck(&kept.salt, told.journal_id)) {
            let (purchase, branch) = (told.journal_id, &told.branch);
            let cause = purchase.to_string();
            by_rule((teller, tx), kept, (told.member_id, at), (&cause, Some((purchase, branch)))).await?;
        }
    }
    Ok(())
}

/// The rules about purchases.
///
/// # Errors
/// A fault of the database.
pub async fn about_purchases(tx: &Tx) -> Result<Vec<KeptRule>, Error> {
    let all = gift_rules::all(tx).await?.into_iter();
    Ok(all.filter(|kept| matches!(kept.rule.occasion, Occasion::Purchase { .. })).collect())
}

/// The number that a purchase draws of a rule: the first eight bytes of the SHA-256 of the rule's salt and the purchase's id.
#[must_use]
pub fn luck(salt: &[u8], purchase: JournalId) -> u64 {
    let drawn = digest(&SHA256, &[salt, purchase.as_uuid().as_bytes().as_slice()].concat());
    drawn.as_ref().iter().take(8).fold(0, |number, byte| (number << 8) | u64::from(*byte))
}

/// A purchase met a rule of the programme, and its answer named a reward.
///
/// # Errors
/// A fault of the database.
pub async fn granted(teller: &Teller, tx: &Tx, told: &RewardsGranted, at: Timestamp) -> Result<(), Error> {
    for grant in told.grants.iter().filter(|grant| grant.kind == GrantKind::InstantReward) {
        // What the programme calls a reward and the catalogue cannot have is none of ours.
        let Ok(reward) = RewardCode::parse(&grant.code) else { continue };
        for number in 1..=grant.quantity.min(MOST_AT_ONCE) {
            let wanted = Promise {
                source: PURCHASES,
                cause: &format!("{}{number}", causes(told.purchase_id, &grant.rule)),
                member: told.member_id,
                why: WhyGiven::Purchase,
                reward: &reward,
                branch: Some(&told.branch),
                purchase: Some(told.purchase_id),
                budgeted: false,
                caused_at: at,
                apart_ms: 0,
            };
            promise(teller, tx, &wanted).await?;
        }
    }
    Ok(())
}

/// What stands in front of the causes of what one rule brought with one purchase.
fn causes(purchase: JournalId, rule: &str) -> String {
    format!("{purchase}/{rule}/")
}

/// A purchase was returned that had brought rewards: as many of their vouchers are called back, where they are not used.
///
/// # Errors
/// A fault of the database.
pub async fn revoked(
    teller: &Teller,
    tx: &Tx,
    told: &RewardsRevoked,
    traceparent: Option<&str>,
) -> Result<(), Error> {
    let mut telling = Telling::new(teller, traceparent);
    for grant in told.grants.iter().filter(|grant| grant.kind == GrantKind::InstantReward) {
        let causes = causes(told.purchase_id, &grant.rule);
        let (done, left) = gifts::undoable(tx, told.purchase_id, &causes, told.return_id).await?;
        let wanted = usize::try_from(grant.quantity).unwrap_or_default().saturating_sub(done);
        for id in left.into_iter().take(wanted) {
            take_back(tx, id, told.return_id, &mut telling).await?;
        }
    }
    telling.stage(tx).await
}

async fn take_back(tx: &Tx, id: GiftId, by: JournalId, telling: &mut Telling<'_>) -> Result<(), Error> {
    gifts::undo(tx, id, by).await?;
    withdraw(tx, id, WhyEnded::Returned, telling).await
}

/// Takes a gift back: what is only promised comes to nothing, and a voucher that is not used is called back.
pub(super) async fn withdraw(
    tx: &Tx,
    id: GiftId,
    why: WhyEnded,
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let Some(mut gift) = gifts::hold(tx, id).await? else { return Ok(()) };
    match (gift.state, gift.voucher) {
        (State::Due, _) => gifts::end(tx, &mut gift, why, telling.now()).await,
        (State::Given, Some(voucher)) => match cancel(tx, voucher, telling).await {
            // What is used or over is nothing to take back.
            Ok(_) | Err(Error::Refused(_)) => Ok(()),
            Err(error) => Err(error),
        },
        _ => Ok(()),
    }
}

/// Looks for members who have been away for long enough by now; answers how many were promised something.
///
/// # Errors
/// A fault of the database.
pub async fn win_back(desk: &Desk) -> Result<usize, Error> {
    let (now, mut all) = (desk.teller.clock.now(), 0);
    for kept in gift_rules::all(desk.database.connection()).await? {
        let Some((from, to)) = kept.rule.lapsed(now) else { continue };
        let from = from.max(kept.seen_to);
        if to <= from {
            continue;
        }
        let mut last = None;
        loop {
            let away = shoppers::away(desk.database.connection(), (from, to), last, BATCH).await?;
            let Some(end) = away.last().copied() else { break };
            all += persistently(|| invite(desk, &kept, &away, now)).await?;
            last = Some(end);
        }
        persistently(|| async {
            let tx = desk.database.begin().await?;
            gift_rules::saw(&tx, &kept.code, to).await?;
            Ok(tx.commit().await?)
        })
        .await?;
    }
    Ok(all)
}

async fn invite(
    desk: &Desk,
    kept: &KeptRule,
    away: &[shoppers::LastSeen],
    now: Timestamp,
) -> Result<usize, Error> {
    let (tx, mut promised) = (desk.database.begin().await?, 0);
    for seen in away {
        let cause = seen.purchase.to_string();
        promised +=
            usize::from(by_rule((&desk.teller, &tx), kept, (seen.member, now), (&cause, None)).await?);
    }
    tx.commit().await?;
    Ok(promised)
}
