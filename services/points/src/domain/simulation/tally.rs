//! What one programme comes to, counted as it decides.

use std::collections::{BTreeMap, HashMap};

use kernel::{BranchCode, Day, Overflow, Points};

use super::figures::{BranchFigures, MonthFigures, ProgrammeFigures, RuleFigures};
use crate::domain::{
    Account, Decision, NEVER, Programme, ProgrammeDocument, Purchase, ReturnDecision, Settled, Template,
    Terms, settle,
};

#[derive(Default)]
pub(super) struct Tally {
    issued: Points,
    taken_back: Points,
    expired: Points,
    recovered: Points,
    liability: Points,
    pending: Points,
    debt: Points,
    pub(super) refused: u64,
    rules: Vec<(Points, i64, u64)>,
    branches: HashMap<BranchCode, (u64, i64, Points)>,
    expiring: BTreeMap<Day, Points>,
}

impl Tally {
    pub(super) fn new(document: &ProgrammeDocument) -> Self {
        Self { rules: vec![(Points::ZERO, 0, 0); document.rules.len()], ..Self::default() }
    }

    pub(super) fn count(&mut self, purchase: &Purchase, decision: &Decision) -> Result<(), Overflow> {
        self.issued = self.issued.plus(decision.earned)?;
        self.recovered = self.recovered.plus(decision.recovered)?;
        self.settled(&decision.settled)?;
        for ((points, granted, purchases), outcome) in self.rules.iter_mut().zip(&decision.trace.0) {
            let (gave, units) = (outcome.points(), outcome.units());
            if gave.is_positive() || units > 0 {
                *points = points.plus(gave)?;
                *granted = granted.checked_add(units).ok_or(Overflow)?;
                *purchases += 1;
            }
        }
        let there = match self.branches.get_mut(&purchase.branch) {
            Some(there) => there,
            None => self.branches.entry(purchase.branch.clone()).or_default(),
        };
        there.0 += 1;
        there.1 = there.1.checked_add(purchase.amount).ok_or(Overflow)?;
        there.2 = there.2.plus(decision.earned)?;
        Ok(())
    }

    /// Answers what the return took back, from the account or as a debt.
    pub(super) fn give_back(&mut self, decision: &ReturnDecision) -> Result<Points, Overflow> {
        self.settled(&decision.settled)?;
        let back = |template: Template| {
            matches!(template, Template::Returned | Template::ReturnedOnDebt | Template::PendingReturned)
        };
        let movements = decision.journal.movements.iter().filter(|m| back(m.template));
        let taken = Points::sum(movements.map(|m| m.points))?;
        self.taken_back = self.taken_back.plus(taken)?;
        Ok(taken)
    }

    /// What happened by itself before a decision: points lapsed, pending ones came and paid debts.
    fn settled(&mut self, settled: &[Settled]) -> Result<(), Overflow> {
        for movement in settled.iter().flat_map(|settled| &settled.journal.movements) {
            match movement.template {
                Template::Lapsed => self.expired = self.expired.plus(movement.points)?,
                Template::DebtRecovered => self.recovered = self.recovered.plus(movement.points)?,
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn close(&mut self, mut account: Account, terms: Terms) -> Result<(), Overflow> {
        self.settled(&settle(&mut account, terms.at, terms.debt)?)?;
        self.liability = self.liability.plus(account.balance)?;
        self.pending =
            self.pending.plus(Points::sum(account.asides().iter().map(|aside| aside.lot.points))?)?;
        self.debt = self.debt.plus(account.debt)?;
        for lot in account.lots() {
            let day = self.expiring.entry(lot.expires_on).or_default();
            *day = day.plus(lot.points)?;
        }
        Ok(())
    }

    pub(super) fn figures(self, programme: &Programme) -> ProgrammeFigures {
        let rules = programme.document.rules.iter().zip(self.rules);
        let rules = rules.map(|(rule, (points, granted, purchases))| RuleFigures {
            code: rule.code.clone(),
            name: rule.name.clone(),
            points,
            granted,
            purchases,
        });
        let branches = self.branches.into_iter();
        let mut branches: Vec<BranchFigures> = branches
            .map(|(branch, (purchases, amount, points))| BranchFigures { branch, purchases, amount, points })
            .collect();
        branches.sort_unstable_by(|a, b| a.branch.cmp(&b.branch));
        let mut expiring: Vec<MonthFigures> = Vec::new();
        let mut never_expiring = Points::ZERO;
        for (day, points) in self.expiring {
            if day == NEVER {
                never_expiring = points;
                continue;
            }
            let month: String = day.to_string().chars().take(7).collect();
            match expiring.last_mut().filter(|last| last.month == month) {
                // Parts of a sum that fits fit.
                Some(last) => last.points = last.points.plus(points).unwrap_or(last.points),
                None => expiring.push(MonthFigures { month, points }),
            }
        }
        ProgrammeFigures {
            version: programme.version,
            issued: self.issued,
            taken_back: self.taken_back,
            expired: self.expired,
            recovered: self.recovered,
            liability: self.liability,
            pending: self.pending,
            debt: self.debt,
            refused: self.refused,
            rules: rules.collect(),
            branches,
            expiring,
            never_expiring,
        }
    }
}
