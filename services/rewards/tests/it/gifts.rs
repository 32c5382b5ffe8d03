//! Gifts: each cause gives a member one, by rules, out of budgets, and as vouchers that tills take (W3, W8).

use contracts::{
    FactData as _,
    membership::{JoinChannel, MemberErased, MemberJoined, Occasion, OccasionReached},
    points::{GrantKind, PointsEarned, RewardGrant, RewardsGranted, RewardsRevoked},
    rewards::{GiftGiven, VoucherIssued, WhyGiven},
};
use kernel::{JournalId, Language, MemberId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, member, on_both};

fn purchase(number: u128) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(0x8192_f3a1_7c00_8000_8000_0000_0000_0000 + number))
}

pub async fn rule(house: &House, code: &str, occasion: Value, budget: i64) {
    let body = json!({"occasion": occasion, "reward": "coffee", "budget": budget, "live_from": "2026-11-21T00:00:00Z"});
    house.operator().put(&format!("/v1/gift-rules/{code}"), body).await.expect(200);
}

pub async fn marked(house: &House, member_id: MemberId) {
    house.hear("membership", &OccasionReached { member_id, occasion: Occasion::Birthday }).await;
}

/// The so-manyth purchase of a member.
pub async fn buys(house: &House, who: u128, number: u64, amount: i64) {
    let journal_id = purchase(who * 1_000 + u128::from(number));
    let told = PointsEarned {
        member_id: member(who),
        journal_id,
        amount,
        occurred_at: house.now(),
        ..PointsEarned::sample()
    };
    house.hear_as("points", number, &told).await;
}

async fn gifts(house: &House, who: u128) -> Vec<Value> {
    let page = house.member(who).get(&format!("/v1/members/{}/gifts", member(who))).await.expect(200);
    page["gifts"].as_array().expect("a list").clone()
}

/// The gifts of a member once none is on its way.
pub async fn given(house: &House, who: u128) -> Vec<Value> {
    house
        .until("every gift is given or ended", || async {
            gifts(house, who).await.iter().all(|gift| gift["state"] != "due")
        })
        .await;
    gifts(house, who).await
}

async fn reasons(house: &House, who: u128) -> Vec<String> {
    let all = given(house, who).await.into_iter();
    let said =
        all.map(|gift| format!("{} {} {}", gift["why"], gift["state"], gift["reason"]).replace('"', ""));
    let mut said: Vec<String> = said.collect();
    said.sort_unstable();
    said
}

on_both! {
    async fn a_birthday_gives_one_gift_though_it_is_told_twice_and_moved(house: House) {
        house.offers("coffee", json!({"points": 900})).await;
        house.stocks("coffee", None, 5).await;
        rule(&house, "birthday", json!({"on": "birthday"}), 10).await;
        marked(&house, member(1)).await;
        marked(&house, member(1)).await;
        given(&house, 1).await;
        // The date is put right, and the day comes again within the same year.
        house.wait_s(40 * 86_400);
        marked(&house, member(1)).await;
        assert_eq!(reasons(&house, 1).await, ["birthday given null"]);
        let voucher = house.voucher(1).await;
        assert_eq!((&voucher["state"], &voucher["reward"]), (&json!("expired"), &json!("coffee")));
        house.wait_s(320 * 86_400);
        marked(&house, member(1)).await;
        assert_eq!(given(&house, 1).await.len(), 2);
        let voucher = house.voucher(1).await;
        let body = json!({"voucher": {"code": voucher["code"]}});
        house.till("vanak").keyed("u1", "/v1/voucher-uses", body).await.expect(201);
        let told = house.told::<GiftGiven>().await;
        assert_eq!((told.len(), told[0].why), (2, WhyGiven::Birthday));
        assert!(house.told::<VoucherIssued>().await.iter().all(|issued| issued.gift_id.is_some() && issued.redemption_id.is_none()));
        assert_eq!(house.left("coffee").await, 3);
        let kept = house.operator().get("/v1/gift-rules/birthday").await.expect(200);
        assert_eq!((&kept["given"], kept.get("salt")), (&json!(2), None));
        house.holds().await;
    }

    async fn who_joins_is_welcomed_once_and_who_joined_before_the_rule_is_not(house: House) {
        house.offers("coffee", json!({})).await;
        let joined = |number| MemberJoined { member_id: member(number), branch: None, channel: JoinChannel::Till, language: Language::Fa };
        house.hear("membership", &joined(1)).await;
        let body = json!({"occasion": {"on": "joined"}, "reward": "coffee", "budget": 2, "live_from": "2026-11-21T08:00:01Z"});
        house.operator().put("/v1/gift-rules/welcome", body).await.expect(200);
        house.hear("membership", &joined(2)).await;
        house.wait_s(1);
        for number in [3, 3, 4, 5] {
            house.hear("membership", &joined(number)).await;
            given(&house, number).await;
        }
        assert_eq!((gifts(&house, 1).await.len(), gifts(&house, 2).await.len()), (0, 0));
        assert_eq!(reasons(&house, 3).await, ["joined given null"]);
        assert_eq!(reasons(&house, 5).await, ["joined ended budget_spent"]);
        let list = house.operator().get("/v1/gift-rules").await.expect(200);
        assert_eq!((&list["gift_rules"][0]["gift_rule"], &list["gift_rules"][0]["given"]), (&json!("welcome"), &json!(2)));
        house.holds().await;
    }

    async fn every_third_purchase_brings_a_surprise_and_a_purchase_is_counted_once(house: House) {
        house.offers("coffee", json!({})).await;
        rule(&house, "third", json!({"on": "purchase", "every": 3, "minimum_amount": 50}), 10).await;
        for number in [1, 2, 2, 3, 3, 1, 4, 5] {
            buys(&house, 1, number, 60).await;
        }
        buys(&house, 1, 6, 49).await;
        assert_eq!(reasons(&house, 1).await, ["surprise given null"]);
        assert_eq!(gifts(&house, 1).await[0]["purchase_id"], json!(purchase(1_003)));
        house.holds().await;
    }

    async fn luck_is_drawn_by_a_salt_that_everybody_sees_in_the_end(house: House) {
        house.offers("coffee", json!({})).await;
        rule(&house, "lucky", json!({"on": "purchase", "one_in": 4}), 1_000).await;
        for number in 1..=60 {
            buys(&house, 1, number, 60).await;
        }
        given(&house, 1).await;
        let page = house.member(1).get(&format!("/v1/members/{}/gifts?limit=200", member(1))).await.expect(200);
        let mut lucky: Vec<String> = page["gifts"].as_array().expect("a list").iter().map(|gift| gift["purchase_id"].to_string()).collect();
        let body = json!({"occasion": {"on": "purchase", "one_in": 4}, "reward": "coffee", "budget": 1_000, "live_from": "2026-11-21T00:00:00Z", "live_until": "2026-11-21T08:00:00Z"});
        let over = house.operator().put("/v1/gift-rules/lucky", body).await.expect(200);
        let salt = over["salt"].as_str().expect("a salt");
        let salt: Vec<u8> = (0..salt.len()).step_by(2).map(|at| u8::from_str_radix(&salt[at..at + 2], 16).expect("hexadecimal")).collect();
        let drawn = |number: u128| {
            let bytes = [salt.as_slice(), purchase(1_000 + number).as_uuid().as_bytes()].concat();
            let digest = ring::digest::digest(&ring::digest::SHA256, &bytes);
            u64::from_be_bytes(digest.as_ref()[..8].try_into().expect("eight bytes"))
        };
        let mut again: Vec<String> = (1..=60).filter(|number| drawn(*number) % 4 == 0).map(|number| json!(purchase(1_000 + number)).to_string()).collect();
        again.sort_unstable();
        lucky.sort_unstable();
        assert_eq!(lucky, again);
        assert!(!lucky.is_empty() && lucky.len() < 40, "{}", lucky.len());
        house.holds().await;
    }

    async fn who_stays_away_is_won_back_once(house: House) {
        house.offers("coffee", json!({"voucher_days": 400})).await;
        rule(&house, "back", json!({"on": "win_back", "days": 30}), 10).await;
        buys(&house, 1, 1, 60).await;
        house.wait_s(20 * 86_400);
        buys(&house, 1, 2, 60).await;
        buys(&house, 2, 1, 60).await;
        house.hear("membership", &MemberErased { member_id: member(2), branch: None }).await;
        house.wait_s(29 * 86_400);
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(gifts(&house, 1).await.len(), 0);
        house.wait_s(86_400);
        house.until("they are won back", || async { gifts(&house, 1).await.len() == 1 }).await;
        assert_eq!(reasons(&house, 1).await, ["win_back given null"]);
        house.wait_s(90 * 86_400);
        buys(&house, 1, 3, 60).await;
        house.wait_s(31 * 86_400);
        house.until("they are won back again", || async { gifts(&house, 1).await.len() == 2 }).await;
        given(&house, 1).await;
        assert_eq!(gifts(&house, 2).await.len(), 0);
        house.holds().await;
    }

    async fn what_comes_with_a_purchase_is_at_the_till_and_goes_back_with_it(house: House) {
        house.offers("espresso", json!({})).await;
        let grant = |rule: &str, code: &str, quantity| RewardGrant { rule: rule.to_owned(), kind: GrantKind::InstantReward, code: code.to_owned(), quantity };
        let told = RewardsGranted {
            member_id: member(1),
            purchase_id: purchase(1),
            grants: vec![grant("coffee", "espresso", 2), grant("tea", "nothing-like-it", 1)],
            ..RewardsGranted::sample()
        };
        house.hear("points", &told).await;
        house.hear("points", &told).await;
        assert_eq!(reasons(&house, 1).await, ["purchase ended not_offered", "purchase given null", "purchase given null"]);
        let till = house.till("vanak");
        let found = till.post("/v1/vouchers/lookup", Some(json!({"purchase": purchase(1)}))).await.expect(200);
        let ids: Vec<Value> = found["vouchers"].as_array().expect("a list").iter().map(|own| own["voucher_id"].clone()).collect();
        assert_eq!((ids.len(), &found["vouchers"][0]["reward"]), (2, &json!("espresso")));
        till.keyed("u1", "/v1/voucher-uses", json!({"voucher": {"id": ids[0]}})).await.expect(201);
        // One comes back: it is called back where it is not used. The same return again takes no more.
        let back = RewardsRevoked { member_id: member(1), purchase_id: purchase(1), return_id: purchase(9), grants: vec![grant("coffee", "espresso", 1)] };
        house.hear("points", &back).await;
        house.hear("points", &back).await;
        let page = house.member(1).get(&format!("/v1/members/{}/vouchers", member(1))).await.expect(200);
        let mut states: Vec<&str> = page["vouchers"].as_array().expect("a list").iter().filter_map(|own| own["state"].as_str()).collect();
        states.sort_unstable();
        assert_eq!(states, ["cancelled", "used"]);
        let found = till.post("/v1/vouchers/lookup", Some(json!({"purchase": purchase(1)}))).await.expect(200);
        assert_eq!(found["vouchers"], json!([]));
        house.holds().await;
    }

    async fn a_gift_comes_out_of_stock_and_pool_and_to_nothing_without(house: House) {
        house.offers("coffee", json!({"kind": {"type": "partner_coupon", "partner": "air"}})).await;
        house.operator().post("/v1/rewards/coffee/coupons", Some(json!({"codes": ["AIR-1"]}))).await.expect(200);
        rule(&house, "birthday", json!({"on": "birthday"}), 10).await;
        marked(&house, member(1)).await;
        given(&house, 1).await;
        marked(&house, member(2)).await;
        assert_eq!(house.voucher(1).await["code"], "AIR-1");
        assert_eq!(reasons(&house, 2).await, ["birthday ended out_of_stock"]);
        assert_eq!(house.operator().get("/v1/gift-rules/birthday").await.expect(200)["given"], 1);
        // Who is erased is promised nothing, and what they have is called back.
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        house.hear("membership", &MemberErased { member_id: member(3), branch: None }).await;
        marked(&house, member(3)).await;
        assert_eq!((house.voucher(1).await["state"].clone(), gifts(&house, 3).await.len()), (json!("cancelled"), 0));
        house.holds().await;
    }

    async fn each_mistake_in_a_rule_is_named(house: House) {
        house.offers("coffee", json!({})).await;
        let path = "/v1/gift-rules/rule";
        let body = |occasion: Value, budget: i64| json!({"occasion": occasion, "reward": "coffee", "budget": budget, "live_from": "2026-11-21T00:00:00Z"});
        let mut ended = body(json!({"on": "joined"}), 1);
        ended["live_until"] = json!("2026-11-20T00:00:00Z");
        for (body, pointer) in [
            (body(json!({"on": "purchase", "every": 0}), 1), "/occasion/every"),
            (body(json!({"on": "purchase", "one_in": 0}), 1), "/occasion/one_in"),
            (body(json!({"on": "purchase", "minimum_amount": -1}), 1), "/occasion/minimum_amount"),
            (body(json!({"on": "purchase", "branches": vec!["vanak"; 201]}), 1), "/occasion/branches"),
            (body(json!({"on": "win_back", "days": 0}), 1), "/occasion/days"),
            (body(json!({"on": "birthday"}), 0), "/budget"),
            (ended, "/live_until"),
        ] {
            assert_eq!(house.operator().put(path, body).await.refused(422, "rewards.gift_rule_invalid")["pointer"], pointer);
        }
        house.operator().get(path).await.refused(404, "rewards.gift_rule_unknown");
        let mut unknown = body(json!({"on": "birthday"}), 1);
        unknown["reward"] = json!("moon");
        house.operator().put(path, unknown).await.refused(404, "rewards.reward_unknown");
        house.operator().put(path, body(json!({"on": "birthday"}), 2)).await.expect(200);
        house.operator().put(path, body(json!({"on": "joined"}), 2)).await.refused(409, "rewards.gift_rule_fixed");
        for number in [1, 2] {
            marked(&house, member(number)).await;
            given(&house, number).await;
        }
        let refused = house.operator().put(path, body(json!({"on": "birthday"}), 1)).await.refused(409, "rewards.gift_budget_too_small");
        assert_eq!(refused["given"], 2);
        house.holds().await;
    }
}
