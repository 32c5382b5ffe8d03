//! What happens to an account by itself, with time: holds lapse, pending points become spendable, lots lapse.
//!
//! **Right at any instant, whether or not a job has passed**: every decision settles the account first, so that it is made
//! on what is true at that moment. Each step is a journal of its own.

use kernel::{Day, JournalId, Overflow, Points};

use super::{
    Account, Aside, Book, DebtTerms, Journal, JournalKind, Lot, Moment, Movement, Place, Template,
    lot::divide, programme::recovered,
};

/// Something that happened by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// What.
    pub kind: JournalKind,
    /// The hold that lapsed.
    pub about: Option<JournalId>,
    /// The journal to be written.
    pub journal: Journal,
}

/// Moves everything that is due, in this order: holds that lapsed are released, pending points are activated, lots whose
/// last day is over are written off.
///
/// # Errors
/// [`Overflow`], when a sum does not fit.
pub fn settle(account: &mut Account, at: Moment, debt: Option<DebtTerms>) -> Result<Vec<Settled>, Overflow> {
    let mut settled = Vec::new();
    if account.is_due(at) {
        let due: Vec<Aside> =
            account.asides().iter().filter(|aside| aside.place.is_due(at)).cloned().collect();
        let (pending, holds): (Vec<_>, Vec<_>) =
            due.into_iter().partition(|aside| matches!(aside.place, Place::Pending { .. }));
        for hold in holds.chunk_by(|a, b| a.place == b.place) {
            let movements = free(account, hold, Template::Released)?;
            let Place::Hold { id, .. } = hold[0].place else { continue };
            settled.push(Settled {
                kind: JournalKind::Release,
                about: Some(id),
                journal: journal(account, movements),
            });
        }
        // Day by day, and each day's debts are paid with that day's points: the outcome is the same whenever it is written.
        for day in pending.chunk_by(|a, b| a.place == b.place) {
            let movements = activate(account, day, debt)?;
            settled.push(Settled {
                kind: JournalKind::Activation,
                about: None,
                journal: journal(account, movements),
            });
        }
    }
    if let Some(journal) = write_off(account, at.today)? {
        settled.push(Settled { kind: JournalKind::Expiry, about: None, journal });
    }
    Ok(settled)
}

/// Makes pending points spendable; a debt takes its share out of them.
pub(super) fn activate(
    account: &mut Account,
    pending: &[Aside],
    debt: Option<DebtTerms>,
) -> Result<Vec<Movement>, Overflow> {
    let mut movements = free(account, pending, Template::Activated)?;
    let came = Points::sum(movements.iter().map(|m| m.points))?;
    let most = recovered(debt, came)?.min(account.debt);
    let (paying, _) = divide(pending.iter().map(|aside| &aside.lot), most)?;
    for lot in &paying {
        let paid = movement(account, Template::DebtRecovered, lot);
        account.evolve(&paid)?;
        movements.push(paid);
    }
    Ok(movements)
}

/// Makes points spendable that were aside.
pub(super) fn free(
    account: &mut Account,
    asides: &[Aside],
    template: Template,
) -> Result<Vec<Movement>, Overflow> {
    let mut movements = Vec::with_capacity(asides.len());
    for aside in asides {
        let movement = movement(account, template, &aside.lot);
        account.evolve_aside(&movement, aside.place)?;
        movements.push(movement);
    }
    Ok(movements)
}

/// The movement of a lot of this account.
pub(super) fn movement(account: &Account, template: Template, lot: &Lot) -> Movement {
    Movement::of(template, account.member, lot.clone())
}

/// The account's next journal.
pub(super) fn journal(account: &mut Account, movements: Vec<Movement>) -> Journal {
    account.version += 1;
    Journal { version: account.version, movements, balance: account.balance }
}

fn write_off(account: &mut Account, today: Day) -> Result<Option<Journal>, Overflow> {
    let lapsed: Vec<Lot> = account.lapsed(today).cloned().collect();
    if account.is_idle(today) {
        // It ran out; what comes now is written down with the next entry, which begins it anew.
        account.idle_on = None;
    }
    if lapsed.is_empty() {
        return Ok(None);
    }
    let mut movements = Vec::with_capacity(lapsed.len());
    for lot in &lapsed {
        let template = if lot.lapsed(today) { Template::Lapsed } else { Template::LapsedIdle };
        let movement = movement(account, template, lot);
        account.evolve(&movement)?;
        movements.push(movement);
    }
    Ok(Some(journal(account, movements)))
}

impl Journal {
    /// What it does to one of the member's accounts: how many points more, or fewer when negative.
    ///
    /// # Errors
    /// [`Overflow`], which a journal that was decided cannot cause.
    pub fn change(&self, book: Book) -> Result<Points, Overflow> {
        self.movements.iter().try_fold(Points::ZERO, |sum, movement| match movement.effect_on(book) {
            super::Effect::Adds => sum.plus(movement.points),
            super::Effect::Takes => sum.minus(movement.points),
            super::Effect::Leaves => Ok(sum),
        })
    }
}
