//! Two accounts of one person become one.
//!
//! **A merge conserves points**: what leaves the one account comes into the other, lot by lot, with its last day, its funder, what of it
//! is bound, and the day or the hold that it waits for; a debt is owed on. The account that gave everything is closed for good.

use kernel::{BranchCode, Overflow, Points};

use super::{
    Account, AccountState, Book, Journal, Lot, Movement, NEVER, Place, Settled, Template, Terms,
    operation::give_up,
    returns::recover,
    settle::{journal, movement, settle},
};

/// What was decided about a merge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    /// What had happened by itself to the account that gives, written first.
    pub settled_out: Vec<Settled>,
    /// What had happened by itself to the account that gets, written first.
    pub settled_in: Vec<Settled>,
    /// Everything that left.
    pub out: Journal,
    /// Everything that came, and what of it paid a debt at once.
    pub came: Journal,
    /// Points that left and could be spent.
    pub points: Points,
    /// Points that left and were pending or held.
    pub aside: Points,
    /// What was owed.
    pub debt: Points,
}

/// Moves everything of one account into another one, and closes the first.
///
/// - Both are settled before, so what has lapsed does not travel. What is pending and held stays so, under the same day and hold.
/// - What is owed afterwards is paid at once out of the lots, earliest expiry first, as with returns.
/// - If one of them is frozen, the one that stays is.
/// - An account that was closed before takes nothing in: what the other one has is given up, as at its own closure; `funder` pays for
///   a debt that is left then.
///
/// # Errors
/// [`Overflow`] when a sum does not fit; both are unchanged then.
pub fn decide_merge(
    absorbed: &mut Account,
    survivor: &mut Account,
    funder: &BranchCode,
    terms: Terms,
) -> Result<Merged, Overflow> {
    let (mut from, mut to) = (absorbed.clone(), survivor.clone());
    let settled_out = settle(&mut from, terms.at, terms.debt)?;
    let settled_in = settle(&mut to, terms.at, terms.debt)?;
    let (points, debt) = (from.balance, from.debt);
    let aside = from.sum_aside(Book::Pending)?.plus(from.sum_aside(Book::Held)?)?;
    let (mut out, mut came) = (Vec::new(), Vec::new());
    if to.state == AccountState::Closed {
        out = give_up(&mut from, funder, terms.at.today)?;
    } else {
        move_all(&mut from, &mut to, funder, [&mut out, &mut came])?;
        let owed = to.debt;
        recover(&mut to, &mut came, owed, terms.at.today)?;
        if from.state == AccountState::Frozen {
            to.state = AccountState::Frozen;
        }
    }
    from.state = AccountState::Closed;
    let (out, came) = (journal(&mut from, out), journal(&mut to, came));
    (*absorbed, *survivor) = (from, to);
    Ok(Merged { settled_out, settled_in, out, came, points, aside, debt })
}

fn move_all(
    from: &mut Account,
    to: &mut Account,
    funder: &BranchCode,
    [out, came]: [&mut Vec<Movement>; 2],
) -> Result<(), Overflow> {
    for aside in from.asides().to_vec() {
        let templates = match aside.place {
            Place::Pending { .. } => [Template::PendingMergedOut, Template::PendingMergedIn],
            Place::Hold { .. } => [Template::HeldMergedOut, Template::HeldMergedIn],
        };
        let [left, arrived] = both(from, to, templates, &aside.lot);
        from.evolve_aside(&left, aside.place)?;
        to.evolve_aside(&arrived, aside.place)?;
        out.push(left);
        came.push(arrived);
    }
    let mut lots: Vec<(Lot, [Template; 2])> =
        from.lots().iter().map(|lot| (lot.clone(), [Template::MergedOut, Template::MergedIn])).collect();
    if from.debt.is_positive() {
        let owed = Lot::new(NEVER, funder.clone(), from.debt);
        lots.push((owed, [Template::DebtMergedOut, Template::DebtMergedIn]));
    }
    for (lot, templates) in lots {
        let [left, arrived] = both(from, to, templates, &lot);
        from.evolve(&left)?;
        to.evolve(&arrived)?;
        out.push(left);
        came.push(arrived);
    }
    Ok(())
}

fn both(from: &Account, to: &Account, [left, arrived]: [Template; 2], lot: &Lot) -> [Movement; 2] {
    [movement(from, left, lot), movement(to, arrived, lot)]
}

#[cfg(test)]
mod tests {
    use kernel::{Day, JournalId, MemberId, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Aside, Moment};

    const TODAY: i32 = 20_000;

    fn terms() -> Terms {
        Terms { at: Moment { now: Timestamp::from_micros(50), today: Day::from_number(TODAY) }, debt: None }
    }

    fn branch(number: u8) -> BranchCode {
        BranchCode::parse(&format!("b{number}")).expect("a code")
    }

    fn lot(day: i32, funder: u8, points: i64, bound: i64) -> Lot {
        let expires_on = Day::from_number(TODAY + day);
        Lot { expires_on, funder: branch(funder), points: Points::new(points), bound: Points::new(bound) }
    }

    /// An account out of lots, what is aside, and a debt.
    fn account(number: u128, lots: Vec<Lot>, asides: Vec<Aside>, debt: i64) -> Account {
        let balance = Points::sum(lots.iter().map(|lot| lot.points)).expect("a sum");
        let member = MemberId::from_uuid(Uuid::from_u128(number));
        Account::from_parts(member, 3, balance, Points::new(debt), lots)
            .with_asides(AccountState::Open, asides)
    }

    fn lots() -> impl Strategy<Value = Vec<Lot>> {
        let one = (-2_i32..30, 0_u8..3, 1_i64..500, 0_i64..500);
        prop::collection::btree_map((-2_i32..30, 0_u8..3), one, 0..6).prop_map(|found| {
            let of = |((day, funder), (_, _, points, bound)): ((i32, u8), (i32, u8, i64, i64))| {
                lot(day, funder, points, bound.min(points))
            };
            found.into_iter().map(of).collect()
        })
    }

    fn asides() -> impl Strategy<Value = Vec<Aside>> {
        lots().prop_map(|found| {
            let place = |at: usize| match at % 2 {
                0 => Place::Pending { from: Day::from_number(TODAY + 1) },
                _ => Place::Hold {
                    id: JournalId::from_uuid(Uuid::from_u128(7)),
                    until: Timestamp::from_micros(99),
                },
            };
            found.into_iter().enumerate().map(|(at, lot)| Aside { place: place(at), lot }).collect()
        })
    }

    /// What a member has less what they owe, pending and held points among it.
    fn worth(account: &Account) -> i64 {
        let aside: i64 = account.asides().iter().map(|aside| aside.lot.points.count()).sum();
        account.balance.count() + aside - account.debt.count()
    }

    proptest! {
        #[test]
        fn a_merge_conserves_points(
            (from_lots, to_lots) in (lots(), lots()),
            (from_aside, to_aside) in (asides(), asides()),
            debts in (0_i64..300, 0_i64..300),
        ) {
            let mut from = account(1, from_lots, from_aside, debts.0);
            let mut to = account(2, to_lots, to_aside, debts.1);
            let before = [&from, &to].map(|account| {
                let mut settled = account.clone();
                settle(&mut settled, terms().at, None).expect("settled");
                worth(&settled)
            });
            let merged = decide_merge(&mut from, &mut to, &branch(9), terms()).expect("merged");
            prop_assert_eq!(worth(&to), before[0] + before[1]);
            prop_assert_eq!((worth(&from), from.state, from.asides().len()), (0, AccountState::Closed, 0));
            prop_assert!(from.lots().is_empty() && from.balance.is_zero() && from.debt.is_zero());
            // Nothing that can be spent is left beside a debt.
            prop_assert!(to.debt.is_zero() || to.balance.is_zero());
            // On the way is what left, and then nothing.
            let transit = |journal: &Journal| journal.movements.iter().fold(0_i64, |sum, movement| {
                match movement.template.books() {
                    (Book::Transit, _) => sum - movement.points.count(),
                    (_, Book::Transit) => sum + movement.points.count(),
                    _ => sum,
                }
            });
            prop_assert_eq!(transit(&merged.out) + transit(&merged.came), 0);
            prop_assert_eq!(Points::sum(to.lots().iter().map(|lot| lot.points)), Ok(to.balance));
        }
    }

    #[test]
    fn a_frozen_account_freezes_the_one_that_stays_and_a_closed_one_takes_nothing_in() {
        let mut from = account(1, vec![lot(5, 1, 10, 0)], Vec::new(), 0);
        from.state = AccountState::Frozen;
        let mut to = account(2, Vec::new(), Vec::new(), 0);
        decide_merge(&mut from, &mut to, &branch(9), terms()).expect("merged");
        assert_eq!((to.state, to.balance), (AccountState::Frozen, Points::new(10)));

        let mut closed = account(3, Vec::new(), Vec::new(), 0);
        closed.state = AccountState::Closed;
        let merged = decide_merge(&mut to, &mut closed, &branch(9), terms()).expect("merged");
        assert_eq!((closed.balance, to.balance), (Points::ZERO, Points::ZERO));
        assert_eq!(merged.out.movements[0].template, Template::WrittenOff);
        assert!(merged.came.movements.is_empty());
    }
}
