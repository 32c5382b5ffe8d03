//! A till took money for a plan: it begins, or lasts one period longer (J7).
//!
//! The member is held meanwhile, and the receipt names the payment for ever, so that no money counts twice and none is lost.

use kernel::{Currency, Day, MemberId, PaymentId};

use super::{ATTEMPTS, Desk, Put, member_changes::MemberChanges};
use crate::{
    domain::{
        payment::{PaidAt, Payment, Taken},
        plan::Plan,
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
    let given = Given {
        member: taken.member,
        plan: &plan,
        money: (taken.amount, taken.currency),
        at: PaidAt::Till(taken.at.clone()),
        today,
    };
    let Some(payment) = buy(desk, &mut changes, given).await? else { return Ok(None) };
    desk.conclude_changes(changes).await?;
    Ok(Some(Put::New(payment)))
}

/// Money, and what it is for.
pub(super) struct Given<'p> {
    /// From whom; the transaction holds them.
    pub member: MemberId,
    /// For which plan, on which terms.
    pub plan: &'p Plan,
    /// How much, in minor units, of which currency.
    pub money: (i64, Currency),
    /// Where.
    pub at: PaidAt,
    /// On which day.
    pub today: Day,
}

/// Buys one period: the payment, the plan and its fact. `None` when the payment is known; what is refused writes nothing.
pub(super) async fn buy(
    desk: &Desk,
    changes: &mut MemberChanges<'_>,
    given: Given<'_>,
) -> Result<Option<Payment>, Error> {
    let Given { member, plan, money, at, today } = given;
    let before = subscriptions::load(&changes.tx, member).await?;
    let paid = pay(member, before.as_ref(), plan, money, today);
    let (after, told, bought) = paid.map_err(Rejection::from)?;
    let payment = Payment {
        id: PaymentId::from_uuid(desk.ids.uuid()),
        member,
        plan: plan.code.clone(),
        version: plan.version,
        amount: money.0,
        currency: money.1,
        bought,
        paid_at: changes.now,
        at,
    };
    if !subscriptions::insert_payment(&changes.tx, &payment).await? {
        return Ok(None);
    }
    subscriptions::save(&changes.tx, &after, after.next_change(today)).await?;
    changes.tell_apart(plan_subject(member), after.told, &told);
    Ok(Some(payment))
}

/// Whose plan facts are about; they are numbered on their own.
pub(super) fn plan_subject(member: MemberId) -> String {
    format!("{member}/plan")
}
