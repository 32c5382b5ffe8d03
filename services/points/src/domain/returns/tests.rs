//! What a return takes, case by case.

use kernel::{BranchCode, Timestamp};
use uuid::Uuid;

use super::*;

pub(super) const TODAY: Day = Day::from_number(20_000);
pub(super) const TERMS: Terms =
    Terms { at: Moment { now: Timestamp::from_micros(20_000 * 86_400_000_000), today: TODAY }, debt: None };

pub(super) fn member() -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(7))
}

pub(super) fn branch(name: &str) -> BranchCode {
    BranchCode::parse(name).expect("a code")
}

pub(super) fn came(account: &mut Account, day: i32, funder: &str, points: i64) {
    let lot = Lot::new(Day::from_number(day), branch(funder), Points::new(points));
    account.evolve(&Movement::of(Template::PurchaseEarned, member(), lot)).expect("it fits");
}

/// Takes points out as spending does: debts are the only way so far.
pub(super) fn spent(account: &mut Account, points: i64) {
    let debt = account.debt;
    account.debt = Points::new(points);
    let paid = recover(account, &mut Vec::new(), Points::new(points), TODAY).expect("it fits");
    assert_eq!(paid, Points::new(points));
    account.debt = debt;
}

pub(super) fn original(earned: &[(i32, &str, i64)]) -> Original {
    let lot = |(day, funder, points): &(i32, &str, i64)| {
        Lot::new(Day::from_number(*day), branch(funder), Points::new(*points))
    };
    let earned = earned.iter().map(|earned| EarnedLot { lot: lot(earned), pending: false });
    let earned = earned.collect();
    let (counted, lines, paid_so) = (Credit::default(), Vec::new(), PaidSo::default());
    Original { member: member(), amount: 1_000, returned: 0, earned, counted, lines, paid_so }
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
    let decision = decide_return(&mut account, &purchase, &Back::Amount(1_000), TERMS).expect("it is due");
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
        decide_return(&mut account, &original(&[(20_050, "vanak", 100)]), &Back::Amount(1_000), TERMS)
            .expect("due");
    assert_eq!(templates(&decision), [(Template::ReturnedOnDebt, 100), (Template::DebtRecovered, 30)]);
    assert_eq!((decision.taken, decision.owed), (Points::new(30), Points::new(70)));
    assert_eq!((account.balance, account.debt), (Points::ZERO, Points::new(70)));
}

#[test]
fn points_that_have_lapsed_are_left_alone() {
    let mut account = Account::new(member());
    came(&mut account, 19_999, "vanak", 100);
    let decision =
        decide_return(&mut account, &original(&[(19_999, "vanak", 100)]), &Back::Amount(500), TERMS)
            .expect("due");
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
        let refused = decide_return(&mut account, &purchase, &Back::Amount(amount), TERMS);
        assert_eq!(refused, Err(Rejection::ReturnTooLarge { left: 300 }));
    }
    assert_eq!(account, before);
}
