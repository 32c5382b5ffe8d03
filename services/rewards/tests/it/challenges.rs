//! Challenges and contests: counted once whatever is heard how often, reached once, decided once (W6).

use contracts::{
    FactData as _,
    membership::{MemberErased, MembersMerged},
    points::{CategoryAmount, PointsEarned, PointsReturned},
    rewards::{ChallengeReached, ContestDecided, ContestWon},
};
use kernel::{BranchCode, JournalId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, member, on_both};

const DAY_S: i64 = 24 * 3_600;

fn journal(number: u128) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(0x8192_f3a1_7c00_8000_8000_0000_0002_0000 + number))
}

fn terms(more: &Value) -> Value {
    let mut terms = json!({
        "title": {"en": "Three in November", "fa": "سه بار در آبان"}, "first_day": "2026-11-21", "last_day": "2026-11-30",
        "counts": {"of": "purchases", "minimum_amount": 100},
        "aim": {"type": "goal", "goal": 3, "reward": {"reward": "coffee", "budget": 10}},
    });
    terms.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
    terms
}

fn at(code: &str) -> String {
    format!("/v1/challenges/{code}")
}

async fn publish(house: &House, code: &str, more: Value) {
    house.operator().put(&at(code), terms(&more)).await.expect(200);
    house.operator().post(&format!("{}/publication", at(code)), None).await.expect(200);
}

async fn kept(house: &House, code: &str) -> Value {
    house.operator().get(&at(code)).await.expect(200)
}

async fn own(house: &House, who: u128) -> Value {
    let found = house.member(who).get(&format!("/v1/members/{}/challenges", member(who))).await.expect(200);
    found["challenges"].clone()
}

/// A purchase under its number, as points tells it.
fn sale(
    house: &House,
    (who, number): (u128, u128),
    branch: &str,
    (amount, coffee): (i64, i64),
) -> PointsEarned {
    PointsEarned {
        member_id: member(who),
        journal_id: journal(number),
        branch: BranchCode::parse(branch).expect("a code"),
        amount,
        occurred_at: house.now(),
        categories: vec![CategoryAmount { category: "coffee".to_owned(), amount: coffee }],
        ..PointsEarned::sample()
    }
}

async fn buys(house: &House, who: (u128, u128), amount: i64) {
    house
        .hear_as("points", u64::try_from(who.1).expect("small"), &sale(house, who, "vanak", (amount, 0)))
        .await;
}

/// What came back of a purchase, under its number.
fn back(house: &House, (who, number): (u128, u128), of: u128, amount: i64) -> PointsReturned {
    PointsReturned {
        member_id: member(who),
        journal_id: journal(number),
        purchase_id: journal(of),
        amount,
        occurred_at: house.now(),
        categories: Vec::new(),
        ..PointsReturned::sample()
    }
}

/// Waits until what a member is given by their first challenge is a voucher, and answers it.
async fn voucher(house: &House, who: u128) -> Value {
    house.until("it is given", || async { own(house, who).await[0]["prize"]["state"] == "given" }).await;
    own(house, who).await[0]["prize"]["voucher_id"].clone()
}

on_both! {
    async fn a_goal_is_reached_once_and_its_voucher_is_given_once(house: House) {
        house.offers("coffee", json!({"cost": 7})).await;
        house.operator().put(&at("three"), terms(&json!({}))).await.expect(200);
        buys(&house, (1, 1), 500).await;
        assert_eq!((kept(&house, "three").await["state"].clone(), own(&house, 1).await), (json!("draft"), json!([])));
        house.operator().post(&format!("{}/publication", at("three")), None).await.expect(200);
        for number in [2, 3, 2, 3] {
            buys(&house, (1, number), 500).await;
        }
        buys(&house, (1, 4), 99).await;
        let seen = own(&house, 1).await[0].clone();
        assert_eq!((&seen["challenge"], &seen["state"], &seen["counted"], &seen["title"]["text"]), (&json!("three"), &json!("live"), &json!(2), &json!("Three in November")));
        assert_eq!(seen["goal"], json!({"goal": 3, "remaining": 1, "percent": 66, "reward": "coffee"}));
        // What comes back counts no more; it may be heard of before the purchase.
        house.hear_as("points", 5, &back(&house, (1, 5), 3, 450)).await;
        house.hear_as("points", 6, &back(&house, (1, 6), 7, 500)).await;
        buys(&house, (1, 7), 500).await;
        assert_eq!(own(&house, 1).await[0]["counted"], 1);
        for number in [8, 9, 9, 10] {
            buys(&house, (1, number), 500).await;
        }
        let given = voucher(&house, 1).await;
        assert!(given.is_string());
        let told = house.told::<ChallengeReached>().await;
        assert_eq!(told.iter().map(|fact| (fact.member_id, fact.counted, fact.goal)).collect::<Vec<_>>(), [(member(1), 3, 3)]);
        // What was given stays, and is given once.
        for number in [8_u128, 9] {
            house.hear_as("points", 20, &back(&house, (1, 20 + number), number, 500)).await;
        }
        let seen = own(&house, 1).await[0].clone();
        assert_eq!((&seen["counted"], &seen["prize"]["voucher_id"]), (&json!(2), &given));
        assert!(seen["goal"]["reached_at"].is_string());
        buys(&house, (1, 40), 500).await;
        let seen = kept(&house, "three").await;
        let figures = ["participants", "reached", "given", "cost"].map(|name| seen[name].clone());
        assert_eq!(figures, [json!(1), json!(1), json!(1), json!(7)]);
        assert_eq!(house.told::<ChallengeReached>().await.len(), 1);
        house.holds().await;
    }

    async fn visits_branches_amounts_and_categories_are_counted_as_written(house: House) {
        for (code, counts) in [
            ("visits", json!({"of": "visits"})), ("branches", json!({"of": "branches"})),
            ("spent", json!({"of": "amount"})), ("coffee", json!({"of": "amount", "category": "coffee"})),
        ] {
            publish(&house, code, json!({"counts": counts, "aim": {"type": "goal", "goal": 1_000}})).await;
        }
        for (number, branch) in [(1, "vanak"), (2, "vanak"), (3, "zand")] {
            house.hear_as("points", 1, &sale(&house, (1, number), branch, (100, 30))).await;
        }
        house.wait_s(DAY_S);
        house.hear_as("points", 1, &sale(&house, (1, 4), "vanak", (100, 0))).await;
        let seen = own(&house, 1).await;
        let counted: Vec<(&str, i64)> = seen.as_array().expect("a list").iter()
            .map(|one| (one["challenge"].as_str().expect("a code"), one["counted"].as_i64().expect("a number"))).collect();
        assert_eq!(counted, [("branches", 2), ("coffee", 90), ("spent", 400), ("visits", 3)]);
        // After its days nothing counts that was bought then, and what was bought before is heard of for two days more.
        let late = sale(&house, (1, 5), "vanak", (100, 0));
        house.wait_s(9 * DAY_S);
        house.hear_as("points", 1, &late).await;
        buys(&house, (1, 6), 100).await;
        let spent = own(&house, 1).await[2].clone();
        assert_eq!((&spent["counted"], &spent["state"]), (&json!(500), &json!("closing")));
        house.wait_s(3 * DAY_S);
        house.hear_as("points", 1, &sale(&house, (1, 7), "vanak", (100, 0))).await;
        assert_eq!(own(&house, 1).await[2]["state"], "over");
        assert_eq!(house.told::<ChallengeReached>().await, []);
        house.holds().await;
    }

    async fn the_budget_is_kept_and_what_is_published_stays(house: House) {
        house.offers("coffee", json!({})).await;
        let goal = |goal: i64, budget: i64| json!({"aim": {"type": "goal", "goal": goal, "reward": {"reward": "coffee", "budget": budget}}});
        publish(&house, "first", goal(1, 1)).await;
        buys(&house, (1, 1), 500).await;
        voucher(&house, 1).await;
        buys(&house, (2, 2), 500).await;
        house.until("it came to nothing", || async { own(&house, 2).await[0]["prize"]["reason"] == "budget_spent" }).await;
        assert_eq!(kept(&house, "first").await["reached"], 2);
        let put = async |more: Value| house.operator().put(&at("first"), terms(&more)).await;
        assert_eq!(put(goal(1, 5)).await.expect(200)["terms"]["aim"]["reward"]["budget"], 5);
        put(goal(2, 5)).await.refused(409, "rewards.challenge_fixed");
        assert_eq!(put(goal(1, 0)).await.refused(422, "rewards.challenge_invalid")["pointer"], "/aim/reward/budget");
        assert_eq!(put(json!({"last_day": "2026-11-20"})).await.refused(422, "rewards.challenge_invalid")["pointer"], "/last_day");
        assert_eq!(put(json!({"title": {}})).await.refused(422, "rewards.challenge_invalid")["pointer"], "/title");
        put(json!({"aim": {"type": "contest", "prizes": ["tea"]}})).await.refused(404, "rewards.reward_unknown");
        buys(&house, (3, 3), 500).await;
        voucher(&house, 3).await;
        assert_eq!(put(goal(1, 1)).await.refused(409, "rewards.gift_budget_too_small")["given"], 2);
        house.operator().get(&at("none")).await.refused(404, "rewards.challenge_unknown");
        let withdrawal = format!("{}/withdrawal", at("first"));
        assert_eq!(house.operator().post(&withdrawal, None).await.expect(200)["state"], "withdrawn");
        buys(&house, (4, 4), 500).await;
        assert_eq!(kept(&house, "first").await["participants"], 3);
        house.operator().post(&format!("{}/publication", at("first")), None).await.refused(409, "rewards.challenge_over");
        let list = async |asked: &str| house.operator().get(&format!("/v1/challenges{asked}")).await.expect(200)["challenges"].as_array().expect("a list").len();
        assert_eq!((list("?stage=withdrawn").await, list("?stage=live").await, list("?limit=1").await), (1, 0, 1));
        house.holds().await;
    }

    async fn a_contest_is_decided_once_and_who_came_so_far_first_is_before(house: House) {
        house.offers("coffee", json!({})).await;
        house.offers("hamper", json!({})).await;
        publish(&house, "most", json!({"aim": {"type": "contest", "prizes": ["hamper", "coffee"]}, "grace_hours": 1})).await;
        let mut number = 0;
        // The second one comes as far as the third one, and earlier; the fourth one's purchase comes back; the fifth one is erased.
        for who in [5, 5, 5, 5, 1, 1, 1, 2, 2, 3, 3, 4] {
            number += 1;
            house.wait_s(60);
            buys(&house, (who, number), 500).await;
        }
        house.hear_as("points", 1, &back(&house, (4, 90), number, 500)).await;
        house.hear("membership", &MemberErased { member_id: member(5), branch: None }).await;
        let seen = own(&house, 3).await[0].clone();
        assert_eq!(seen["contest"], json!({"place": 3, "participants": 3, "leading": [3, 2, 2], "prizes": ["hamper", "coffee"], "decided": false}));
        assert_eq!(own(&house, 4).await[0]["contest"].get("place"), None);
        house.wait_s(10 * DAY_S);
        house.until("it is decided", || async { kept(&house, "most").await["state"] == "decided" }).await;
        voucher(&house, 1).await;
        voucher(&house, 2).await;
        let won: Vec<_> = house.told::<ContestWon>().await.iter().map(|fact| (fact.member_id, fact.place, fact.counted)).collect();
        assert_eq!(won, [(member(1), 1, 3), (member(2), 2, 2)]);
        let decided: Vec<_> = house.told::<ContestDecided>().await.iter().map(|fact| (fact.participants, fact.winners)).collect();
        assert_eq!(decided, [(3, 2)]);
        let seen = [own(&house, 1).await, own(&house, 2).await, own(&house, 3).await];
        assert_eq!(seen.each_ref().map(|own| own[0]["prize"]["reward"].clone()), [json!("hamper"), json!("coffee"), Value::Null]);
        assert_eq!(seen[2][0]["contest"]["place"], 3);
        // Nothing counts afterwards, and it cannot be withdrawn any more.
        house.hear_as("points", 1, &back(&house, (1, 91), 5, 500)).await;
        assert_eq!(own(&house, 1).await[0]["counted"], 3);
        house.operator().post(&format!("{}/withdrawal", at("most")), None).await.refused(409, "rewards.challenge_over");
        house.holds().await;
    }

    async fn who_were_two_are_counted_as_one_and_who_is_erased_is_not(house: House) {
        house.offers("coffee", json!({})).await;
        publish(&house, "three", json!({})).await;
        for (who, number) in [(1, 1), (2, 2)] {
            buys(&house, (who, number), 500).await;
        }
        let merged = MembersMerged { survivor: member(1), absorbed: member(2), guarded_until: None };
        house.hear("membership", &merged).await;
        assert_eq!((own(&house, 1).await[0]["counted"].clone(), own(&house, 2).await[0]["counted"].clone()), (json!(2), json!(0)));
        // Facts under the former name are theirs; what was heard before is not counted again.
        buys(&house, (2, 2), 500).await;
        assert_eq!(own(&house, 1).await[0]["counted"], 2);
        buys(&house, (2, 3), 500).await;
        voucher(&house, 1).await;
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        buys(&house, (2, 4), 500).await;
        assert_eq!(kept(&house, "three").await["participants"], 0);
        house.holds().await;
    }
}
