//! Actions, early activations and granted tiers, decided again.

use kernel::{MemberId, Overflow, Timestamp};

use super::{
    PastAction, PastActivation, PastReversal, Replay,
    life::{self, Kept, Known, undone},
    tally::Tally,
};
use crate::domain::{
    Action, ActionDecision, Back, Credit, EarnedLot, Original, PaidSo, Template, Terms, decide_action,
    decide_activation,
};

impl Replay<'_> {
    /// Decides an action, in the order in which it was recorded among what else its member did. A programme that has no
    /// rule about it gives nothing and refuses nothing.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn act(&mut self, done: PastAction) -> Result<(), Overflow> {
        let PastAction { id, mut action, at, kept } = done;
        self.figures.actions += 1;
        self.grants_until(action.member, at.now);
        let member = life::member(&mut self.members, &self.sides, action.member, at.today);
        member.did_something = true;
        let mut known = Vec::new();
        for (side, life) in self.sides.iter_mut().zip(&mut member.lives) {
            let document = &side.programme.document;
            if document.rules_about(&action.action).next().is_none() {
                known.push(None);
                continue;
            }
            let tier = life.tier(side, at.today);
            action.tier = document.tier_code(tier).map(str::to_owned);
            let Ok(decision) = decide_action(&mut life.account, document, &action, &mut side.limits, at)
            else {
                side.tally.refused += 1;
                known.push(None);
                continue;
            };
            life.account.restart(at.today, document.inactivity);
            side.tally.acted(document, &action, &decision)?;
            life.gained = life.gained.plus(decision.granted)?;
            if decision.qualifying.is_positive() {
                life.count(side, tier, Credit::of_action(decision.qualifying));
            }
            if kept {
                known.push(Some(Kept { original: original(&action, decision), places: Vec::new() }));
            }
        }
        if kept {
            member.known.insert(id, Known { on: at.today, undone: 0, sides: known });
        }
        Ok(())
    }

    /// Decides what an action that was kept gives back when it is undone; any other one is left out.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn undo(&mut self, reversal: PastReversal) -> Result<(), Overflow> {
        let PastReversal { member, action, undone: upto, at } = reversal;
        self.grants_until(member, at.now);
        let Some((lives, known)) = life::known(&mut self.members, member, action) else { return Ok(()) };
        self.figures.actions_undone += 1;
        let part = upto - known.undone;
        undone(&mut self.sides, lives, known, &Back::Amount(part), at, Tally::undo)?;
        known.note(part, &[]);
        Ok(())
    }

    /// Makes spendable what is pending of a purchase that was kept.
    ///
    /// # Errors
    /// [`Overflow`] when sums do not fit.
    pub fn activate(&mut self, activation: PastActivation) -> Result<(), Overflow> {
        let PastActivation { member, purchase, at } = activation;
        let Some((lives, known)) = life::known(&mut self.members, member, purchase) else { return Ok(()) };
        for ((side, life), kept) in self.sides.iter_mut().zip(lives).zip(&mut known.sides) {
            let Some(kept) = kept else { continue };
            let own = kept.original.pending_left(&kept.places)?;
            let terms = Terms { at, debt: side.programme.document.debt };
            match decide_activation(&mut life.account, &own, terms) {
                Ok(decided) => side.tally.activated(&decided)?,
                Err(_) => side.tally.refused += 1,
            }
            // What was activated is taken from what can be spent, like anything else.
            for earned in &mut kept.original.earned {
                earned.pending = false;
            }
        }
        Ok(())
    }

    /// Grants and ends what people granted and ended of a member's tiers by then.
    pub(super) fn grants_until(&mut self, id: MemberId, now: Timestamp) {
        if self.grants.is_empty() {
            return;
        }
        let Some(grants) = self.grants.get_mut(&id) else { return };
        while let Some(granted) = grants.pop_if(|next| next.at.now <= now) {
            let member = life::member(&mut self.members, &self.sides, id, granted.at.today);
            for (side, life) in self.sides.iter_mut().zip(&mut member.lives) {
                life.restate(side, granted.at.today, |standing| standing.grant.clone_from(&granted.grant));
            }
        }
        if grants.is_empty() {
            self.grants.remove(&id);
        }
    }
}

/// An action that was decided just now.
fn original(action: &Action, decision: ActionDecision) -> Original {
    let earned = decision.journal.movements.into_iter().filter_map(|movement| {
        let pending = match movement.template {
            Template::Bonus => false,
            Template::EarnedPending => true,
            _ => return None,
        };
        Some(EarnedLot { lot: movement.lot(), pending })
    });
    Original {
        member: action.member,
        amount: action.measure(),
        returned: 0,
        earned: earned.collect(),
        counted: Credit::of_action(decision.qualifying),
        lines: Vec::new(),
        paid_so: PaidSo::default(),
    }
}
