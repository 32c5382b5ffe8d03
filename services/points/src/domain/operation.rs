//! Decisions about an account that no purchase makes: holds and what becomes of them, redemptions, corrections by hand,
//! freezing and closing.

use kernel::{BranchCode, Day, JournalId, Overflow, Points, Timestamp};

use super::{
    Account, AccountState, Aside, DebtTerms, Journal, Lot, Moment, Movement, NEVER, Place, Rejection,
    Settled, Template,
    lot::divide,
    returns::recover,
    settle::{activate, free, journal, movement, settle},
};

/// What was decided: what had happened by itself before, and the operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decided {
    /// What had happened by itself, written first.
    pub settled: Vec<Settled>,
    /// The operation; its movements may be none.
    pub journal: Journal,
}

/// When a decision is made, and how debts are recovered meanwhile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The moment.
    pub at: Moment,
    /// The live programme's terms of debts.
    pub debt: Option<DebtTerms>,
}

/// Settles the account, then does what `act` says; the account is unchanged when that is refused.
fn operate(
    account: &mut Account,
    terms: Terms,
    act: impl FnOnce(&mut Account) -> Result<Vec<Movement>, Rejection>,
) -> Result<Decided, Rejection> {
    let mut after = account.clone();
    let settled = settle(&mut after, terms.at, terms.debt)?;
    let movements = act(&mut after)?;
    let journal = journal(&mut after, movements);
    *account = after;
    Ok(Decided { settled, journal })
}

/// Whether points may leave the account.
///
/// # Errors
/// [`Rejection::AccountFrozen`], [`Rejection::AccountClosed`].
pub fn may_spend(account: &Account) -> Result<(), Rejection> {
    match account.state {
        AccountState::Open => Ok(()),
        AccountState::Frozen => Err(Rejection::AccountFrozen),
        AccountState::Closed => Err(Rejection::AccountClosed),
    }
}

/// Takes points out of an account that is settled, earliest expiry first.
///
/// # Errors
/// [`Rejection::BalanceTooLow`]; nothing is changed then.
pub fn take(
    account: &mut Account,
    points: Points,
    template: Template,
    at: Moment,
    place: Option<Place>,
) -> Result<Vec<Movement>, Rejection> {
    let lots = account.oldest(points, at.today);
    let there = Points::sum(lots.iter().map(|lot| lot.points))?;
    if there < points {
        return Err(Rejection::BalanceTooLow { missing: points.minus(there)? });
    }
    let mut movements = Vec::with_capacity(lots.len());
    for lot in &lots {
        let movement = movement(account, template, lot);
        match place {
            Some(place) => account.evolve_aside(&movement, place)?,
            None => account.evolve(&movement)?,
        }
        movements.push(movement);
    }
    Ok(movements)
}

/// Sets points aside until an instant.
///
/// # Errors
/// [`Rejection::BalanceTooLow`], [`Rejection::AccountFrozen`], [`Rejection::AccountClosed`].
pub fn decide_hold(
    account: &mut Account,
    id: JournalId,
    points: Points,
    until: Timestamp,
    terms: Terms,
) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        may_spend(after)?;
        after.let_go(points, terms.at.now)?;
        take(after, points, Template::Held, terms.at, Some(Place::Hold { id, until }))
    })
}

/// Redeems points that were set aside, all or so many of them, earliest expiry first; the rest is free again.
///
/// # Errors
/// [`Rejection::HoldOver`] when it was captured, released or lapsed before; [`Rejection::CaptureTooLarge`].
pub fn decide_capture(
    account: &mut Account,
    hold: JournalId,
    points: Option<Points>,
    terms: Terms,
) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Frozen {
            return Err(Rejection::AccountFrozen);
        }
        let asides = open_hold(after, hold)?;
        let held = Points::sum(asides.iter().map(|aside| aside.lot.points))?;
        let points = points.unwrap_or(held);
        if points > held || !points.is_positive() {
            return Err(Rejection::CaptureTooLarge { held });
        }
        let (taken, rest) = split(asides, points)?;
        let mut movements = free(after, &taken, Template::Captured)?;
        movements.extend(free(after, &rest, Template::Released)?);
        Ok(movements)
    })
}

/// Frees points that were set aside.
///
/// # Errors
/// [`Rejection::HoldOver`] when it was captured, released or lapsed before.
pub fn decide_release(account: &mut Account, hold: JournalId, terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        let asides = open_hold(after, hold)?;
        Ok(free(after, &asides, Template::Released)?)
    })
}

/// Whether a hold was made for a redemption of a reward: such a hold has the redemption's own id, which is fresh (a UUID of version
/// 7), where the ids of all others are made from who asked (version 8).
#[must_use]
pub fn is_of_redemption(hold: JournalId) -> bool {
    hold.as_uuid().get_version_num() == 7
}

fn open_hold(account: &Account, hold: JournalId) -> Result<Vec<Aside>, Rejection> {
    let asides = account.hold(hold);
    if asides.is_empty() { Err(Rejection::HoldOver) } else { Ok(asides) }
}

/// The first so many points of what a hold set aside, and the others.
fn split(asides: Vec<Aside>, points: Points) -> Result<(Vec<Aside>, Vec<Aside>), Overflow> {
    let Some(place) = asides.first().map(|aside| aside.place) else { return Ok((asides, Vec::new())) };
    let (first, rest) = divide(asides.iter().map(|aside| &aside.lot), points)?;
    let there = |lots: Vec<Lot>| lots.into_iter().map(|lot| Aside { place, lot }).collect();
    Ok((there(first), there(rest)))
}

/// Makes points spendable before their day, because what earned them cannot come back any more: of each lot so many as
/// named, as far as they are still pending. What became spendable by itself meanwhile is left out.
///
/// Points of one lot are the same wherever they are pending: those of the place that is named go first, then others of the
/// lot, last to come first, which is where returns take from.
///
/// # Errors
/// [`Rejection::AccountClosed`].
pub fn decide_activation(account: &mut Account, own: &[Aside], terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Closed {
            return Err(Rejection::AccountClosed);
        }
        let mut picked: Vec<Aside> = Vec::new();
        for aside in own.iter().filter(|aside| !aside.place.is_due(terms.at)) {
            pick(after, aside, &mut picked)?;
        }
        picked.sort_by(|a, b| a.key().cmp(&b.key()));
        Ok(activate(after, &picked, terms.debt)?)
    })
}

/// Picks pending points of a lot, the place that is named first; none twice.
fn pick(account: &Account, wanted: &Aside, picked: &mut Vec<Aside>) -> Result<(), Rejection> {
    let same =
        |aside: &&Aside| aside.lot.is_like(&wanted.lot) && matches!(aside.place, Place::Pending { .. });
    let mut there: Vec<&Aside> = account.asides().iter().filter(same).collect();
    there.reverse();
    there.sort_by_key(|aside| aside.place != wanted.place);
    let mut left = wanted.lot.clone();
    for aside in there {
        let before = picked.iter().position(|other| other.place == aside.place && same(&other));
        let there = match before {
            Some(i) => aside.lot.without(&picked[i].lot)?,
            None => aside.lot.clone(),
        };
        let some = there.part(left.points, left.bound);
        if !some.points.is_positive() {
            continue;
        }
        left = left.without(&some)?;
        match before {
            Some(i) => picked[i].lot = aside.lot.without(&there.without(&some)?)?,
            None => picked.push(Aside { lot: some, ..*aside }),
        }
    }
    Ok(())
}

/// Redeems points at once.
///
/// # Errors
/// [`Rejection::BalanceTooLow`], [`Rejection::AccountFrozen`], [`Rejection::AccountClosed`].
pub fn decide_redemption(account: &mut Account, points: Points, terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        may_spend(after)?;
        after.let_go(points, terms.at.now)?;
        take(after, points, Template::Redeemed, terms.at, None)
    })
}

/// Undoes a redemption: the very lots that it took come back, with their last days. What has lapsed meanwhile lapses again
/// with the next journal.
///
/// # Errors
/// [`Rejection::AccountClosed`].
pub fn decide_redemption_reversal(
    account: &mut Account,
    redeemed: &[Lot],
    terms: Terms,
) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Closed {
            return Err(Rejection::AccountClosed);
        }
        let mut movements = Vec::with_capacity(redeemed.len());
        for lot in redeemed {
            let movement = movement(after, Template::RedemptionReversed, lot);
            after.evolve(&movement)?;
            movements.push(movement);
        }
        // What has lapsed meanwhile pays nothing.
        let alive = redeemed.iter().filter(|lot| !lot.lapsed(terms.at.today)).map(|lot| lot.points);
        recover(after, &mut movements, Points::sum(alive)?, terms.at.today)?;
        Ok(movements)
    })
}

/// Gives points by hand.
///
/// # Errors
/// [`Rejection::AccountClosed`].
pub fn decide_gift(account: &mut Account, lot: &Lot, terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Closed {
            return Err(Rejection::AccountClosed);
        }
        let given = movement(after, Template::AdjustedUp, lot);
        after.evolve(&given)?;
        let mut movements = vec![given];
        recover(after, &mut movements, super::programme::recovered(terms.debt, lot.points)?, terms.at.today)?;
        Ok(movements)
    })
}

/// Takes points by hand, earliest expiry first; also from a frozen account.
///
/// # Errors
/// [`Rejection::BalanceTooLow`], [`Rejection::AccountClosed`].
pub fn decide_deduction(account: &mut Account, points: Points, terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Closed {
            return Err(Rejection::AccountClosed);
        }
        take(after, points, Template::AdjustedDown, terms.at, None)
    })
}

/// Freezes an account, or opens it again.
///
/// # Errors
/// [`Rejection::AccountClosed`]; [`Rejection::StateUnchanged`] when it is so already.
pub fn decide_state(account: &mut Account, state: AccountState, terms: Terms) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        match after.state {
            AccountState::Closed => return Err(Rejection::AccountClosed),
            same if same == state => return Err(Rejection::StateUnchanged),
            _ => after.state = state,
        }
        Ok(Vec::new())
    })
}

/// Closes an account for good: what is pending and held becomes free, all points are given up, and a debt that is left is
/// forgiven at the expense of `funder`.
///
/// # Errors
/// [`Rejection::AccountClosed`] when it was closed before.
pub fn decide_closure(
    account: &mut Account,
    funder: &BranchCode,
    terms: Terms,
) -> Result<Decided, Rejection> {
    operate(account, terms, |after| {
        if after.state == AccountState::Closed {
            return Err(Rejection::AccountClosed);
        }
        let movements = give_up(after, funder, terms.at.today)?;
        after.state = AccountState::Closed;
        Ok(movements)
    })
}

/// Gives up everything that an account has: what is pending and held becomes free, a debt is paid from it, the rest is written off,
/// and a debt that is left is forgiven at the expense of `funder`.
pub(super) fn give_up(
    account: &mut Account,
    funder: &BranchCode,
    today: Day,
) -> Result<Vec<Movement>, Overflow> {
    let asides = account.asides().to_vec();
    let (pending, held): (Vec<_>, Vec<_>) =
        asides.into_iter().partition(|aside| matches!(aside.place, Place::Pending { .. }));
    let mut movements = free(account, &pending, Template::Activated)?;
    movements.extend(free(account, &held, Template::Released)?);
    let owed = account.debt;
    recover(account, &mut movements, owed, today)?;
    for lot in account.lots().to_vec() {
        let given_up = movement(account, Template::WrittenOff, &lot);
        account.evolve(&given_up)?;
        movements.push(given_up);
    }
    if account.debt.is_positive() {
        let owed = Lot::new(NEVER, funder.clone(), account.debt);
        let forgiven = movement(account, Template::DebtForgiven, &owed);
        account.evolve(&forgiven)?;
        movements.push(forgiven);
    }
    Ok(movements)
}
