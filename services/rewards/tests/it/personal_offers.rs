//! Personal offers: for whom they are, taken up once, paid by purchases, never beyond their budget (W8).

use contracts::{
    FactData as _,
    membership::{MemberErased, MembersMerged},
    points::{CategoryAmount, PointsEarned, PointsReturned},
    rewards::{GiftGiven, WhyGiven},
};
use kernel::{BranchCode, JournalId};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::house::{House, member, on_both};

const HOUR_S: i64 = 3_600;

fn purchase(number: u128) -> JournalId {
    JournalId::from_uuid(Uuid::from_u128(0x8192_f3a1_7c00_8000_8000_0000_0001_0000 + number))
}

fn coffee_for(amount: i64) -> Vec<CategoryAmount> {
    vec![CategoryAmount { category: "coffee".to_owned(), amount }]
}

/// A draft with these terms besides the usual ones.
async fn put(house: &House, code: &str, more: Value) {
    let mut terms = json!({
        "title": {"en": "Coffee on us", "fa": "قهوه مهمان ما"}, "from": "2026-11-21T00:00:00Z", "until": "2026-12-21T00:00:00Z",
        "activation": {}, "reward": "coffee", "budget": {"count": 10},
    });
    for (name, value) in more.as_object().expect("fields") {
        terms[name] = value.clone();
    }
    house.operator().put(&format!("/v1/personal-offers/{code}"), terms).await.expect(200);
}

/// One that is live.
pub async fn offer(house: &House, code: &str, more: Value) {
    put(house, code, more).await;
    house.operator().post(&format!("/v1/personal-offers/{code}/publication"), None).await.expect(200);
}

async fn kept(house: &House, code: &str) -> Value {
    house.operator().get(&format!("/v1/personal-offers/{code}")).await.expect(200)
}

async fn own(house: &House, who: u128) -> Vec<Value> {
    let found = house.member(who).get(&format!("/v1/members/{}/offers", member(who))).await.expect(200);
    found["offers"].as_array().expect("a list").clone()
}

fn tap(who: u128, code: &str, number: u32) -> String {
    format!("/v1/members/{}/offers/{code}/activations/{number}", member(who))
}

async fn taps(house: &House, who: u128, code: &str) -> Value {
    house.member(who).put(&tap(who, code, 1), json!({})).await.expect(200)
}

/// The so-manyth fact about a member: a purchase, of which so much is coffee.
pub async fn buys(house: &House, (who, number): (u128, u64), amount: i64, coffee: i64) {
    let told = PointsEarned {
        member_id: member(who),
        journal_id: purchase(who * 1_000 + u128::from(number)),
        branch: BranchCode::parse("vanak").expect("a code"),
        amount,
        occurred_at: house.now(),
        categories: coffee_for(coffee),
        ..PointsEarned::sample()
    };
    house.hear_as("points", number, &told).await;
}

/// The so-manyth fact about a member: a purchase comes back, in part.
pub async fn returns(house: &House, (who, number): (u128, u64), of: u64, (amount, coffee): (i64, i64)) {
    let told = PointsReturned {
        member_id: member(who),
        journal_id: purchase(who * 1_000 + u128::from(number)),
        purchase_id: purchase(who * 1_000 + u128::from(of)),
        amount,
        categories: coffee_for(coffee),
        ..PointsReturned::sample()
    };
    house.hear_as("points", number, &told).await;
}

/// Vouchers of a member, once nothing is on its way.
async fn vouchers(house: &House, who: u128) -> Vec<Value> {
    let gifts = format!("/v1/members/{}/gifts", member(who));
    house
        .until("every gift is given or ended", || async {
            let page = house.member(who).get(&gifts).await.expect(200);
            page["gifts"].as_array().expect("a list").iter().all(|gift| gift["state"] != "due")
        })
        .await;
    let page = house.member(who).get(&format!("/v1/members/{}/vouchers", member(who))).await.expect(200);
    page["vouchers"].as_array().expect("a list").clone()
}

on_both! {
    async fn a_tap_gives_a_voucher_at_once_that_the_till_takes(house: House) {
        house.offers("coffee", json!({})).await;
        put(&house, "treat", json!({})).await;
        assert_eq!(own(&house, 1).await, Vec::<Value>::new());
        house.member(1).put(&tap(1, "treat", 1), json!({})).await.refused(404, "rewards.offer_unknown");
        house.operator().post("/v1/personal-offers/treat/publication", None).await.expect(200);
        let offers = own(&house, 1).await;
        assert_eq!((&offers[0]["offer"], &offers[0]["state"], &offers[0]["title"]["text"]), (&json!("treat"), &json!("open"), &json!("Coffee on us")));
        let first = taps(&house, 1, "treat").await;
        assert_eq!((&first["state"], &first["taken"][0]["state"]), (&json!("had"), &json!("given")));
        assert_eq!(taps(&house, 1, "treat").await, first);
        house.member(1).put(&tap(1, "treat", 2), json!({})).await.refused(409, "rewards.limit_reached");
        house.member(2).put(&tap(1, "treat", 1), json!({})).await.refused(403, "web.access_denied");
        let voucher = house.voucher(1).await;
        assert_eq!(voucher["voucher_id"], first["taken"][0]["voucher_id"]);
        let body = json!({"voucher": {"code": voucher["code"]}});
        house.till("vanak").keyed("u1", "/v1/voucher-uses", body).await.expect(201);
        let told = house.told::<GiftGiven>().await;
        assert_eq!((told.len(), told[0].why), (1, WhyGiven::Offer));
        let counted = kept(&house, "treat").await;
        assert_eq!((&counted["taken"], &counted["activated"]), (&json!(1), &json!(1)));
        house.holds().await;
    }

    async fn a_list_and_a_segment_choose_who_sees_it(house: House) {
        house.offers("coffee", json!({})).await;
        put(&house, "named", json!({"listed": true})).await;
        let list = async |members: Value| house.operator().post("/v1/personal-offers/named/members", Some(json!({"members": members}))).await;
        let added = list(json!([member(1), member(1), member(2)])).await.expect(200);
        assert_eq!(added, json!({"added": 2, "listed": 2}));
        assert_eq!(list(json!([member(2), member(3)])).await.expect(200), json!({"added": 1, "listed": 3}));
        list(json!([])).await.refused(422, "rewards.offer_members_invalid");
        house.operator().post("/v1/personal-offers/named/publication", None).await.expect(200);
        offer(&house, "vip", json!({"audience": {"segments": ["vip"]}})).await;
        assert_eq!(own(&house, 1).await.len(), 1);
        assert_eq!(own(&house, 9).await.len(), 0);
        house.member(9).put(&tap(9, "named", 1), json!({})).await.refused(404, "rewards.offer_unknown");
        house.member(1).put(&tap(1, "vip", 1), json!({})).await.refused(404, "rewards.offer_unknown");
        *house.standing.lock().expect("a lock") = Some(json!({"points": 5, "segments": ["vip"]}));
        assert_eq!(own(&house, 9).await[0]["offer"], "vip");
        taps(&house, 9, "vip").await;
        *house.standing.lock().expect("a lock") = None;
        house.member(1).put(&tap(1, "vip", 1), json!({})).await.refused(503, "rewards.points_silent");
        taps(&house, 2, "named").await;
        // Two become one: lists and what was taken up are of the one who stays; who is erased is on no list.
        let merged = MembersMerged { survivor: member(1), absorbed: member(2), ..MembersMerged::sample() };
        house.hear("membership", &merged).await;
        assert_eq!(own(&house, 1).await[0]["taken"][0]["state"], "given");
        house.hear("membership", &MemberErased { member_id: member(3), branch: None }).await;
        assert_eq!(list(json!([member(2), member(3)])).await.expect(200), json!({"added": 0, "listed": 1}));
        house.holds().await;
    }

    async fn a_purchase_of_coffee_in_time_brings_what_was_activated_once(house: House) {
        house.offers("coffee", json!({})).await;
        let terms = json!({"activation": {"use_within_hours": 5}, "condition": {"minimum_amount": 100, "category": "coffee"}, "per_member": 2});
        offer(&house, "cup", terms).await;
        let active = taps(&house, 1, "cup").await;
        assert_eq!((&active["taken"][0]["state"], &active["left"]), (&json!("active"), &json!(1)));
        buys(&house, (1, 1), 900, 99).await;
        assert_eq!(vouchers(&house, 1).await.len(), 0);
        house.wait_s(4 * HOUR_S);
        for number in [2, 2, 1] {
            buys(&house, (1, number), 900, 100).await;
        }
        assert_eq!(vouchers(&house, 1).await.len(), 1);
        assert_eq!(own(&house, 1).await[0]["taken"][0]["state"], "given");
        // The second one lapses, and is free for others an hour later.
        house.member(1).put(&tap(1, "cup", 2), json!({})).await.expect(200);
        house.wait_s(5 * HOUR_S);
        buys(&house, (1, 3), 900, 900).await;
        assert_eq!((vouchers(&house, 1).await.len(), kept(&house, "cup").await["taken"].clone()), (1, json!(2)));
        house.wait_s(HOUR_S);
        house.until("it lapses", || async { kept(&house, "cup").await["taken"] == 1 }).await;
        assert_eq!(own(&house, 1).await[0]["taken"][1]["state"], "lapsed");
        house.holds().await;
    }

    async fn what_nobody_activates_comes_with_the_purchase_and_goes_with_it(house: House) {
        house.offers("coffee", json!({})).await;
        offer(&house, "self", json!({"activation": null, "condition": {"minimum_amount": 100}})).await;
        house.member(1).put(&tap(1, "self", 1), json!({})).await.refused(409, "rewards.offer_tapless");
        for number in [1, 1, 2] {
            buys(&house, (1, number), 150, 0).await;
        }
        assert_eq!(vouchers(&house, 1).await.len(), 1);
        returns(&house, (1, 3), 1, (40, 0)).await;
        assert_eq!(vouchers(&house, 1).await[0]["state"], "issued");
        for _ in 0..2 {
            returns(&house, (1, 4), 1, (40, 0)).await;
        }
        assert_eq!(vouchers(&house, 1).await[0]["state"], "cancelled");
        assert_eq!(kept(&house, "self").await["taken"], 0);
        // It is free again: the next purchase brings another one, and this one is used before the purchase comes back.
        buys(&house, (1, 5), 150, 0).await;
        let fresh = vouchers(&house, 1).await;
        let issued = fresh.iter().find(|voucher| voucher["state"] == "issued").expect("another voucher");
        let body = json!({"voucher": {"code": issued["code"]}});
        house.till("vanak").keyed("u1", "/v1/voucher-uses", body).await.expect(201);
        returns(&house, (1, 6), 5, (150, 0)).await;
        assert_eq!(kept(&house, "self").await["taken"], 1);
        house.holds().await;
    }

    async fn no_more_is_given_than_the_budget_has_though_all_tap_at_once(house: House) {
        house.offers("coffee", json!({"cost": 30})).await;
        offer(&house, "few", json!({"budget": {"count": 100, "cost": 100}})).await;
        let house = &house;
        let taps = (1..=12).map(|who| async move { house.member(who).put(&tap(who, "few", 1), json!({})).await });
        let answers = futures_util::future::join_all(taps).await;
        let given = answers.iter().filter(|answer| answer.status == 200).count();
        assert_eq!(given, 3, "{answers:?}");
        for answer in answers.into_iter().filter(|answer| answer.status != 200) {
            answer.refused(409, "rewards.offer_used_up");
        }
        let few = kept(house, "few").await;
        assert_eq!((&few["taken"], &few["spent"]), (&json!(3), &json!(90)));
        assert_eq!(own(house, 20).await[0]["state"], "used_up");
        // More money, and fewer activations than there is money for.
        offer(house, "two", json!({"activation": {"most": 2}})).await;
        for who in [1, 2] {
            house.member(who).put(&tap(who, "two", 1), json!({})).await.expect(200);
        }
        house.member(3).put(&tap(3, "two", 1), json!({})).await.refused(409, "rewards.offer_used_up");
        assert_eq!(kept(house, "two").await["state"], "used_up");
        // None is left of the reward itself: nothing is taken.
        house.stocks("coffee", None, 5).await;
        offer(house, "stock", json!({})).await;
        house.member(1).put(&tap(1, "stock", 1), json!({})).await.expect(200);
        house.stocks("coffee", None, 1).await;
        house.member(2).put(&tap(2, "stock", 1), json!({})).await.refused(409, "rewards.out_of_stock");
        assert_eq!(kept(house, "stock").await["taken"], 1);
        let retired = json!({"live_from": "2026-11-21T00:00:00Z", "live_until": "2026-11-21T01:00:00Z"});
        house.operator().put("/v1/rewards/coffee/schedule", retired).await.expect(200);
        house.member(2).put(&tap(2, "stock", 1), json!({})).await.refused(409, "rewards.not_offered");
        house.holds().await;
    }

    async fn a_withdrawn_offer_keeps_its_word_to_those_who_activated_it(house: House) {
        house.offers("coffee", json!({})).await;
        offer(&house, "cup", json!({"condition": {"minimum_amount": 100}})).await;
        taps(&house, 1, "cup").await;
        let withdrawn = house.operator().post("/v1/personal-offers/cup/withdrawal", None).await.expect(200);
        assert_eq!(withdrawn["state"], "withdrawn");
        house.member(2).put(&tap(2, "cup", 1), json!({})).await.refused(409, "rewards.offer_over");
        assert_eq!((own(&house, 1).await[0]["state"].clone(), own(&house, 2).await.len()), (json!("over"), 0));
        buys(&house, (1, 1), 100, 0).await;
        assert_eq!(vouchers(&house, 1).await.len(), 1);
        house.operator().post("/v1/personal-offers/cup/publication", None).await.refused(409, "rewards.offer_over");
        house.holds().await;
    }

    async fn what_is_published_stays_and_mistakes_have_their_codes(house: House) {
        house.offers("coffee", json!({})).await;
        offer(&house, "cup", json!({"condition": {"minimum_amount": 100}})).await;
        taps(&house, 1, "cup").await;
        let terms = |more: Value| {
            let mut terms = json!({
                "title": {"en": "Other"}, "from": "2026-11-21T00:00:00Z", "until": "2026-12-25T00:00:00Z", "activation": {},
                "condition": {"minimum_amount": 100}, "reward": "coffee", "budget": {"count": 5},
            });
            terms.as_object_mut().expect("fields").extend(more.as_object().expect("fields").clone());
            terms
        };
        let put = async |more: Value| house.operator().put("/v1/personal-offers/cup", terms(more)).await;
        assert_eq!(put(json!({})).await.expect(200)["terms"]["budget"]["count"], 5);
        put(json!({"per_member": 2})).await.refused(409, "rewards.offer_fixed");
        put(json!({"reward": "tea"})).await.refused(404, "rewards.reward_unknown");
        assert_eq!(put(json!({"per_member": 0})).await.refused(422, "rewards.offer_invalid")["pointer"], "/per_member");
        house.member(2).put(&tap(2, "cup", 1), json!({})).await.expect(200);
        assert_eq!(put(json!({"budget": {"count": 1}})).await.refused(409, "rewards.gift_budget_too_small")["given"], 2);
        house.operator().get("/v1/personal-offers/none").await.refused(404, "rewards.offer_unknown");
        let list = house.operator().get("/v1/personal-offers?limit=1").await.expect(200);
        assert_eq!((&list["offers"][0]["offer"], &list["has_more"]), (&json!("cup"), &json!(false)));
        // Who is erased gives back what they activated.
        house.hear("membership", &MemberErased { member_id: member(1), branch: None }).await;
        assert_eq!(kept(&house, "cup").await["taken"], 1);
        house.holds().await;
    }
}
