//! What a campaign did: shares, who bought afterwards, and the difference to who got nothing.

use contracts::{
    FactData,
    points::{self, PointsEarned},
};
use kernel::{CampaignCode, JournalId, MemberId};
use notifications::{
    commands::forget_kept::forget_kept,
    domain::{
        campaign::{Arm, arm_of},
        trigger::Lane,
    },
};
use serde_json::json;
use uuid::Uuid;

use super::{arm, list, peopled, put, read, schedule, terms, with, words};
use crate::house::{House, member, on_both};

const DAY: i64 = 24 * 60 * 60;

async fn buys(house: &House, whose: MemberId, number: u128, amount: i64) {
    use kernel::Clock as _;
    let fact = PointsEarned {
        member_id: whose,
        journal_id: JournalId::from_uuid(Uuid::from_u128(number)),
        amount,
        occurred_at: house.clock.now(),
        ..PointsEarned::sample()
    };
    house.hear(&[house.fact(points::SOURCE, &fact)]).await;
}

/// Members from 1 to `many` of an arm, as the campaign "a" with these shares has them.
fn of_arm(many: u128, wanted: Arm) -> Vec<MemberId> {
    let code = CampaignCode::parse("a").expect("a code");
    (1..=many).map(member).filter(|one| arm_of(&code, *one, 30, 50) == wanted).collect()
}

on_both! {
    async fn shares_get_their_words_and_the_control_group_nothing(house: House) {
        let sms = peopled(&house, 60);
        let shares = json!({"control_percent": 30, "second_percent": 50, "second_words": words("B")});
        put(&house, "a", &with(terms(&json!({"type": "list"}), "A"), &shares)).await;
        list(&house, "a", 60).await;
        let preview = house.operator().get("/v1/campaigns/a/audience").await.expect(200);
        assert_eq!(preview, json!({"members": 60, "control": 18, "first": 21, "second": 21}));
        schedule(&house, "a").await;
        house.walk().await;
        house.send_lane(Lane::Campaign).await;
        let counts = [Arm::Control, Arm::First, Arm::Second].map(|arm| of_arm(60, arm).len());
        assert!(counts.iter().all(|count| *count > 5) && counts.iter().sum::<usize>() == 60, "{counts:?}");
        for (name, count, sent) in [("control", counts[0], 0), ("first", counts[1], counts[1]), ("second", counts[2], counts[2])] {
            let found = arm(&house, "a", name).await;
            assert_eq!((&found["members"], &found["sent"]), (&json!(count), &json!(sent)), "{name}");
        }
        let said = |what: &str| sms.texts().iter().filter(|text| *text == what).count();
        assert_eq!((said("A"), said("B")), (counts[1], counts[2]));
        for whose in of_arm(60, Arm::Control) {
            assert_eq!(house.messages(whose).await.len(), 0);
        }
        let view = read(&house, "a").await;
        assert_eq!((&view["held_out"], &view["seen"]), (&json!(counts[0]), &json!(60)));
    }

    async fn a_first_purchase_within_its_days_counts_in_its_arm(house: House) {
        peopled(&house, 60);
        let shares = json!({"control_percent": 30, "second_percent": 50, "second_words": words("B"), "counts_days": 3});
        put(&house, "a", &with(terms(&json!({"type": "list"}), "A"), &shares)).await;
        list(&house, "a", 60).await;
        let (control, first, second) = (of_arm(60, Arm::Control), of_arm(60, Arm::First), of_arm(60, Arm::Second));
        // Before their turn nothing counts.
        buys(&house, second[0], 1, 1_000).await;
        house.wait_s(6 * 60);
        schedule(&house, "a").await;
        house.walk().await;
        house.send_lane(Lane::Campaign).await;
        house.wait_s(DAY);
        buys(&house, first[0], 2, 7_000).await;
        buys(&house, first[0], 3, 90_000).await;
        buys(&house, first[1], 4, 5_000).await;
        buys(&house, control[0], 5, 2_000).await;
        house.wait_s(2 * DAY);
        buys(&house, second[0], 6, 1_000).await;
        buys(&house, member(99), 7, 1_000).await;
        let came = arm(&house, "a", "first").await;
        assert_eq!((&came["buyers"], &came["amount"]), (&json!(2), &json!(12_000)));
        let (ours, theirs) = (i64::try_from(first.len()).expect("few"), i64::try_from(control.len()).expect("few"));
        let more = (2 * 10_000 * theirs - 10_000 * ours).div_euclid(ours * theirs);
        assert_eq!(came["more_buyers_of_10000"], json!(more));
        let held = arm(&house, "a", "control").await;
        assert_eq!((&held["buyers"], &held["amount"], &held["more_buyers_of_10000"]), (&json!(1), &json!(2_000), &json!(null)));
        assert_eq!(arm(&house, "a", "second").await["buyers"], 0);
    }

    async fn results_outlive_whom_they_are_about(house: House) {
        peopled(&house, 5);
        put(&house, "a", &with(terms(&json!({"type": "list"}), "A"), &json!({"counts_days": 3}))).await;
        list(&house, "a", 5).await;
        schedule(&house, "a").await;
        house.walk().await;
        house.send_lane(Lane::Campaign).await;
        buys(&house, member(1), 1, 7_000).await;
        house.wait_s(10);
        house.walk().await;
        while forget_kept(&house.desk).await.expect("it forgets") {}
        let results = || async { house.operator().get("/v1/campaigns/a/results").await.expect(200) };
        assert_eq!(results().await["is_final"], false);
        house.wait_s(4 * DAY);
        while forget_kept(&house.desk).await.expect("it forgets") {}
        let settled = results().await;
        assert_eq!((&settled["is_final"], &settled["arms"][0]["buyers"], &settled["arms"][0]["sent"]), (&json!(true), &json!(1), &json!(5)));
        house.wait_s(90 * DAY);
        while forget_kept(&house.desk).await.expect("it forgets") {}
        assert_eq!(results().await, settled);
        assert!(house.messages(member(1)).await.iter().all(|one| one["kind"] == "earned"));
        assert_eq!(house.rows("campaign_members").await, 0);
        assert_eq!(house.rows("campaign_lists").await, 0);
    }
}
