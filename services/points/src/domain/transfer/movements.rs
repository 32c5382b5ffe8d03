//! What a transfer moves: lots out of one account, on their way, and into one account.

use kernel::{MemberId, Overflow, Points};

use crate::domain::{
    Account, AccountState, Journal, Lot, Movement, Settled, Template, Terms,
    returns::recover,
    settle::{journal, settle},
};

/// What reaches an account, with what happened by itself before and after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What had happened to the account by itself, written first.
    pub settled: Vec<Settled>,
    /// The points that came.
    pub journal: Journal,
    /// What happened at once to those of them whose last day was over when they came.
    pub lapsed: Vec<Settled>,
}

/// Takes lots out of the sender's account: those that travel and those that pay the fee.
pub(super) fn send(account: &mut Account, lots: &[Lot], fee: &[Lot]) -> Result<Journal, Overflow> {
    let member = account.member;
    let movements = moved(Template::TransferSent, member, lots);
    book(account, movements.chain(moved(Template::TransferFee, member, fee)))
}

/// Lets lots arrive at the receiver: each keeps its last day and its funder. A lot whose last day passed on the way arrives
/// and lapses at once.
///
/// # Errors
/// [`Overflow`] when the balance does not fit; the account is unchanged then.
pub fn arrive(account: &mut Account, lots: &[Lot], terms: Terms) -> Result<Arrival, Overflow> {
    let member = account.member;
    take_in(account, terms, |after| book(after, moved(Template::TransferReceived, member, lots)))
}

/// Gives lots back to the sender, the fee too. Debts that came up meanwhile are paid by them at once; in an
/// account that was closed meanwhile they are given up.
///
/// # Errors
/// [`Overflow`] when the balance does not fit; the account is unchanged then.
pub fn give_back(
    account: &mut Account,
    lots: &[Lot],
    fee: &[Lot],
    terms: Terms,
) -> Result<Arrival, Overflow> {
    let member = account.member;
    take_in(account, terms, |after| {
        let movements = moved(Template::TransferReturned, member, lots);
        let mut came = book(after, movements.chain(moved(Template::FeeReturned, member, fee)))?;
        let debt = after.debt;
        recover(after, &mut came.movements, debt, terms.at.today)?;
        if after.state == AccountState::Closed {
            let lots = after.lots().to_vec();
            for given_up in moved(Template::WrittenOff, member, &lots) {
                after.evolve(&given_up)?;
                came.movements.push(given_up);
            }
        }
        came.balance = after.balance;
        Ok(came)
    })
}

fn take_in(
    account: &mut Account,
    terms: Terms,
    come: impl FnOnce(&mut Account) -> Result<Journal, Overflow>,
) -> Result<Arrival, Overflow> {
    let mut after = account.clone();
    let settled = settle(&mut after, terms.at, terms.debt)?;
    let journal = come(&mut after)?;
    let lapsed = settle(&mut after, terms.at, terms.debt)?;
    *account = after;
    Ok(Arrival { settled, journal, lapsed })
}

fn moved(template: Template, member: MemberId, lots: &[Lot]) -> impl Iterator<Item = Movement> {
    lots.iter().map(move |lot| Movement {
        template,
        member,
        points: lot.points,
        expires_on: lot.expires_on,
        funder: lot.funder.clone(),
    })
}

fn book(account: &mut Account, movements: impl Iterator<Item = Movement>) -> Result<Journal, Overflow> {
    let movements: Vec<Movement> = movements.collect();
    for movement in &movements {
        account.evolve(movement)?;
    }
    Ok(journal(account, movements))
}

/// Divides lots, earliest expiry first: those that make `points`, and what comes after them.
pub(super) fn split(lots: Vec<Lot>, points: Points) -> (Vec<Lot>, Vec<Lot>) {
    let mut left = points.count();
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for lot in lots {
        let some = lot.points.count().min(left);
        let more = lot.points.count() - some;
        left -= some;
        if some > 0 {
            first.push(Lot { points: Points::new(some), ..lot.clone() });
        }
        if more > 0 {
            rest.push(Lot { points: Points::new(more), ..lot });
        }
    }
    (first, rest)
}
