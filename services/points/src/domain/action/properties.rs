//! Random actions of several members under random limits, against sums that a child would keep.

use std::collections::BTreeMap;

use contracts::membership::ActionValue;
use kernel::{ActionCode, BranchCode, Day, MemberId, Points, Timestamp};
use proptest::prelude::*;
use serde_json::json;
use uuid::Uuid;

use super::{Action, decide_action};
use crate::domain::{Account, Book, Moment, ProgrammeDocument, Tallies};

/// One action: whose, how many units, how many days after the one before.
type Done = (u128, i64, i32);

fn document(times: u32, points: i64, all: i64, pending: bool) -> ProgrammeDocument {
    let name = json!({"fa": "x", "ar": "x", "en": "x"});
    let mut rule = json!({
        "code": "walk", "name": name, "on": {"action": "walk"}, "funder": "vanak",
        "give": {"per_units": {"units": 2, "points": 3}},
        "limits": [{"per": "member", "every": "day", "times": times, "points": points}, {"every": "ever", "points": all}],
    });
    if pending {
        rule["pending"] = json!({"days": 2});
    }
    let document =
        json!({"name": name, "currency": "IRR", "expiry": {"months": 1}, "rules": [], "actions": [rule]});
    serde_json::from_value(document).expect("a programme")
}

fn id(number: u128) -> MemberId {
    MemberId::from_uuid(Uuid::from_u128(number + 1))
}

proptest! {
    #[test]
    fn no_limit_of_an_action_is_exceeded_and_nothing_is_held_back_below_it(
        walks in prop::collection::vec((0_u128..3, 1_i64..40, 0_i32..2), 1..40),
        (times, points, all) in (1_u32..5, 1_i64..80, 1_i64..300), pending in any::<bool>(),
    ) {
        let document = document(times, points, all, pending);
        let mut tallies = Tallies::default();
        let mut accounts: BTreeMap<u128, Account> = BTreeMap::new();
        let mut of_day: BTreeMap<(u128, i32), (u32, i64)> = BTreeMap::new();
        let (mut given, mut today) = (0_i64, 20_000_i32);
        for (who, units, days) in walks as Vec<Done> {
            today += days;
            let day = Day::from_number(today);
            let at = Moment { now: Timestamp::from_micros(i64::from(today) * 86_400_000_000), today: day };
            let action = Action {
                member: id(who),
                action: ActionCode::parse("walk").expect("a code"),
                day,
                branch: Some(BranchCode::parse("tajrish").expect("a code")),
                value: Some(ActionValue::Units(units)),
                tier: None,
            };
            let account = accounts.entry(who).or_insert_with(|| Account::new(id(who)));
            let before = account.version;
            let decision = decide_action(account, &document, &action, &mut tallies, at).expect("it is fine");
            let (used, got) = of_day.entry((who, today)).or_default();
            let due = (units * 3 / 2).min(points - *got).min(all - given).max(0);
            let due = if *used < times { due } else { 0 };
            prop_assert_eq!(decision.granted, Points::new(due));
            *used += u32::from(due > 0);
            *got += due;
            given += due;
            let side = if pending { Book::Pending } else { Book::Member };
            prop_assert_eq!(decision.journal.change(side)?, Points::new(due));
            prop_assert_eq!(account.version, before + u64::try_from(decision.settled.len()).expect("a few") + 1);
        }
        prop_assert!(given <= all);
    }
}
