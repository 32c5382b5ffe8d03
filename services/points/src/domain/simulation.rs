//! What a programme would have given: purchases, returns and actions of the past decided again, in memory, by the very code
//! that decides when they happen.
//!
//! **A replay of the programme that decided equals the ledger to the point**: same decisions, same order on each account. Memory
//! grows with the members whose accounts are open, not with purchases: of those only the ones are kept that are brought back
//! later. What members did with their points besides, spending and transfers, is not replayed; it changes nothing of what is
//! earned or taken back.

mod acting;
mod figures;
mod life;
mod past;
mod spread;
mod tally;

use std::collections::HashMap;

use kernel::{ActionCode, Day, JournalId, MemberId, Overflow};

use self::{
    life::{Known, Member, Side, undone},
    spread::Spread,
    tally::Tally,
};
use super::{AskedOfMembers, Assumed, History, Moment, Programme, Purchase, Rates, Terms, decide};

pub use figures::{
    ActionFigures, BranchFigures, MoneyFigures, MonthFigures, ProgrammeFigures, RuleFigures,
    SimulationFigures, TierFigures,
};
pub use past::{PastAction, PastActivation, PastGrant, PastReturn, PastReversal};
pub use spread::{Comparison, Example, GroupSpread, SpreadBand};

/// A replay of what members did through one programme, or through two side by side.
pub struct Replay<'a> {
    sides: Vec<Side<'a>>,
    members: HashMap<MemberId, Member>,
    /// What people granted and ended, of each member the earliest last.
    grants: HashMap<MemberId, Vec<PastGrant>>,
    spread: Spread,
    figures: Figures,
}

/// What is counted of that which is replayed.
#[derive(Clone, Copy, Default)]
struct Figures {
    members: u64,
    purchases: u64,
    amount: i64,
    returns: u64,
    returns_left_out: u64,
    actions: u64,
    actions_undone: u64,
}

impl<'a> Replay<'a> {
    /// A replay through a programme, beside another one that it is compared with.
    #[must_use]
    pub fn new(programme: &'a Programme, against: Option<&'a Programme>) -> Self {
        Self {
            sides: std::iter::once(programme).chain(against).map(Side::new).collect(),
            members: HashMap::new(),
            grants: HashMap::new(),
            spread: Spread::default(),
            figures: Figures::default(),
        }
    }

    /// Learns which tiers people granted and ended, in the order in which they did; each comes when its time has come.
    #[must_use]
    pub fn with_grants(mut self, grants: Vec<PastGrant>) -> Self {
        for grant in grants.into_iter().rev() {
            self.grants.entry(grant.member).or_default().push(grant);
        }
        self
    }

    /// What the rules of all its programmes ask of members on a day.
    #[must_use]
    pub fn asked(&self, today: Day) -> AskedOfMembers {
        let asked = self.sides.iter().map(|side| side.programme.document.asked(today));
        asked.fold(AskedOfMembers::default(), AskedOfMembers::and)
    }

    /// What a replay of purchases in a file knows nothing of.
    #[must_use]
    pub fn unknown_in_files(&self, today: Day) -> Vec<Assumed> {
        let mut unknown = self.asked(today).unknown_in_files();
        if self.actions().next().is_some() {
            unknown.push(Assumed::ActionsUnknown);
        }
        unknown
    }

    /// The actions that the rules of all its programmes are about.
    pub fn actions(&self) -> impl Iterator<Item = &ActionCode> {
        self.sides.iter().flat_map(|side| &side.programme.document.actions).map(|rule| &rule.on.action)
    }

    /// How many purchases were replayed so far.
    #[must_use]
    pub const fn purchases(&self) -> u64 {
        self.figures.purchases
    }

    /// Decides a purchase; those of one member come in the order in which they were recorded, and where members
    /// share a limit, all of them. With `kept` a return of it
    /// follows.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn purchase(&mut self, purchase: Purchase, kept: bool) -> Result<(), Overflow> {
        self.paid_purchase(purchase, 0, kept)
    }

    /// The same for one of which points paid so much, in minor units: it earns what the programme says of such a one.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn paid_purchase(&mut self, mut purchase: Purchase, paid: i64, kept: bool) -> Result<(), Overflow> {
        self.figures.purchases += 1;
        self.figures.amount = self.figures.amount.checked_add(purchase.amount).ok_or(Overflow)?;
        self.grants_until(purchase.member, purchase.recorded_at);
        let member = life::member(&mut self.members, &self.sides, purchase.member, purchase.today);
        member.buys_at(&purchase.branch);
        // What others tell comes with the purchase; what was bought before is what was replayed before.
        member.history.learn(std::mem::take(&mut purchase.history));
        purchase.history = std::mem::take(&mut member.history);
        let mut known = Vec::new();
        for (side, life) in self.sides.iter_mut().zip(&mut member.lives) {
            let document = &side.programme.document;
            purchase.tier = life.tier(side, purchase.today);
            let earning = document.earning(&purchase, paid)?;
            let Ok(decision) = decide(&mut life.account, Some(side.programme), &earning, &mut side.limits)
            else {
                side.tally.refused += 1;
                known.push(None);
                continue;
            };
            side.tally.count(&purchase, &decision)?;
            life.gained = life.gained.plus(decision.earned)?;
            let credit = document.credit(&decision.trace, purchase.amount, paid)?;
            life.count(side, purchase.tier, credit);
            if kept {
                known.push(Some(life::Kept::purchase(document, &purchase, decision, paid)?));
            }
        }
        purchase.history.purchases += 1;
        visit(&mut purchase.history, purchase.today);
        member.history = purchase.history;
        if kept {
            member.known.insert(purchase.journal_id, Known { on: purchase.today, undone: 0, sides: known });
        }
        Ok(())
    }

    /// Forgets a purchase that was kept: no return of it follows any more.
    pub fn forget(&mut self, member: MemberId, purchase: JournalId) {
        if let Some(member) = self.members.get_mut(&member) {
            member.known.remove(&purchase);
        }
    }

    /// Decides a return of a purchase that was kept; that of any other one is left out and counted.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn give_back(&mut self, back: &PastReturn) -> Result<(), Overflow> {
        self.grants_until(back.member, back.at.now);
        let found = life::known(&mut self.members, back.member, back.original);
        let Some((lives, known)) = found else {
            self.leave_out_return();
            return Ok(());
        };
        self.figures.returns += 1;
        undone(&mut self.sides, lives, known, &back.what(), back.at, Tally::give_back)?;
        known.note(back.amount, &back.lines);
        Ok(())
    }

    /// Counts a return of which nobody knows the purchase.
    pub const fn leave_out_return(&mut self) {
        self.figures.returns_left_out += 1;
    }

    /// Closes the account of a member of whom nothing more comes: what is left at the end is counted, and forgotten.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn close(&mut self, member: MemberId, end: Moment) -> Result<(), Overflow> {
        self.grants_until(member, end.now);
        let Some(closing) = self.members.remove(&member) else { return Ok(()) };
        let mut gained = Vec::with_capacity(closing.lives.len());
        for (side, mut life) in self.sides.iter_mut().zip(closing.lives) {
            if side.programme.document.tiers.is_some() {
                let tier = life.tier(side, end.today);
                side.tally.stays(tier);
            }
            side.tally.close(life.account, Terms { at: end, debt: side.programme.document.debt })?;
            gained.push(life.gained);
        }
        if !closing.did_something {
            return Ok(());
        }
        self.figures.members += 1;
        if let Ok(gained) = gained.try_into() {
            self.spread.count(member, closing.branch.as_ref(), &closing.history.segments, gained)?;
        }
        Ok(())
    }

    /// Closes whoever is left, and adds everything up; in money, too, where it is known what points are worth.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn finish(mut self, end: Moment, rates: Option<&Rates>) -> Result<SimulationFigures, Overflow> {
        let granted: Vec<MemberId> = self.grants.keys().copied().collect();
        for member in granted {
            self.grants_until(member, end.now);
        }
        let mut left: Vec<MemberId> = self.members.keys().copied().collect();
        left.sort_unstable();
        for member in left {
            self.close(member, end)?;
        }
        let Figures { members, purchases, amount, returns, returns_left_out, actions, actions_undone } =
            self.figures;
        let compared = self.sides.len() > 1;
        let programmes = self.sides.into_iter().map(|side| side.tally.figures(side.programme, rates));
        Ok(SimulationFigures {
            members,
            purchases,
            amount,
            returns,
            returns_left_out,
            actions,
            actions_undone,
            programmes: programmes.collect::<Result<_, _>>()?,
            assumed: Vec::new(),
            rates: rates.cloned(),
            comparison: compared.then(|| self.spread.comparison()),
        })
    }
}

/// No rule looks further back than so many days.
const LONGEST_LOOK: i32 = 366;

/// Notes a day with a purchase once, and forgets those that no rule asks for any more.
fn visit(history: &mut History, today: Day) {
    if history.visited.last() != Some(&today) {
        history.visited.retain(|day| day.number() + LONGEST_LOOK >= today.number());
        history.visited.push(today);
    }
}
