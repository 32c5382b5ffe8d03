//! What one programme comes to, counted as it decides.

use std::collections::{BTreeMap, HashMap};

use kernel::{BranchCode, Day, Overflow, Points};

use super::figures::{
    ActionFigures, BranchFigures, MoneyFigures, MonthFigures, ProgrammeFigures, RuleFigures, TierFigures,
};
use crate::domain::{
    Account, Action, ActionDecision, Decided, Decision, Journal, NEVER, Programme, ProgrammeDocument,
    Purchase, Rates, ReturnDecision, Settled, Template, Terms, Value, settle,
};

#[derive(Default)]
pub(super) struct Tally {
    issued: Points,
    taken_back: Points,
    /// Of both what is for actions.
    for_actions: (Points, Points),
    expired: Points,
    recovered: Points,
    liability: Points,
    pending: Points,
    debt: Points,
    pub(super) refused: u64,
    rules: Vec<(Points, i64, u64)>,
    actions: Vec<(Points, u64)>,
    branches: HashMap<BranchCode, OfBranch>,
    expiring: BTreeMap<Day, Points>,
    tiers: Vec<OfTier>,
}

#[derive(Default)]
struct OfBranch {
    purchases: u64,
    amount: i64,
    points: Points,
    for_actions: Points,
    taken_back: Points,
    owed: Points,
}

#[derive(Clone, Copy, Default)]
struct OfTier {
    members: u64,
    reached: u64,
    lost: u64,
}

impl Tally {
    pub(super) fn new(document: &ProgrammeDocument) -> Self {
        let levels = document.tiers.as_ref().map_or(0, |ladder| ladder.levels.len());
        Self {
            rules: vec![(Points::ZERO, 0, 0); document.rules.len()],
            actions: vec![(Points::ZERO, 0); document.actions.len()],
            tiers: vec![OfTier::default(); levels],
            ..Self::default()
        }
    }

    /// A member who stood on one level of the ladder stands on another one.
    pub(super) fn moved(&mut self, from: Option<usize>, to: Option<usize>) {
        match (from, to) {
            (_, Some(to)) if from < Some(to) => self.tiers[to].reached += 1,
            (Some(from), _) if to < Some(from) => self.tiers[from].lost += 1,
            _ => {}
        }
    }

    /// A member stands on a level at the end.
    pub(super) fn stays(&mut self, on: Option<usize>) {
        if let Some(level) = on {
            self.tiers[level].members += 1;
        }
    }

    fn branch(&mut self, branch: &BranchCode) -> &mut OfBranch {
        if !self.branches.contains_key(branch) {
            self.branches.insert(branch.clone(), OfBranch::default());
        }
        self.branches.get_mut(branch).expect("it was just put there")
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
        let there = self.branch(&purchase.branch);
        there.purchases += 1;
        there.amount = there.amount.checked_add(purchase.amount).ok_or(Overflow)?;
        there.points = there.points.plus(decision.earned)?;
        Ok(())
    }

    pub(super) fn acted(
        &mut self,
        document: &ProgrammeDocument,
        action: &Action,
        decision: &ActionDecision,
    ) -> Result<(), Overflow> {
        self.issued = self.issued.plus(decision.granted)?;
        self.for_actions.0 = self.for_actions.0.plus(decision.granted)?;
        self.settled(&decision.settled)?;
        self.happened(&decision.journal)?;
        let rules = document.actions.iter().enumerate().filter(|(_, rule)| rule.on.action == action.action);
        for ((place, rule), outcome) in rules.zip(&decision.trace.0) {
            let gave = outcome.points();
            if !gave.is_positive() {
                continue;
            }
            let (points, actions) = &mut self.actions[place];
            *points = points.plus(gave)?;
            *actions += 1;
            if let Some(funder) = rule.funder(action) {
                let there = self.branch(funder);
                there.for_actions = there.for_actions.plus(gave)?;
            }
        }
        Ok(())
    }

    /// Answers what was taken back of an action.
    pub(super) fn undo(&mut self, decision: &ReturnDecision) -> Result<Points, Overflow> {
        let taken = self.give_back(decision)?;
        self.for_actions.1 = self.for_actions.1.plus(taken)?;
        Ok(taken)
    }

    pub(super) fn activated(&mut self, decided: &Decided) -> Result<(), Overflow> {
        self.settled(&decided.settled)?;
        self.happened(&decided.journal)
    }

    /// Answers what the return took back, from the account or as a debt.
    pub(super) fn give_back(&mut self, decision: &ReturnDecision) -> Result<Points, Overflow> {
        self.settled(&decision.settled)?;
        let back = |template: Template| {
            matches!(template, Template::Returned | Template::ReturnedOnDebt | Template::PendingReturned)
        };
        let mut taken = Points::ZERO;
        for movement in decision.journal.movements.iter().filter(|m| back(m.template)) {
            taken = taken.plus(movement.points)?;
            let there = self.branch(&movement.funder);
            there.taken_back = there.taken_back.plus(movement.points)?;
        }
        self.taken_back = self.taken_back.plus(taken)?;
        Ok(taken)
    }

    /// What happened by itself before a decision: points lapsed, pending ones came and paid debts.
    fn settled(&mut self, settled: &[Settled]) -> Result<(), Overflow> {
        settled.iter().try_for_each(|settled| self.happened(&settled.journal))
    }

    fn happened(&mut self, journal: &Journal) -> Result<(), Overflow> {
        for movement in &journal.movements {
            match movement.template {
                Template::Lapsed | Template::LapsedIdle => {
                    self.expired = self.expired.plus(movement.points)?;
                }
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
        for lot in account.lots().iter().chain(account.asides().iter().map(|aside| &aside.lot)) {
            let there = self.branch(&lot.funder);
            there.owed = there.owed.plus(lot.points)?;
        }
        Ok(())
    }

    /// What its points cost and what is owed, as the branches pay for them.
    fn money(&self, rates: &Rates) -> Result<MoneyFigures, Overflow> {
        let mut money = MoneyFigures { cost: 0, owed: Value::default() };
        for (funder, there) in &self.branches {
            let cost =
                rates.cost_of(funder).of(there.points.plus(there.for_actions)?.minus(there.taken_back)?)?;
            money.cost = money.cost.checked_add(cost).ok_or(Overflow)?;
            money.owed = money.owed.plus(rates.value_of(funder, there.owed)?)?;
        }
        Ok(money)
    }

    pub(super) fn figures(
        self,
        programme: &Programme,
        rates: Option<&Rates>,
    ) -> Result<ProgrammeFigures, Overflow> {
        let money = rates.map(|rates| self.money(rates)).transpose()?;
        let rules = programme.document.rules.iter().zip(self.rules);
        let rules = rules.map(|(rule, (points, granted, purchases))| RuleFigures {
            code: rule.code.clone(),
            name: rule.name.clone(),
            points,
            granted,
            purchases,
        });
        let actions = programme.document.actions.iter().zip(self.actions);
        let actions = actions.map(|(rule, (points, actions))| ActionFigures {
            code: rule.code.clone(),
            name: rule.name.clone(),
            points,
            actions,
        });
        let levels = programme.document.tiers.iter().flat_map(|ladder| &ladder.levels);
        let tiers = levels.zip(self.tiers).map(|(level, OfTier { members, reached, lost })| TierFigures {
            code: level.code.clone(),
            name: level.name.clone(),
            members,
            reached,
            lost,
        });
        let (expiring, never_expiring) = by_month(self.expiring);
        Ok(ProgrammeFigures {
            version: programme.version,
            issued: self.issued,
            taken_back: self.taken_back,
            for_actions: self.for_actions.0,
            taken_back_of_actions: self.for_actions.1,
            expired: self.expired,
            recovered: self.recovered,
            liability: self.liability,
            pending: self.pending,
            debt: self.debt,
            refused: self.refused,
            rules: rules.collect(),
            actions: actions.collect(),
            branches: by_branch(self.branches),
            expiring,
            never_expiring,
            money,
            tiers: tiers.collect(),
        })
    }
}

fn by_branch(branches: HashMap<BranchCode, OfBranch>) -> Vec<BranchFigures> {
    let figures = |(branch, OfBranch { purchases, amount, points, for_actions, taken_back, owed })| {
        BranchFigures { branch, purchases, amount, points, for_actions, taken_back, owed }
    };
    let mut branches: Vec<BranchFigures> = branches.into_iter().map(figures).collect();
    branches.sort_unstable_by(|a, b| a.branch.cmp(&b.branch));
    branches
}

/// What lapses by month of its last day, and what never does.
fn by_month(days: BTreeMap<Day, Points>) -> (Vec<MonthFigures>, Points) {
    let mut months: Vec<MonthFigures> = Vec::new();
    let mut never = Points::ZERO;
    for (day, points) in days {
        if day == NEVER {
            never = points;
            continue;
        }
        let month: String = day.to_string().chars().take(7).collect();
        match months.last_mut().filter(|last| last.month == month) {
            // Parts of a sum that fits fit.
            Some(last) => last.points = last.points.plus(points).unwrap_or(last.points),
            None => months.push(MonthFigures { month, points }),
        }
    }
    (months, never)
}
