//! What a programme would have given: purchases of the past decided again, in memory, by the very code that decides at tills.
//!
//! **A replay of the programme that decided equals the ledger to the point**: same decisions, same order on each account. Memory
//! grows with the members whose accounts are open, not with purchases: of those only the ones are kept that are brought back
//! later. What members did with their points besides, spending and transfers, is not replayed.

mod figures;
mod spread;
mod tally;

use std::collections::HashMap;

use contracts::points::ReturnedLine;
use kernel::{BranchCode, Day, JournalId, MemberId, Overflow, Points};

use self::{spread::Spread, tally::Tally};
use super::{
    Account, AskedOfMembers, Back, Credit, History, Ladder, LineBack, Moment, Original, Programme, Purchase,
    Rates, Standing, Tallies, Terms, decide, decide_return,
};

pub use figures::{
    BranchFigures, MoneyFigures, MonthFigures, ProgrammeFigures, RuleFigures, SimulationFigures, TierFigures,
};
pub use spread::{Comparison, Example, GroupSpread, SpreadBand};

/// A replay of purchases through one programme, or through two side by side.
pub struct Replay<'a> {
    sides: Vec<Side<'a>>,
    members: HashMap<MemberId, Member>,
    spread: Spread,
    figures: Figures,
}

/// What is counted of the purchases themselves.
#[derive(Clone, Copy, Default)]
struct Figures {
    members: u64,
    purchases: u64,
    amount: i64,
    returns: u64,
    returns_left_out: u64,
}

struct Side<'a> {
    programme: &'a Programme,
    tally: Tally,
    /// How much of its limits was used.
    limits: Tallies,
}

/// A member whose account is open.
struct Member {
    /// One account for each programme.
    accounts: Vec<Account>,
    /// What each programme gave, less what returns took back.
    gained: Vec<Points>,
    /// Where the member stands under each programme that has tiers.
    standings: Vec<Option<Standing>>,
    /// What the member did before.
    history: History,
    /// Where the member bought last.
    branch: BranchCode,
    /// Purchases that are brought back later.
    bought: HashMap<JournalId, Bought>,
}

struct Bought {
    /// When.
    on: Day,
    /// What came of it under each programme.
    originals: Vec<Original>,
}

/// A return of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastReturn {
    /// Whose.
    pub member: MemberId,
    /// The purchase that it undid.
    pub original: JournalId,
    /// How much of its amount.
    pub amount: i64,
    /// Which lines came back, where they were named.
    pub lines: Vec<ReturnedLine>,
    /// When it was recorded.
    pub at: Moment,
}

impl PastReturn {
    fn what(&self) -> Back {
        if self.lines.is_empty() {
            return Back::Amount(self.amount);
        }
        let line = |line: &ReturnedLine| LineBack {
            line: Some(line.line),
            sku: None,
            quantity_milli: Some(line.quantity_milli),
            amount: Some(line.amount),
        };
        Back::Lines(self.lines.iter().map(line).collect())
    }
}

impl<'a> Replay<'a> {
    /// A replay through a programme, beside another one that it is compared with.
    #[must_use]
    pub fn new(programme: &'a Programme, against: Option<&'a Programme>) -> Self {
        let side = |programme: &'a Programme| Side {
            programme,
            tally: Tally::new(&programme.document),
            limits: Tallies::default(),
        };
        Self {
            sides: std::iter::once(programme).chain(against).map(side).collect(),
            members: HashMap::new(),
            spread: Spread::default(),
            figures: Figures::default(),
        }
    }

    /// What the rules of all its programmes ask of members on a day.
    #[must_use]
    pub fn asked(&self, today: Day) -> AskedOfMembers {
        let asked = self.sides.iter().map(|side| side.programme.document.asked(today));
        asked.fold(AskedOfMembers::default(), AskedOfMembers::and)
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
        let sides = self.sides.len();
        let standings = || {
            self.sides
                .iter()
                .map(|side| side.programme.document.tiers.as_ref().map(|_| Standing::new(purchase.today)))
        };
        let member = self
            .members
            .entry(purchase.member)
            .or_insert_with(|| Member::new(&purchase, standings().collect()));
        if member.branch != purchase.branch {
            member.branch = purchase.branch.clone();
        }
        // What others tell comes with the purchase; what was bought before is what was replayed before.
        member.history.learn(std::mem::take(&mut purchase.history));
        purchase.history = std::mem::take(&mut member.history);
        let mut originals = Vec::new();
        for (place, side) in self.sides.iter_mut().enumerate() {
            let account = &mut member.accounts[place];
            let ladder = side.programme.document.tiers.as_ref();
            let mut ladder = ladder.zip(member.standings[place].as_mut());
            purchase.tier = ladder
                .as_mut()
                .and_then(|(ladder, standing)| moves(&mut side.tally, ladder, standing, purchase.today));
            let earning = side.programme.document.earning(&purchase, paid)?;
            let Ok(decision) = decide(account, Some(side.programme), &earning, &mut side.limits) else {
                side.tally.refused += 1;
                continue;
            };
            side.tally.count(&purchase, &decision)?;
            member.gained[place] = member.gained[place].plus(decision.earned)?;
            let of_rules = decision.trace.of_rules()?;
            if let Some((ladder, standing)) = ladder {
                standing.count(ladder, Credit::of_purchase(of_rules, purchase.amount));
                side.tally.moved(purchase.tier, standing.tier(ladder));
            }
            if kept {
                originals.push(Original::of_purchase(&side.programme.document, &purchase, decision)?);
            }
        }
        purchase.history.purchases += 1;
        visit(&mut purchase.history, purchase.today);
        member.history = purchase.history;
        if kept && originals.len() == sides {
            let bought = Bought { on: purchase.today, originals };
            member.bought.insert(purchase.journal_id, bought);
        }
        Ok(())
    }

    /// Decides a return of a purchase that was kept; that of any other one is left out and counted.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn give_back(&mut self, back: &PastReturn) -> Result<(), Overflow> {
        let member = self.members.get_mut(&back.member);
        let found = member.and_then(|m| {
            let bought = m.bought.get_mut(&back.original)?;
            Some((&mut m.accounts, &mut m.gained, &mut m.standings, bought))
        });
        let Some((accounts, gained, standings, bought)) = found else {
            self.figures.returns_left_out += 1;
            return Ok(());
        };
        self.figures.returns += 1;
        for (place, side) in self.sides.iter_mut().enumerate() {
            let terms = Terms { at: back.at, debt: side.programme.document.debt };
            let original = &mut bought.originals[place];
            match decide_return(&mut accounts[place], original, &back.what(), terms) {
                Ok(decision) => {
                    let taken = side.tally.give_back(&decision)?;
                    gained[place] = gained[place].minus(taken)?;
                    if let Some((ladder, standing)) =
                        side.programme.document.tiers.as_ref().zip(standings[place].as_mut())
                    {
                        let before = moves(&mut side.tally, ladder, standing, back.at.today);
                        standing.take_back(bought.on, decision.credit);
                        side.tally.moved(before, standing.tier(ladder));
                    }
                }
                Err(_) => side.tally.refused += 1,
            }
            original.note(back.amount, &back.lines);
        }
        Ok(())
    }

    /// Closes the account of a member of whom nothing more comes: what is left at the end is counted, and forgotten.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn close(&mut self, member: MemberId, end: Moment) -> Result<(), Overflow> {
        let Some(closing) = self.members.remove(&member) else { return Ok(()) };
        self.figures.members += 1;
        let kept = closing.accounts.into_iter().zip(closing.standings);
        for (side, (account, standing)) in self.sides.iter_mut().zip(kept) {
            side.tally.close(account, Terms { at: end, debt: side.programme.document.debt })?;
            if let Some((ladder, mut standing)) = side.programme.document.tiers.as_ref().zip(standing) {
                let tier = moves(&mut side.tally, ladder, &mut standing, end.today);
                side.tally.stays(tier);
            }
        }
        if let Ok(gained) = <[Points; 2]>::try_from(closing.gained) {
            self.spread.count(member, &closing.branch, &closing.history.segments, gained)?;
        }
        Ok(())
    }

    /// Closes whoever is left, and adds everything up; in money, too, where it is known what points are worth.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn finish(mut self, end: Moment, rates: Option<&Rates>) -> Result<SimulationFigures, Overflow> {
        let mut left: Vec<MemberId> = self.members.keys().copied().collect();
        left.sort_unstable();
        for member in left {
            self.close(member, end)?;
        }
        let Figures { members, purchases, amount, returns, returns_left_out } = self.figures;
        let compared = self.sides.len() > 1;
        let programmes = self.sides.into_iter().map(|side| side.tally.figures(side.programme, rates));
        Ok(SimulationFigures {
            members,
            purchases,
            amount,
            returns,
            returns_left_out,
            programmes: programmes.collect::<Result<_, _>>()?,
            assumed: Vec::new(),
            rates: rates.cloned(),
            comparison: compared.then(|| self.spread.comparison()),
        })
    }
}

/// Lets time pass for a member who stands on a ladder, and counts what that changes; answers where the member stands then.
fn moves(tally: &mut Tally, ladder: &Ladder, standing: &mut Standing, today: Day) -> Option<usize> {
    let before = standing.tier(ladder);
    standing.advance(ladder, today);
    let tier = standing.tier(ladder);
    tally.moved(before, tier);
    tier
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

impl Member {
    fn new(first: &Purchase, standings: Vec<Option<Standing>>) -> Self {
        let sides = standings.len();
        Self {
            standings,
            accounts: vec![Account::new(first.member); sides],
            branch: first.branch.clone(),
            gained: vec![Points::ZERO; sides],
            history: History::default(),
            bought: HashMap::new(),
        }
    }
}
