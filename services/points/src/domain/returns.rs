//! The decision about a return: what it takes back of what the purchase earned (P8).
//!
//! **Partial returns add up exactly to the original and no further.** Of each movement of the purchase, so much is due
//! back as its share of the amount that has been returned, rounded down; a return takes the difference to what was due
//! before it. What was returned so far is one number on the purchase, so the order and size of the parts change nothing.

use kernel::{Day, MemberId, Overflow, Points};

use super::{
    Account, AccountState, Aside, Journal, Lot, Moment, Movement, Place, Rejection, Settled, Template, Terms,
    settle::{free, journal, movement, settle},
};

/// Points that a purchase earned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EarnedLot {
    /// Last day, funder, and how many.
    pub lot: Lot,
    /// Whether they were pending first.
    pub pending: bool,
}

/// A recorded purchase, as far as a return is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Who bought.
    pub member: MemberId,
    /// What was paid, in minor units, more than none.
    pub amount: i64,
    /// How much of it has been returned before.
    pub returned: i64,
    /// What it earned, by its movements.
    pub earned: Vec<EarnedLot>,
}

/// What was decided about a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnDecision {
    /// What had happened by itself before, written first.
    pub settled: Vec<Settled>,
    /// The return itself; its movements may be none.
    pub journal: Journal,
    /// Points taken out of the account, pending ones among them.
    pub taken: Points,
    /// Points that were spent already and are now owed, less what other lots paid at once.
    pub owed: Points,
    /// Points that were due but had lapsed unspent or not: they are gone already, and nothing is taken for them.
    pub lapsed: Points,
    /// How much of the purchase has been returned now.
    pub returned: i64,
}

/// Decides what a return of `amount` takes back, and evolves the account accordingly.
///
/// - Points come out of the very lots that the purchase filled: while they are pending out of these, last to come first.
/// - Those that were spent become a debt, which the account's other lots pay at once, earliest expiry first; what they
///   cannot pay is recovered from later earnings. The balance never falls below none.
/// - Those whose last day is over are left alone: the member has nothing of them any more.
///
/// # Errors
/// [`Rejection::ReturnTooLarge`] for more than is left of the purchase; the account is unchanged then.
pub fn decide_return(
    account: &mut Account,
    original: &Original,
    amount: i64,
    terms: Terms,
) -> Result<ReturnDecision, Rejection> {
    let left = original.amount - original.returned;
    if amount <= 0 || amount > left {
        return Err(Rejection::ReturnTooLarge { left });
    }
    let returned = original.returned + amount;
    let mut after = account.clone();
    if after.state == AccountState::Closed {
        return Err(Rejection::AccountClosed);
    }
    let Moment { today, .. } = terms.at;
    let settled = settle(&mut after, terms.at, terms.debt)?;
    let mut movements = Vec::new();
    let (mut owed, mut lapsed) = (Points::ZERO, Points::ZERO);
    for EarnedLot { lot, pending } in &original.earned {
        let before = due(lot.points, original.returned, original.amount)?;
        let mut due = due(lot.points, returned, original.amount)?.minus(before)?;
        if lot.lapsed(today) {
            lapsed = lapsed.plus(due)?;
            continue;
        }
        if *pending {
            let asides = still_pending(&after, lot, due);
            due = due.minus(Points::sum(asides.iter().map(|aside| aside.lot.points))?)?;
            movements.extend(free(&mut after, &asides, Template::PendingReturned)?);
        }
        let there = after.held(lot.expires_on, &lot.funder).min(due);
        let gone = due.minus(there)?;
        for (template, points) in [(Template::Returned, there), (Template::ReturnedOnDebt, gone)] {
            let movement = movement(&after, template, &Lot { points, ..lot.clone() });
            record(&mut after, &mut movements, movement)?;
        }
        owed = owed.plus(gone)?;
    }
    let paid = recover(&mut after, &mut movements, owed, today)?;
    let is_taken = |m: &&Movement| matches!(m.template, Template::Returned | Template::PendingReturned);
    let taken = Points::sum(movements.iter().filter(is_taken).map(|m| m.points))?;
    let journal = journal(&mut after, movements);
    *account = after;
    Ok(ReturnDecision {
        settled,
        journal,
        taken: taken.plus(paid)?,
        owed: owed.minus(paid)?,
        lapsed,
        returned,
    })
}

/// Lets the account's lots pay up to `most` of its debt, earliest expiry first; answers how much they paid.
pub(super) fn recover(
    account: &mut Account,
    movements: &mut Vec<Movement>,
    most: Points,
    today: Day,
) -> Result<Points, Overflow> {
    let lots = account.oldest(most.min(account.debt), today);
    let paid = Points::sum(lots.iter().map(|lot| lot.points))?;
    for lot in lots {
        let movement = movement(account, Template::DebtRecovered, &lot);
        record(account, movements, movement)?;
    }
    Ok(paid)
}

/// Points of a lot that are pending, so many at most, last to come first.
fn still_pending(account: &Account, lot: &Lot, most: Points) -> Vec<Aside> {
    let mut left = most.count();
    let same = |aside: &&Aside| {
        let pending = matches!(aside.place, Place::Pending { .. });
        pending && aside.lot.expires_on == lot.expires_on && aside.lot.funder == lot.funder
    };
    let mut found = Vec::new();
    for aside in account.asides().iter().filter(same).rev() {
        let some = aside.lot.points.count().min(left);
        if some == 0 {
            break;
        }
        left -= some;
        found.push(Aside { lot: Lot { points: Points::new(some), ..aside.lot.clone() }, ..*aside });
    }
    found
}

/// Applies a movement and keeps it, unless it moves nothing.
fn record(account: &mut Account, movements: &mut Vec<Movement>, movement: Movement) -> Result<(), Overflow> {
    if movement.points.is_positive() {
        account.evolve(&movement)?;
        movements.push(movement);
    }
    Ok(())
}

/// The share of `points` that is due back once `returned` of `amount` was returned, rounded down.
fn due(points: Points, returned: i64, amount: i64) -> Result<Points, Overflow> {
    let share = i128::from(points.count()) * i128::from(returned) / i128::from(amount);
    i64::try_from(share).map(Points::new).map_err(|_| Overflow)
}

#[cfg(test)]
mod tests {
    use kernel::{BranchCode, Timestamp};
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const TODAY: Day = Day::from_number(20_000);
    const TERMS: Terms = Terms {
        at: Moment { now: Timestamp::from_micros(20_000 * 86_400_000_000), today: TODAY },
        debt: None,
    };

    fn member() -> MemberId {
        MemberId::from_uuid(Uuid::from_u128(7))
    }

    fn branch(name: &str) -> BranchCode {
        BranchCode::parse(name).expect("a code")
    }

    fn came(account: &mut Account, day: i32, funder: &str, points: i64) {
        let movement = Movement {
            template: Template::PurchaseEarned,
            member: member(),
            points: Points::new(points),
            expires_on: Day::from_number(day),
            funder: branch(funder),
        };
        account.evolve(&movement).expect("it fits");
    }

    /// Takes points out as spending does: debts are the only way so far.
    fn spent(account: &mut Account, points: i64) {
        let debt = account.debt;
        account.debt = Points::new(points);
        let paid = recover(account, &mut Vec::new(), Points::new(points), TODAY).expect("it fits");
        assert_eq!(paid, Points::new(points));
        account.debt = debt;
    }

    fn original(earned: &[(i32, &str, i64)]) -> Original {
        let lot = |(day, funder, points): &(i32, &str, i64)| Lot {
            expires_on: Day::from_number(*day),
            funder: branch(funder),
            points: Points::new(*points),
        };
        let earned = earned.iter().map(|earned| EarnedLot { lot: lot(earned), pending: false });
        Original { member: member(), amount: 1_000, returned: 0, earned: earned.collect() }
    }

    fn templates(decision: &ReturnDecision) -> Vec<(Template, i64)> {
        decision.journal.movements.iter().map(|m| (m.template, m.points.count())).collect()
    }

    #[test]
    fn a_whole_return_at_once_leaves_the_account_as_it_was_before() {
        let mut account = Account::new(member());
        came(&mut account, 20_100, "vanak", 40);
        let mut before = account.clone();
        came(&mut account, 20_100, "vanak", 100);
        came(&mut account, 20_030, "vanak", 50);
        let purchase = original(&[(20_100, "vanak", 100), (20_030, "vanak", 50)]);
        let decision = decide_return(&mut account, &purchase, 1_000, TERMS).expect("it is due");
        assert_eq!((decision.taken, decision.owed), (Points::new(150), Points::ZERO));
        before.version = 1;
        assert_eq!(account, before);
    }

    #[test]
    fn spent_points_become_a_debt_that_other_lots_pay_first() {
        let mut account = Account::new(member());
        came(&mut account, 20_050, "vanak", 100);
        spent(&mut account, 100);
        came(&mut account, 20_200, "tajrish", 30);
        let decision =
            decide_return(&mut account, &original(&[(20_050, "vanak", 100)]), 1_000, TERMS).expect("due");
        assert_eq!(templates(&decision), [(Template::ReturnedOnDebt, 100), (Template::DebtRecovered, 30)]);
        assert_eq!((decision.taken, decision.owed), (Points::new(30), Points::new(70)));
        assert_eq!((account.balance, account.debt), (Points::ZERO, Points::new(70)));
    }

    #[test]
    fn points_that_have_lapsed_are_left_alone() {
        let mut account = Account::new(member());
        came(&mut account, 19_999, "vanak", 100);
        let decision =
            decide_return(&mut account, &original(&[(19_999, "vanak", 100)]), 500, TERMS).expect("due");
        assert_eq!(
            (decision.lapsed, decision.taken, decision.owed),
            (Points::new(50), Points::ZERO, Points::ZERO)
        );
        assert!(!decision.settled.is_empty() && decision.journal.movements.is_empty());
        assert_eq!((account.balance, account.version), (Points::ZERO, 2));
    }

    #[test]
    fn more_than_is_left_is_refused() {
        let mut account = Account::new(member());
        came(&mut account, 20_050, "vanak", 100);
        let (before, purchase) =
            (account.clone(), Original { returned: 700, ..original(&[(20_050, "vanak", 100)]) });
        for amount in [301, 0, -5, i64::MAX] {
            let refused = decide_return(&mut account, &purchase, amount, TERMS);
            assert_eq!(refused, Err(Rejection::ReturnTooLarge { left: 300 }));
        }
        assert_eq!(account, before);
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_whole_and_the_balance_is_never_negative(
            amount in 1_i64..100_000,
            lots in prop::collection::vec((0_i32..200, 1_i64..10_000), 1..4),
            cuts in prop::collection::vec(1_i64..50_000, 0..8),
            spends in prop::collection::vec(0_i64..8_000, 0..8),
        ) {
            let mut account = Account::new(member());
            let mut earned: Vec<EarnedLot> = Vec::new();
            for (days, points) in lots {
                let day = 20_000 + days;
                came(&mut account, day, "vanak", points);
                match earned.iter_mut().find(|earned| earned.lot.expires_on.number() == day) {
                    Some(earned) => earned.lot.points = earned.lot.points.plus(Points::new(points))?,
                    None => earned.extend(original(&[(day, "vanak", points)]).earned),
                }
            }
            let whole = Points::sum(earned.iter().map(|earned| earned.lot.points))?;
            let mut original = Original { member: member(), amount, returned: 0, earned };
            let (mut taken, mut owed, mut spend) = (Points::ZERO, Points::ZERO, spends.into_iter());
            let mut part = cuts.into_iter();
            while original.returned < amount {
                if let Some(points) = spend.next() {
                    let points = account.balance.min(Points::new(points)).count();
                    spent(&mut account, points);
                }
                let left = amount - original.returned;
                let some = part.next().unwrap_or(left).min(left);
                let decision = decide_return(&mut account, &original, some, TERMS).expect("so much is left");
                original.returned = decision.returned;
                taken = taken.plus(decision.taken)?;
                owed = owed.plus(decision.owed)?;
                prop_assert!(account.balance >= Points::ZERO && account.debt >= Points::ZERO);
                prop_assert_eq!(account.debt, owed);
                prop_assert!(account.debt.is_zero() || account.balance.is_zero(), "no debt while there are points");
                let lots = Points::sum(account.lots().iter().map(|lot| lot.points))?;
                prop_assert_eq!(lots, account.balance);
            }
            prop_assert_eq!(taken.plus(owed)?, whole, "taken and owed are what was earned");
        }
    }
}
