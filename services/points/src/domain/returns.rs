//! The decision about a return: what it takes back of what the purchase earned (P8).
//!
//! **Partial returns add up exactly to the original and no further.** Of each movement of the purchase, so much is due
//! back as its share of the amount that has been returned, rounded down; a return takes the difference to what was due
//! before it. What was returned so far is one number on the purchase, so the order and size of the parts change nothing.

use kernel::{BranchCode, Day, MemberId, Overflow, Points};

use super::{Account, Journal, Movement, Rejection, Template, purchase::write_off};

/// A recorded purchase, as far as a return is concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Original {
    /// Who bought.
    pub member: MemberId,
    /// What was paid, in minor units, more than none.
    pub amount: i64,
    /// How much of it has been returned before.
    pub returned: i64,
    /// What it earned: last day, funder, points of each of its movements.
    pub earned: Vec<(Day, BranchCode, Points)>,
}

/// What was decided about a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnDecision {
    /// Points that had lapsed before, written off first; `None` when there were none.
    pub lapse: Option<Journal>,
    /// The return itself; its movements may be none.
    pub journal: Journal,
    /// Points taken out of the account.
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
/// - Points come out of the very lots that the purchase filled.
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
    today: Day,
) -> Result<ReturnDecision, Rejection> {
    let left = original.amount - original.returned;
    if amount <= 0 || amount > left {
        return Err(Rejection::ReturnTooLarge { left });
    }
    let returned = original.returned + amount;
    let mut after = account.clone();
    let lapse = write_off(&mut after, today)?;
    let mut movements = Vec::new();
    let (mut owed, mut lapsed) = (Points::ZERO, Points::ZERO);
    for (expires_on, funder, points) in &original.earned {
        let due = due(*points, returned, original.amount)?.minus(due(
            *points,
            original.returned,
            original.amount,
        )?)?;
        if *expires_on < today {
            lapsed = lapsed.plus(due)?;
            continue;
        }
        let there = after.held(*expires_on, funder).min(due);
        let gone = due.minus(there)?;
        for (template, points) in [(Template::Returned, there), (Template::ReturnedOnDebt, gone)] {
            let movement = Movement {
                template,
                member: original.member,
                points,
                expires_on: *expires_on,
                funder: funder.clone(),
            };
            record(&mut after, &mut movements, movement)?;
        }
        owed = owed.plus(gone)?;
    }
    let paid = recover(&mut after, &mut movements, owed, today)?;
    let taken = Points::sum(movements.iter().filter(|m| m.template == Template::Returned).map(|m| m.points))?;
    after.version += 1;
    let journal = Journal { version: after.version, movements, balance: after.balance };
    *account = after;
    Ok(ReturnDecision { lapse, journal, taken: taken.plus(paid)?, owed: owed.minus(paid)?, lapsed, returned })
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
        let movement = Movement {
            template: Template::DebtRecovered,
            member: account.member,
            points: lot.points,
            expires_on: lot.expires_on,
            funder: lot.funder,
        };
        record(account, movements, movement)?;
    }
    Ok(paid)
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
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    const TODAY: Day = Day::from_number(20_000);

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
        let earned = earned
            .iter()
            .map(|(day, funder, points)| (Day::from_number(*day), branch(funder), Points::new(*points)));
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
        let decision = decide_return(&mut account, &purchase, 1_000, TODAY).expect("it is due");
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
            decide_return(&mut account, &original(&[(20_050, "vanak", 100)]), 1_000, TODAY).expect("due");
        assert_eq!(templates(&decision), [(Template::ReturnedOnDebt, 100), (Template::DebtRecovered, 30)]);
        assert_eq!((decision.taken, decision.owed), (Points::new(30), Points::new(70)));
        assert_eq!((account.balance, account.debt), (Points::ZERO, Points::new(70)));
    }

    #[test]
    fn points_that_have_lapsed_are_left_alone() {
        let mut account = Account::new(member());
        came(&mut account, 19_999, "vanak", 100);
        let decision =
            decide_return(&mut account, &original(&[(19_999, "vanak", 100)]), 500, TODAY).expect("due");
        assert_eq!(
            (decision.lapsed, decision.taken, decision.owed),
            (Points::new(50), Points::ZERO, Points::ZERO)
        );
        assert!(decision.lapse.is_some() && decision.journal.movements.is_empty());
        assert_eq!((account.balance, account.version), (Points::ZERO, 2));
    }

    #[test]
    fn more_than_is_left_is_refused() {
        let mut account = Account::new(member());
        came(&mut account, 20_050, "vanak", 100);
        let (before, purchase) =
            (account.clone(), Original { returned: 700, ..original(&[(20_050, "vanak", 100)]) });
        for amount in [301, 0, -5, i64::MAX] {
            let refused = decide_return(&mut account, &purchase, amount, TODAY);
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
            let mut earned: Vec<(Day, BranchCode, Points)> = Vec::new();
            for (days, points) in lots {
                let day = 20_000 + days;
                came(&mut account, day, "vanak", points);
                match earned.iter_mut().find(|lot| lot.0.number() == day) {
                    Some(lot) => lot.2 = lot.2.plus(Points::new(points))?,
                    None => earned.push((Day::from_number(day), branch("vanak"), Points::new(points))),
                }
            }
            let whole = Points::sum(earned.iter().map(|lot| lot.2))?;
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
                let decision = decide_return(&mut account, &original, some, TODAY).expect("so much is left");
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
