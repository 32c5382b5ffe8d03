//! A member says that their plan shall not go on, or takes that back; and time passes over plans (J7).

use kernel::{Day, MemberId};
use runtime::Chain;

use super::{Desk, member_changes::MemberChanges, pay_plan::plan_subject};
use crate::{
    domain::{
        rejection::Rejection,
        subscription::{PlanRefusal, Subscription},
    },
    error::Error,
    store::subscriptions,
};

/// How many plans are looked at before the next ones are looked up.
const PIECE: u64 = 200;

/// The plan ends with what is paid for; saying so again changes nothing.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`PlanRefusal::None`], or a fault of the database.
pub async fn cancel_plan(desk: &Desk, member: MemberId, today: Day) -> Result<Subscription, Error> {
    let (mut changes, before) = running(desk, member).await?;
    let cancelled = before.cancel(today, changes.now).map_err(Rejection::from)?;
    let Some((after, told)) = cancelled else { return Ok(before) };
    if let Some(told) = &told {
        changes.tell_apart(plan_subject(member), after.told, told);
    }
    save(desk, changes, after, today).await
}

/// The plan goes on, as if nobody had cancelled it; saying so again changes nothing.
///
/// # Errors
/// [`crate::error::Missing::Member`], [`PlanRefusal::None`], or a fault of the database.
pub async fn keep_plan(desk: &Desk, member: MemberId, today: Day) -> Result<Subscription, Error> {
    let (mut changes, before) = running(desk, member).await?;
    let Some((after, told)) = before.keep(today).map_err(Rejection::from)? else { return Ok(before) };
    if let Some(told) = &told {
        changes.tell_apart(plan_subject(member), after.told, told);
    }
    save(desk, changes, after, today).await
}

async fn running(desk: &Desk, member: MemberId) -> Result<(MemberChanges<'_>, Subscription), Error> {
    let changes = desk.member_changes(&[member]).await?;
    changes.must_hold(member)?;
    let before = subscriptions::load(&changes.tx, member).await?;
    Ok((changes, before.ok_or_else(|| Rejection::from(PlanRefusal::None))?))
}

async fn save(
    desk: &Desk,
    changes: MemberChanges<'_>,
    after: Subscription,
    today: Day,
) -> Result<Subscription, Error> {
    subscriptions::save(&changes.tx, &after, after.next_change(today)).await?;
    desk.conclude_changes(changes).await?;
    Ok(after)
}

/// Tells of every plan that stands elsewhere today than was told; answers how many. Any number of replicas tell it once.
///
/// # Errors
/// A fault of the database.
pub async fn pass_plans(desk: &Desk, chain: &Chain) -> Result<u64, Error> {
    let today = chain.local(desk.clock.now(), None).day;
    let mut told = 0;
    loop {
        let due = subscriptions::changed_by(desk.vault.database.connection(), today, PIECE).await?;
        if due.is_empty() {
            return Ok(told);
        }
        for member in due {
            told += u64::from(pass_plan(desk, member, today).await?);
        }
    }
}

async fn pass_plan(desk: &Desk, member: MemberId, today: Day) -> Result<bool, Error> {
    let mut changes = desk.member_changes(&[member]).await?;
    let Some(before) = subscriptions::load(&changes.tx, member).await? else { return Ok(false) };
    let Some((after, fact)) = before.pass(today) else {
        // Another replica told it, or the next change was noted for a day that is over.
        subscriptions::save(&changes.tx, &before, before.next_change(today)).await?;
        changes.tx.commit().await?;
        return Ok(false);
    };
    changes.tell_apart(plan_subject(member), after.told, &fact);
    save(desk, changes, after, today).await?;
    Ok(true)
}
