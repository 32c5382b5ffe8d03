//! What a transfer moves: lots out of one account, on their way, and into one account.

use kernel::{Day, MemberId, Overflow, Points};

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

/// Takes points out of the sender's account: lots that travel, none of whose points are bound, and what pays the fee out of
/// what is left then. Answers the lots that travel.
pub(super) fn send(
    account: &mut Account,
    [points, fee]: [Points; 2],
    today: Day,
) -> Result<(Journal, Vec<Lot>), Overflow> {
    let member = account.member;
    let lots = account.passable(points, today);
    let mut movements = moved(Template::TransferSent, member, &lots).collect::<Vec<_>>();
    evolve(account, &movements)?;
    let paid: Vec<Movement> = moved(Template::TransferFee, member, &account.oldest(fee, today)).collect();
    evolve(account, &paid)?;
    movements.extend(paid);
    Ok((journal(account, movements), lots))
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
    lots.iter().map(move |lot| Movement::of(template, member, lot.clone()))
}

fn book(account: &mut Account, movements: impl Iterator<Item = Movement>) -> Result<Journal, Overflow> {
    let movements: Vec<Movement> = movements.collect();
    evolve(account, &movements)?;
    Ok(journal(account, movements))
}

fn evolve(account: &mut Account, movements: &[Movement]) -> Result<(), Overflow> {
    movements.iter().try_for_each(|movement| account.evolve(movement))
}
