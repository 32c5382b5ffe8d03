//! A till took money for a plan: it begins, or lasts one period longer (J7).
//!
//! The member is held meanwhile, and the receipt names the payment for ever, so that no money counts twice and none is lost.

use kernel::{Day, MemberId, PaymentId};

use super::{ATTEMPTS, Desk, Put};
use crate::{
    domain::{
        payment::{Payment, Taken},
        rejection::Rejection,
        subscription::pay,
    },
    error::{Error, Missing},
    store::{plans, subscriptions},
};

/// Records a payment; the same one again is answered as it was.
///
/// # Errors
/// [`Missing::Member`], [`Missing::Plan`], [`crate::domain::subscription::PlanRefusal`], [`Error::Contended`], or a fault of the database.
pub async fn pay_plan(desk: &Desk, taken: Taken, today: Day) -> Result<Put<Payment>, Error> {
    for _ in 0..ATTEMPTS {
        if let Some(done) = attempt(desk, &taken, today).await? {
            return Ok(done);
        }
    }
    Err(Error::Contended)
}

/// One transaction; `None` when somebody else used the receipt meanwhile.
async fn attempt(desk: &Desk, taken: &Taken, today: Day) -> Result<Option<Put<Payment>>, Error> {
    let mut changes = desk.member_changes(&[taken.member]).await?;
    let like = subscriptions::payments_like(&changes.tx, &taken.at).await?;
    if let Some(known) = taken.again(like).map_err(Rejection::from)? {
        return Ok(Some(Put::Known(known)));
    }
    changes.must_hold(taken.member)?;
    let plan = plans::newest(&changes.tx, &taken.plan).await?.ok_or(Missing::Plan)?;
    let before = subscriptions::load(&changes.tx, taken.member).await?;
    let paid = pay(taken.member, before.as_ref(), &plan, (taken.amount, taken.currency), today);
    let (after, told, bought) = paid.map_err(Rejection::from)?;
    let payment = Payment {
        id: PaymentId::from_uuid(desk.ids.uuid()),
        member: taken.member,
        plan: plan.code,
        version: plan.version,
        amount: taken.amount,
        currency: taken.currency,
        bought,
        paid_at: changes.now,
        at: taken.at.clone(),
    };
    if !subscriptions::insert_payment(&changes.tx, &payment).await? {
        return Ok(None);
    }
    subscriptions::save(&changes.tx, &after, after.next_change(today)).await?;
    changes.tell_apart(plan_subject(taken.member), after.told, &told);
    desk.conclude_changes(changes).await?;
    Ok(Some(Put::New(payment)))
}

/// Whose plan facts are about; they are numbered on their own.
pub(super) fn plan_subject(member: MemberId) -> String {
    format!("{member}/plan")
}
