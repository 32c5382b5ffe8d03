//! Promise 12: facts come again and again, between others and in the wrong order, also when nobody remembers having heard them; the end is
//! the same. The reactions are called here without their inbox: what must hold rests on the effects themselves.

use contracts::{
    Fact, FactData as _,
    membership::{JoinChannel, MemberErased, MemberJoined, Occasion, OccasionReached},
    points::{
        CategoryAmount, GrantKind, PointsCaptured, PointsEarned, PointsHeld, PointsReturned, RewardGrant,
        RewardsGranted, RewardsRevoked,
    },
};
use kernel::{JournalId, Language};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    draws::{publishes, tickets},
    gifts::{given, rule},
    house::{House, journal, member, on_both},
    personal_offers::offer,
};

const MEMBERS: u128 = 4;

fn purchase(who: u128, number: u64) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(
        0x8192_f3a1_7c00_8000_8000_0000_0002_0000 + who * 1_000 + u128::from(number),
    ))
}

fn coffee(amount: i64) -> Vec<CategoryAmount> {
    vec![CategoryAmount { category: "coffee".to_owned(), amount }]
}

/// What points tells of a member's purchases: three of them, a part of the first one comes back, and a part of what the second one brought.
fn of_purchases(house: &House, who: u128) -> Vec<Fact> {
    let earned = |number: u64| {
        let told = PointsEarned {
            member_id: member(who),
            journal_id: purchase(who, number),
            amount: 1_500,
            occurred_at: house.now(),
            categories: coffee(900),
            ..PointsEarned::sample()
        };
        house.fact("points", number, &told)
    };
    let grant = |quantity| RewardGrant {
        rule: "big".to_owned(),
        kind: GrantKind::DrawTickets,
        code: "new-year".to_owned(),
        quantity,
    };
    let granted = RewardsGranted {
        member_id: member(who),
        purchase_id: purchase(who, 2),
        occurred_at: house.now(),
        grants: vec![
            grant(4),
            RewardGrant { kind: GrantKind::InstantReward, code: "coffee".to_owned(), ..grant(1) },
        ],
        ..RewardsGranted::sample()
    };
    let returned = PointsReturned {
        member_id: member(who),
        journal_id: purchase(who, 4),
        purchase_id: purchase(who, 1),
        amount: 400,
        categories: coffee(400),
        ..PointsReturned::sample()
    };
    let revoked = RewardsRevoked {
        member_id: member(who),
        purchase_id: purchase(who, 2),
        return_id: purchase(who, 5),
        grants: vec![grant(1)],
    };
    vec![
        earned(1),
        earned(2),
        house.fact("points", 1, &granted),
        earned(3),
        house.fact("points", 4, &returned),
        house.fact("points", 2, &revoked),
    ]
}

/// A redemption that points lets through, as it tells so.
async fn of_redemption(house: &House, who: u128, code: &str) -> Vec<Fact> {
    let id = house.asked(who, code, code).await;
    let held = PointsHeld { journal_id: journal(&id), ..PointsHeld::sample() };
    let captured = PointsCaptured { hold_id: journal(&id), ..PointsCaptured::sample() };
    vec![house.fact("points", 1, &held), house.fact("points", 2, &captured)]
}

/// What is there before anything is heard, and everything that is then told, in its order.
async fn story(house: &House) -> Vec<Fact> {
    house.offers("coffee", json!({})).await;
    house.stocks("coffee", None, 100).await;
    publishes(house, json!({"by_purchase": {"minimum": 1_000, "tickets": 1}})).await;
    house.offers("ticket", json!({"kind": {"type": "draw_ticket", "draw": "new-year", "tickets": 3}})).await;
    for (code, occasion) in [
        ("birthday", json!({"on": "birthday"})),
        ("joined", json!({"on": "joined"})),
        ("third", json!({"on": "purchase", "every": 3})),
    ] {
        rule(house, code, occasion, 50).await;
    }
    let wanted = json!({"activation": null, "condition": {"minimum_amount": 500, "category": "coffee"}, "per_member": 2});
    offer(house, "beans", wanted).await;
    let mut told = Vec::new();
    for who in 1..=MEMBERS {
        let joined = MemberJoined {
            member_id: member(who),
            channel: JoinChannel::Till,
            language: Language::Fa,
            ..MemberJoined::sample()
        };
        told.push(house.fact("membership", 1, &joined));
        let birthday = OccasionReached { member_id: member(who), occasion: Occasion::Birthday };
        told.push(house.fact("membership", 2, &birthday));
        told.extend(of_purchases(house, who));
        told.extend(of_redemption(house, who, "coffee").await);
        told.extend(of_redemption(house, who, "ticket").await);
    }
    let erased = MemberErased { member_id: member(MEMBERS), branch: None };
    told.push(house.fact("membership", 3, &erased));
    told
}

/// What members have, and what is left for others.
async fn state(house: &House) -> Value {
    let mut all = Vec::new();
    for who in 1..=MEMBERS {
        let mut gifts: Vec<String> =
            given(house, who).await.iter().map(|gift| format!("{} {}", gift["why"], gift["state"])).collect();
        gifts.sort_unstable();
        let of = async |what: &str| {
            house.member(who).get(&format!("/v1/members/{}/{what}", member(who))).await.expect(200)
        };
        let vouchers = of("vouchers").await["vouchers"].as_array().map(Vec::len);
        let offers = of("offers").await["offers"][0]["taken"].as_array().map(Vec::len);
        let redemptions = of("reward-redemptions").await;
        let states = redemptions["redemptions"].as_array().expect("a list").iter();
        let states: Vec<Value> = states.map(|one| one["state"].clone()).collect();
        all.push(json!([gifts, vouchers, offers, states, tickets(house, who).await]));
    }
    let budgets = house.operator().get("/v1/gift-rules").await.expect(200);
    let budgets: Vec<Value> =
        budgets["gift_rules"].as_array().expect("a list").iter().map(|rule| rule["given"].clone()).collect();
    let offer = house.operator().get("/v1/personal-offers/beans").await.expect(200)["taken"].clone();
    let draw = house.operator().get("/v1/draws/new-year").await.expect(200)["late"].clone();
    json!([all, house.left("coffee").await, budgets, offer, draw])
}

/// Numbers that look like chance, and are the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most.max(1)
    }
}

on_both! {
    async fn what_is_heard_again_and_again_changes_nothing(house: House) {
        let told = story(&house).await;
        for fact in &told {
            house.hear_fact(fact).await;
        }
        let once = state(&house).await;
        // Everything again, three times as many in any order, and all of it from the beginning.
        let mut chance = Chance(7);
        for _ in 0..3 * told.len() {
            house.hear_fact(&told[chance.below(told.len())]).await;
        }
        for fact in told.iter().rev().chain(&told) {
            house.hear_fact(fact).await;
        }
        assert_eq!(state(&house).await, once);
        house.holds().await;
    }

    async fn what_comes_twice_between_others_ends_as_if_it_came_once(house: House) {
        let told = story(&house).await;
        let mut chance = Chance(11);
        for (at, fact) in told.iter().enumerate() {
            house.hear_fact(fact).await;
            for _ in 0..2 {
                house.hear_fact(&told[chance.below(at + 1)]).await;
            }
        }
        let again = state(&house).await;
        // The same for whoever heard each once.
        for who in 1..MEMBERS {
            assert_eq!(again[0][usize::try_from(who).expect("small") - 1], again[0][0], "{who}");
        }
        assert_eq!(again[0][0][4], json!(3 + 3 + 3), "three purchases, four less one of a rule, three for points");
        house.holds().await;
    }
}
