use std::collections::BTreeSet;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn id(number: u128) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(number))
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_micros(minute * 60_000_000)
}

fn counts(of: What) -> Counts {
    Counts { of, category: None, minimum_amount: 10 }
}

fn bought(number: u128, (day, branch): (i64, u8), measure: i64) -> Mark {
    let branch = BranchCode::parse(&format!("b{branch}")).expect("a code");
    let minute = day * 1_440 + i64::try_from(number).expect("small");
    Mark { id: id(number), purchase: id(number), day, branch, measure, at: at(minute) }
}

fn back(number: u128, of: &Mark, measure: i64) -> Mark {
    Mark { id: id(number), measure: -measure, ..of.clone() }
}

#[test]
fn a_visit_is_one_a_day_and_branch_and_what_came_back_is_none() {
    let first = bought(1, (1, 1), 50);
    let marks = vec![
        first.clone(),
        bought(2, (1, 1), 50),
        bought(3, (1, 2), 50),
        bought(4, (2, 1), 50),
        bought(5, (3, 1), 9),
    ];
    let counted = |of| progress(&counts(of), &marks).counted;
    let all = [What::Visits, What::Purchases, What::Branches, What::Amount].map(counted);
    assert_eq!(all, [3, 4, 2, 200]);
    let mut less = marks.clone();
    less.push(back(9, &first, 45));
    let counted = |of| progress(&counts(of), &less).counted;
    let all = [What::Visits, What::Purchases, What::Branches, What::Amount].map(counted);
    assert_eq!(all, [3, 3, 2, 150]);
}

#[test]
fn who_came_so_far_first_is_said_by_the_purchase_that_brought_them_there() {
    let marks = [bought(1, (1, 1), 50), bought(2, (2, 1), 50), bought(3, (2, 1), 50)];
    assert_eq!(progress(&counts(What::Visits), &marks).since, Some(marks[1].at));
    assert_eq!(progress(&counts(What::Purchases), &marks).since, Some(marks[2].at));
    assert_eq!(progress(&counts(What::Visits), &[]), Progress::default());
}

#[test]
fn an_instant_lies_on_the_day_that_began_last() {
    let days = [at(0), at(1_440), at(2_880)];
    assert_eq!((day_of(&days, at(-1)), day_of(&days, at(0))), (None, Some(1)));
    assert_eq!((day_of(&days, at(2_879)), day_of(&days, at(2_880))), (Some(2), None));
}

proptest! {
    #[test]
    fn order_and_repetition_make_no_difference(
        sold in proptest::collection::vec((0_i64..5, 0_u8..3, 1_i64..60), 1..12),
        returned in proptest::collection::vec((0_usize..12, 1_i64..60), 0..8),
        order in proptest::collection::vec(any::<proptest::sample::Index>(), 1..60),
    ) {
        let mut all: Vec<Mark> =
            (1..).zip(&sold).map(|(number, (day, branch, amount))| bought(number, (*day, *branch), *amount)).collect();
        for (number, (of, amount)) in (100..).zip(&returned) {
            let of = all[of % sold.len()].clone();
            all.push(back(number, &of, *amount));
        }
        // Heard in some order, some of them again and again: each is kept once under its id.
        let mut heard = BTreeSet::new();
        let told = order.iter().map(|index| index.get(&all)).chain(all.iter().rev());
        let kept: Vec<Mark> = told.filter(|mark| heard.insert(mark.id)).cloned().collect();
        for of in [What::Visits, What::Purchases, What::Branches, What::Amount] {
            prop_assert_eq!(progress(&counts(of), &kept), progress(&counts(of), &all));
            let sales = &all[..sold.len()];
            prop_assert!(progress(&counts(of), &all).counted <= progress(&counts(of), sales).counted);
        }
    }
}
