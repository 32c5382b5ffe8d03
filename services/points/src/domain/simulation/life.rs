//! A member's life under each of the programmes that are replayed.

use std::collections::HashMap;

use contracts::points::ReturnedLine;
use kernel::{BranchCode, Day, JournalId, MemberId, Overflow, Points};

use super::tally::Tally;
use crate::domain::{
    Account, Back, Credit, Decision, History, Moment, Original, Place, Programme, ProgrammeDocument,
    Purchase, ReturnDecision, Standing, Tallies, Terms, came_to, decide_return,
};

/// One of the programmes, and what it comes to.
pub(super) struct Side<'a> {
    pub(super) programme: &'a Programme,
    pub(super) tally: Tally,
    /// How much of its limits was used.
    pub(super) limits: Tallies,
}

impl<'a> Side<'a> {
    pub(super) fn new(programme: &'a Programme) -> Self {
        Side { programme, tally: Tally::new(&programme.document), limits: Tallies::default() }
    }
}

/// A member whose account is open.
pub(super) struct Member {
    /// Under each programme.
    pub(super) lives: Vec<Life>,
    /// Whether anything but a granted tier is known of them.
    pub(super) did_something: bool,
    /// What the member did before.
    pub(super) history: History,
    /// Where the member bought last.
    pub(super) branch: Option<BranchCode>,
    /// What is brought back or undone later.
    pub(super) known: HashMap<JournalId, Known>,
}

impl Member {
    pub(super) fn buys_at(&mut self, branch: &BranchCode) {
        self.did_something = true;
        if self.branch.as_ref() != Some(branch) {
            self.branch = Some(branch.clone());
        }
    }
}

/// The member, with accounts that begin empty where nothing was known before.
pub(super) fn member<'m>(
    members: &'m mut HashMap<MemberId, Member>,
    sides: &[Side<'_>],
    id: MemberId,
    today: Day,
) -> &'m mut Member {
    members.entry(id).or_insert_with(|| Member {
        lives: sides.iter().map(|side| Life::new(id, &side.programme.document, today)).collect(),
        did_something: false,
        history: History::default(),
        branch: None,
        known: HashMap::new(),
    })
}

/// What was kept of a purchase or an action, with its member's lives.
pub(super) fn known(
    members: &mut HashMap<MemberId, Member>,
    id: MemberId,
    original: JournalId,
) -> Option<(&mut Vec<Life>, &mut Known)> {
    let member = members.get_mut(&id)?;
    Some((&mut member.lives, member.known.get_mut(&original)?))
}

/// A member under one programme.
pub(super) struct Life {
    pub(super) account: Account,
    /// What it gave, less what was taken back.
    pub(super) gained: Points,
    /// Where the member stands, if it has tiers.
    pub(super) standing: Option<Standing>,
}

impl Life {
    fn new(member: MemberId, document: &ProgrammeDocument, today: Day) -> Self {
        let standing = document.tiers.as_ref().map(|_| Standing::new(today));
        Self { account: Account::new(member), gained: Points::ZERO, standing }
    }

    /// Lets time pass, and counts what that changes; answers where the member stands then.
    pub(super) fn tier(&mut self, side: &mut Side<'_>, today: Day) -> Option<usize> {
        let (ladder, standing) = side.programme.document.tiers.as_ref().zip(self.standing.as_mut())?;
        let before = standing.tier(ladder);
        standing.advance(ladder, today);
        let tier = standing.tier(ladder);
        side.tally.moved(before, tier);
        tier
    }

    /// Counts for the tier of a member who stood there `before`.
    pub(super) fn count(&mut self, side: &mut Side<'_>, before: Option<usize>, credit: Credit) {
        let ladder = side.programme.document.tiers.as_ref();
        if let Some((ladder, standing)) = ladder.zip(self.standing.as_mut()) {
            standing.count(ladder, credit);
            side.tally.moved(before, standing.tier(ladder));
        }
    }

    /// Changes the standing of today, and counts where that leads.
    pub(super) fn restate(&mut self, side: &mut Side<'_>, today: Day, change: impl FnOnce(&mut Standing)) {
        let before = self.tier(side, today);
        let ladder = side.programme.document.tiers.as_ref();
        if let Some((ladder, standing)) = ladder.zip(self.standing.as_mut()) {
            change(standing);
            side.tally.moved(before, standing.tier(ladder));
        }
    }
}

/// A purchase or an action that is undone later, or a part of it.
pub(super) struct Known {
    /// When.
    pub(super) on: Day,
    /// How much of it was undone so far.
    pub(super) undone: i64,
    /// What came of it under each programme; `None` where it was refused.
    pub(super) sides: Vec<Option<Kept>>,
}

/// What came of it under one programme.
pub(super) struct Kept {
    pub(super) original: Original,
    /// Where its points came that were pending, movement by movement.
    pub(super) places: Vec<Option<Place>>,
}

impl Kept {
    pub(super) fn purchase(
        document: &ProgrammeDocument,
        purchase: &Purchase,
        decision: Decision,
        paid: i64,
    ) -> Result<Self, Overflow> {
        let places = if decision.pending.is_positive() {
            came_to(document, &decision.trace, &purchase.branch, purchase.member, purchase.today)?
        } else {
            Vec::new()
        };
        Ok(Self { original: Original::of_purchase(document, purchase, decision, paid)?, places })
    }
}

impl Known {
    /// Notes that so much of it was undone.
    pub(super) fn note(&mut self, amount: i64, lines: &[ReturnedLine]) {
        self.undone = self.undone.saturating_add(amount);
        for kept in self.sides.iter_mut().flatten() {
            kept.original.note(amount, lines);
        }
    }
}

/// Decides under each programme what is taken back; `count` notes it, and answers how many points that were.
pub(super) fn undone(
    sides: &mut [Side<'_>],
    lives: &mut [Life],
    known: &mut Known,
    back: &Back,
    at: Moment,
    count: fn(&mut Tally, &ReturnDecision) -> Result<Points, Overflow>,
) -> Result<(), Overflow> {
    for ((side, life), kept) in sides.iter_mut().zip(lives).zip(&known.sides) {
        let Some(kept) = kept else { continue };
        let terms = Terms { at, debt: side.programme.document.debt };
        let Ok(decision) = decide_return(&mut life.account, &kept.original, back, terms) else {
            side.tally.refused += 1;
            continue;
        };
        life.account.restart(at.today, side.programme.document.inactivity);
        life.gained = life.gained.minus(count(&mut side.tally, &decision)?)?;
        life.restate(side, at.today, |standing| standing.take_back(known.on, decision.credit));
    }
    Ok(())
}
