//! A member's paid plan: from the first payment until it lapses, or ends because the member cancelled it (J7).
//!
//! **Every payment buys exactly one period, and periods follow each other without gap or overlap.** They are counted in months from the
//! first day, so that what began on the 31st ends with the month where it is shorter, and on the 30th again afterwards. Days are those
//! of the chain's wall clock. Where a subscription stands follows from the day alone; what was told of it is remembered.

use contracts::membership::{PlanStanding, PlanStandingChanged};
use kernel::{Currency, Day, MemberId, PlanCode, Timestamp};
use thiserror::Error;

use super::plan::Plan;

/// A member's plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Whose.
    pub member: MemberId,
    /// Which plan.
    pub plan: PlanCode,
    /// The version of its terms under which the last period was paid.
    pub version: u32,
    /// The first day.
    pub anchor: Day,
    /// How many months from then on are paid for.
    pub months: u32,
    /// How many days before the end the next period can be paid.
    pub renew_days: u16,
    /// How many days after the end the benefits go on.
    pub grace_days: u16,
    /// When the member said that it shall not go on.
    pub cancelled_at: Option<Timestamp>,
    /// Where it stood when that was told last.
    pub standing: PlanStanding,
    /// How many facts were told about the member's plans.
    pub told: u64,
}

/// What a payment buys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// The first day.
    pub from: Day,
    /// The last day.
    pub through: Day,
}

/// Why a plan cannot be paid for, cancelled or kept, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PlanRefusal {
    /// It is not sold any more.
    #[error("the plan is not sold")]
    Closed,
    /// It costs something else.
    #[error("the price is {price} {currency}")]
    Amount {
        /// What it costs, in minor units.
        price: i64,
        /// Of this currency.
        currency: Currency,
    },
    /// The member has another plan that runs.
    #[error("another plan runs")]
    Other,
    /// The next period cannot be paid yet.
    #[error("the next period can be paid from {from} on")]
    NotDue {
        /// From when on.
        from: Day,
    },
    /// The member has no plan that runs.
    #[error("no plan runs")]
    None,
    /// The receipt is another payment's.
    #[error("the receipt is another payment's")]
    ReceiptTaken,
    /// The key is another call's.
    #[error("the key is another call's")]
    KeyReused,
    /// The chain has as many plans as it may have.
    #[error("there are {limit} plans already")]
    TooMany {
        /// Plans allowed.
        limit: usize,
    },
}

fn minus_days(day: Day, days: u16) -> Day {
    Day::from_number(day.number().saturating_sub(i32::from(days)))
}

impl Subscription {
    /// The last day that is paid for.
    #[must_use]
    pub fn through(&self) -> Day {
        minus_days(self.anchor.plus_months(self.months), 1)
    }

    /// The first day on which the next period can be paid.
    #[must_use]
    pub fn renewable_from(&self) -> Day {
        minus_days(self.through().plus_days(1), self.renew_days)
    }

    /// The last day on which the benefits go on without being paid for; `None` when it was cancelled.
    #[must_use]
    pub fn grace_through(&self) -> Option<Day> {
        self.cancelled_at.is_none().then(|| self.through().plus_days(self.grace_days))
    }

    /// Where it stands on a day.
    #[must_use]
    pub fn standing_on(&self, today: Day) -> PlanStanding {
        let paid = today <= self.through();
        match self.grace_through() {
            None if paid => PlanStanding::Active,
            None => PlanStanding::Cancelled,
            Some(_) if paid && today < self.renewable_from() => PlanStanding::Active,
            Some(_) if paid => PlanStanding::RenewalDue,
            Some(last) if today <= last => PlanStanding::Grace,
            Some(_) => PlanStanding::Lapsed,
        }
    }

    /// Whether it runs on a day: the member has what it gives.
    #[must_use]
    pub fn runs_on(&self, today: Day) -> bool {
        self.standing_on(today).has_benefits()
    }

    /// The day on which it stands elsewhere than on this one, by time alone; `None` once it has ended.
    #[must_use]
    pub fn next_change(&self, today: Day) -> Option<Day> {
        match self.standing_on(today) {
            PlanStanding::Active if self.cancelled_at.is_none() => Some(self.renewable_from()),
            PlanStanding::Active | PlanStanding::RenewalDue => Some(self.through().plus_days(1)),
            PlanStanding::Grace => self.grace_through().map(|last| last.plus_days(1)),
            PlanStanding::Lapsed | PlanStanding::Cancelled => None,
        }
    }

    /// What is told of where it stands now.
    fn tell(mut self, today: Day) -> (Self, PlanStandingChanged) {
        self.standing = self.standing_on(today);
        self.told += 1;
        let told = PlanStandingChanged {
            member_id: self.member,
            plan: self.plan.clone(),
            standing: self.standing,
            through: self.through(),
        };
        (self, told)
    }

    /// The same plan as another member's, to whose facts about plans it goes on.
    #[must_use]
    pub fn taken_over(&self, member: MemberId, told: u64, today: Day) -> (Self, PlanStandingChanged) {
        Self { member, told, ..self.clone() }.tell(today)
    }

    /// Tells that time has passed, when it stands elsewhere than was told last.
    #[must_use]
    pub fn pass(&self, today: Day) -> Option<(Self, PlanStandingChanged)> {
        (self.standing_on(today) != self.standing).then(|| self.clone().tell(today))
    }

    /// The member says that it shall not go on after what is paid for; `None` when they had said so.
    ///
    /// # Errors
    /// [`PlanRefusal::None`]: it has ended. In its days of grace it ends at once.
    pub fn cancel(
        &self,
        today: Day,
        now: Timestamp,
    ) -> Result<Option<(Self, Option<PlanStandingChanged>)>, PlanRefusal> {
        if !self.runs_on(today) {
            return Err(PlanRefusal::None);
        }
        if self.cancelled_at.is_some() {
            return Ok(None);
        }
        Ok(Some(Self { cancelled_at: Some(now), ..self.clone() }.settled(today)))
    }

    /// The member takes back that it shall not go on; `None` when they had not said so.
    ///
    /// # Errors
    /// [`PlanRefusal::None`]: it has ended.
    pub fn keep(&self, today: Day) -> Result<Option<(Self, Option<PlanStandingChanged>)>, PlanRefusal> {
        if !self.runs_on(today) {
            return Err(PlanRefusal::None);
        }
        if self.cancelled_at.is_none() {
            return Ok(None);
        }
        Ok(Some(Self { cancelled_at: None, ..self.clone() }.settled(today)))
    }

    fn settled(self, today: Day) -> (Self, Option<PlanStandingChanged>) {
        match self.pass(today) {
            Some((after, told)) => (after, Some(told)),
            None => (self, None),
        }
    }
}

/// Decides what a payment of `amount` for a plan does to a member who had `before`: it begins, or lasts one period longer.
///
/// # Errors
/// [`PlanRefusal`], up to [`PlanRefusal::NotDue`].
pub fn pay(
    member: MemberId,
    before: Option<&Subscription>,
    plan: &Plan,
    (amount, currency): (i64, Currency),
    today: Day,
) -> Result<(Subscription, PlanStandingChanged, Bought), PlanRefusal> {
    if !plan.terms.live {
        return Err(PlanRefusal::Closed);
    }
    if (amount, currency) != (plan.terms.price, plan.terms.currency) {
        return Err(PlanRefusal::Amount { price: plan.terms.price, currency: plan.terms.currency });
    }
    let running = before.filter(|before| before.runs_on(today));
    let from = match running {
        Some(running) if running.plan != plan.code => return Err(PlanRefusal::Other),
        Some(running) if today < running.renewable_from() => {
            return Err(PlanRefusal::NotDue { from: running.renewable_from() });
        }
        Some(running) => running.through().plus_days(1),
        None => today,
    };
    let (anchor, months) = running.map_or((today, 0), |running| (running.anchor, running.months));
    let after = Subscription {
        member,
        plan: plan.code.clone(),
        version: plan.version,
        anchor,
        months: months.saturating_add(plan.terms.period.months()),
        renew_days: plan.terms.renew_days,
        grace_days: plan.terms.grace_days,
        cancelled_at: None,
        standing: PlanStanding::Active,
        told: before.map_or(0, |before| before.told),
    };
    let (after, told) = after.tell(today);
    let bought = Bought { from, through: after.through() };
    Ok((after, told, bought))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::plan::{PlanPeriod, PlanTerms, tests::plan};

    const MEMBER: MemberId = MemberId::from_uuid(Uuid::from_u128(1));

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn price(plan: &Plan) -> (i64, Currency) {
        (plan.terms.price, plan.terms.currency)
    }

    fn begun(on: &str) -> Subscription {
        let plan = plan("plus");
        pay(MEMBER, None, &plan, price(&plan), day(on)).expect("begun").0
    }

    fn renewed(before: &Subscription, on: Day) -> Result<(Subscription, Bought), PlanRefusal> {
        let plan = plan("plus");
        pay(MEMBER, Some(before), &plan, price(&plan), on).map(|(after, _, bought)| (after, bought))
    }

    #[test]
    fn it_goes_through_its_standings_by_the_day_alone() {
        let plus = begun("2026-01-31");
        assert_eq!((plus.through(), plus.renewable_from()), (day("2026-02-27"), day("2026-02-21")));
        for (on, standing) in [
            ("2026-01-31", PlanStanding::Active),
            ("2026-02-20", PlanStanding::Active),
            ("2026-02-21", PlanStanding::RenewalDue),
            ("2026-02-27", PlanStanding::RenewalDue),
            ("2026-02-28", PlanStanding::Grace),
            ("2026-03-02", PlanStanding::Grace),
            ("2026-03-03", PlanStanding::Lapsed),
        ] {
            assert_eq!(plus.standing_on(day(on)), standing, "{on}");
        }
        let cancelled = Subscription { cancelled_at: Some(Timestamp::from_micros(1)), ..plus };
        assert_eq!(cancelled.standing_on(day("2026-02-27")), PlanStanding::Active);
        assert_eq!(cancelled.standing_on(day("2026-02-28")), PlanStanding::Cancelled);
    }

    #[test]
    fn it_is_renewed_when_due_or_in_grace_and_begins_anew_after() {
        let plus = begun("2026-01-31");
        assert_eq!(renewed(&plus, day("2026-02-20")), Err(PlanRefusal::NotDue { from: day("2026-02-21") }));
        let (due, bought) = renewed(&plus, day("2026-02-21")).expect("due");
        assert_eq!(bought, Bought { from: day("2026-02-28"), through: day("2026-03-30") });
        assert_eq!(due.through(), day("2026-03-30"), "on the 31st again");
        let (_, late) = renewed(&plus, day("2026-03-02")).expect("in grace");
        assert_eq!(late, bought, "days of grace are not given on top");
        let (anew, bought) = renewed(&plus, day("2026-03-03")).expect("anew");
        assert_eq!((anew.anchor, bought.from), (day("2026-03-03"), day("2026-03-03")));
        assert_eq!(anew.told, 2, "facts are numbered on");
    }

    #[test]
    fn what_cannot_be_paid_is_refused_in_order() {
        let (plus, plan) = (begun("2026-01-31"), plan("plus"));
        let pays = |plan: &Plan, amount, on| {
            pay(MEMBER, Some(&plus), plan, (amount, plan.terms.currency), day(on)).err()
        };
        let closed = Plan { terms: PlanTerms { live: false, ..plan.terms.clone() }, ..plan.clone() };
        assert_eq!(pays(&closed, 1, "2026-02-01"), Some(PlanRefusal::Closed));
        let wrong = Some(PlanRefusal::Amount { price: 500_000, currency: plan.terms.currency });
        assert_eq!(pays(&plan, 499_999, "2026-02-01"), wrong);
        let other = Plan { code: PlanCode::parse("gold").expect("a code"), ..plan };
        assert_eq!(pays(&other, 500_000, "2026-02-21"), Some(PlanRefusal::Other));
        assert_eq!(pays(&other, 500_000, "2026-03-03"), None, "once the first one has lapsed");
    }

    #[test]
    fn it_is_cancelled_at_the_end_of_what_is_paid_and_kept_until_then() {
        let (plus, now) = (begun("2026-01-31"), Timestamp::from_micros(1));
        let (cancelled, told) = plus.cancel(day("2026-02-01"), now).expect("runs").expect("new");
        assert_eq!((told, cancelled.cancel(day("2026-02-02"), now)), (None, Ok(None)));
        let (kept, _) = cancelled.keep(day("2026-02-27")).expect("runs").expect("new");
        assert_eq!(kept.standing_on(day("2026-02-27")), PlanStanding::RenewalDue);
        assert_eq!(plus.keep(day("2026-02-01")), Ok(None));
        assert_eq!(cancelled.keep(day("2026-02-28")), Err(PlanRefusal::None));
        let (ended, told) = plus.cancel(day("2026-02-28"), now).expect("grace").expect("new");
        assert_eq!(
            (ended.standing, told.expect("told").standing),
            (PlanStanding::Cancelled, PlanStanding::Cancelled)
        );
        let (again, _) = renewed(&cancelled, day("2026-02-25")).expect("paid all the same");
        assert_eq!(again.cancelled_at, None);
    }

    proptest! {
        #[test]
        fn payments_buy_days_without_gap_or_overlap(
            start in 0_i32..40_000, steps in prop::collection::vec((0_u16..60, any::<bool>()), 1..30)
        ) {
            let mut today = Day::from_number(start);
            let mut now: Option<Subscription> = None;
            let mut last = Day::from_number(start - 1);
            for (days, yearly) in steps {
                today = today.plus_days(days);
                let mut plan = plan("plus");
                plan.terms.period = if yearly { PlanPeriod::Year } else { PlanPeriod::Month };
                let ran = now.as_ref().is_some_and(|now| now.runs_on(today));
                let Ok((after, told, bought)) = pay(MEMBER, now.as_ref(), &plan, price(&plan), today) else { continue };
                prop_assert_eq!(bought.from, if ran { last.plus_days(1) } else { today });
                prop_assert!(bought.from > last && bought.through >= bought.from.plus_days(27));
                prop_assert_eq!((told.through, after.through()), (bought.through, bought.through));
                last = bought.through;
                now = Some(after);
            }
        }

        #[test]
        fn the_next_change_is_the_first_one(start in 0_i32..40_000, cancelled: bool, days in 0_u16..60) {
            let plan = plan("plus");
            let mut plus = pay(MEMBER, None, &plan, price(&plan), Day::from_number(start)).expect("begun").0;
            plus.cancelled_at = cancelled.then_some(Timestamp::from_micros(1));
            let today = Day::from_number(start).plus_days(days);
            let before = plus.standing_on(today);
            let changes = (1..200).map(|days| today.plus_days(days)).find(|day| plus.standing_on(*day) != before);
            prop_assert_eq!(plus.next_change(today), changes);
        }
    }
}
