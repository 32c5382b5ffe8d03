//! Purchases, paid with points in part or not, and what comes back of them.

mod activating;

use kernel::{BranchCode, Day, Points, Timestamp};

use super::{
    Bug,
    model::{BRANCHES, Slip},
    till::{SHARE, Till, lot, lots, slip},
};
use crate::domain::{
    Back, Credit, EarnedLot, Journal, Movement, Original, PaidSo, Purchase, Shown, Spend, Tallies, Template,
    decide, decide_return, decide_with_points,
    properties::{Step, id, purchase},
};

/// A purchase that was recorded.
pub(super) struct Bought {
    original: Original,
    /// What it brought, and from which day on that can be spent.
    slips: Vec<(Slip, Option<Day>)>,
    /// Points that returns accounted for: taken, owed or lapsed.
    undone: i64,
    /// Points that had paid for it and came back.
    came_back: i64,
    /// How much came back in truth.
    returned: i64,
    /// How often its pending points were activated before their day.
    activations: u32,
}

impl Bought {
    /// Says what was undone too much or too little.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self { original, undone, came_back, returned, .. } = self;
        let Original { amount, earned, paid_so, .. } = original;
        let due = |points: Points| points.count() * returned / (*amount).max(1);
        let of_earned: i64 = earned.iter().map(|earned| due(earned.lot.points)).sum();
        let of_paid: i64 = paid_so.lots.iter().map(|lot| due(lot.points)).sum();
        if returned > amount || *undone != of_earned || *came_back != of_paid {
            return Err(format!(
                "I5: {returned} of {amount} came back, {undone} points undone and {came_back} given back, \
                 {of_earned} and {of_paid} were due"
            ));
        }
        if self.activations > 1 {
            return Err(format!("I5: what was pending was activated {} times", self.activations));
        }
        Ok(())
    }
}

impl Till {
    pub(super) fn buy(&mut self, branch: usize, amount: i64, points: Option<i64>) -> Result<bool, String> {
        let (today, asked) = (self.today(), self.asked(branch, amount));
        let (programme, tallies) = (Some(&self.programme), &mut Tallies::default());
        let mut paid_so = PaidSo::default();
        let decided = match points {
            None => decide(&mut self.account, programme, &asked, tallies),
            Some(points) => {
                let spend = Spend::Points(Points::new(points));
                match decide_with_points(&mut self.account, programme, &asked, (spend, Shown::ALL), tallies) {
                    Ok((spent, decision)) => {
                        self.write(&spent.settled, &spent.journal)?;
                        self.model.take(points, today);
                        paid_so = PaidSo { paid: spent.paid, lots: lots(&spent.journal, Template::Redeemed) };
                        Ok(decision)
                    }
                    Err(rejection) => Err(rejection),
                }
            }
        };
        let Ok(decision) = decided else { return Ok(false) };
        self.write(&decision.settled, &decision.purchase)?;
        let slips = self.come(branch, amount - paid_so.paid.amount);
        let earned =
            |(slip, from): &(Slip, Option<Day>)| EarnedLot { lot: lot(*slip), pending: from.is_some() };
        let earned = slips.iter().map(earned).collect();
        let original = Original {
            member: id(),
            amount,
            returned: 0,
            earned,
            counted: Credit::default(),
            lines: Vec::new(),
            paid_so,
        };
        self.bought.push(Bought { original, slips, undone: 0, came_back: 0, returned: 0, activations: 0 });
        Ok(true)
    }

    fn asked(&mut self, branch: usize, amount: i64) -> Purchase {
        let number = self.next_id().as_uuid().as_u128();
        let step = Step { days: 0, branch: 0, amount, minute: 0, programme: 0, foreign: false };
        let mut asked = purchase(&step, number, self.today());
        asked.branch = BranchCode::parse(BRANCHES[branch]).expect("a code");
        asked.recorded_at = Timestamp::from_micros(self.now);
        asked
    }

    /// What so much money brings to the model.
    fn come(&mut self, branch: usize, money: i64) -> Vec<(Slip, Option<Day>)> {
        let today = self.today();
        let from = today.plus_days(10);
        let own = if money >= 2_000 { 7 } else { 0 };
        let mut slips = vec![((today.plus_months(2), branch, money / 100 + own, own), None)];
        if money >= 3_000 {
            slips.push(((from.plus_months(1), branch, 9, 4), Some(from)));
        }
        slips.retain(|(slip, _)| slip.2 > 0);
        for (slip, from) in &slips {
            self.model.come(*slip, *from);
        }
        self.model.pay((money / 100 + own) * SHARE / 100, today);
        slips
    }

    pub(super) fn give_back(&mut self, which: usize, amount: i64) -> Result<bool, String> {
        let (today, terms) = (self.today(), self.terms());
        let bought = &self.bought[which];
        let Original { amount: paid, returned: before, .. } = bought.original;
        let amount = if amount == i64::MAX { paid - before } else { amount };
        let back = Back::Amount(amount);
        let Ok(mut decision) = decide_return(&mut self.account, &bought.original, &back, terms) else {
            return Ok(false);
        };
        if self.bug == Some(Bug::LosesAMovement) {
            decision.journal.movements.pop();
        }
        self.write(&decision.settled, &decision.journal)?;
        let bought = &mut self.bought[which];
        bought.undone += undone(&decision.journal) + decision.lapsed.count();
        bought.came_back += decision.came_back.points.count();
        bought.returned += amount;
        if self.bug != Some(Bug::ReturnsWithoutMemory) {
            bought.original.returned = bought.returned;
        }
        let due = |slip: Slip| due(slip, [before, before + amount], paid);
        let spent: Vec<Slip> = bought.original.paid_so.lots.iter().map(slip).map(due).collect();
        let alive = spent.iter().filter(|slip| slip.0 >= today).map(|slip| slip.2).sum();
        let slips = bought.slips.clone();
        for slip in spent.into_iter().filter(|slip| slip.2 > 0) {
            self.model.come(slip, None);
        }
        self.model.pay(alive, today);
        let mut owed = 0;
        for (slip, from) in slips {
            owed += self.model.give_back(due(slip), from.is_some(), today);
        }
        self.model.pay(owed, today);
        self.model.pass(today, self.now, SHARE);
        Ok(true)
    }
}

/// What becomes due of a slip when so much of the whole had come back and so much has now.
pub(super) fn due((day, branch, points, bound): Slip, [before, after]: [i64; 2], whole: i64) -> Slip {
    let upto = |returned: i64| points * returned / whole.max(1);
    let of_them = |due: i64| bound * due / points.max(1);
    let [before, after] = [upto(before), upto(after)];
    (day, branch, after - before, of_them(after) - of_them(before))
}

/// Points of the purchase that a return took, or that are owed since.
fn undone(journal: &Journal) -> i64 {
    let undone = |m: &&Movement| {
        matches!(m.template, Template::Returned | Template::PendingReturned | Template::ReturnedOnDebt)
    };
    journal.movements.iter().filter(undone).map(|m| m.points.count()).sum()
}
