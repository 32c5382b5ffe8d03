//! The catalogue: written down in versions, offered by the time alone, and shown to whom it is for (W1, W2).

use serde_json::{Value, json};

use crate::house::{House, member, on_both};

async fn codes(house: &House, query: &str) -> Vec<String> {
    let path = format!("/v1/members/{}/rewards{query}", member(1));
    let page = house.member(1).get(&path).await.expect(200);
    let rewards = page["rewards"].as_array().expect("a list").iter();
    rewards.filter_map(|reward| reward["reward"].as_str().map(str::to_owned)).collect()
}

on_both! {
    async fn a_member_sees_what_is_offered_and_what_it_would_take(house: House) {
        house.offers("coffee", json!({"points": 150})).await;
        house.offers("lamp", json!({"points": 600, "name": {"fa": "چراغ"}})).await;
        house.offers("car", json!({"points": 90_000, "name": {"en": "A car"}})).await;
        house.operator().put("/v1/rewards/draft", json!({"name": {"en": "Later"}, "kind": {"type": "donation", "to": "trees", "amount": 5}, "points": 1, "voucher_days": 1})).await.expect(200);
        assert_eq!(codes(&house, "").await, ["coffee", "lamp", "car"]);
        assert_eq!(codes(&house, "?sort=points_down&limit=2").await, ["car", "lamp"]);
        assert_eq!(codes(&house, "?reachable=now").await, ["coffee"]);
        assert_eq!(codes(&house, "?reachable=nearly").await, ["lamp"]);
        assert_eq!(codes(&house, "?search=%DA%86%D8%B1%D8%A7%D8%BA").await, ["lamp"]);
        assert_eq!(codes(&house, "?kind=donation").await, [""; 0]);
        let path = format!("/v1/members/{}/rewards?sort=points&limit=2", member(1));
        let page = house.member(1).get(&path).await.expect(200);
        assert_eq!((&page["balance"], &page["rewards"][1]["missing"], &page["has_more"]), (&json!(500), &json!(100), &json!(true)));
        // A text that is missing in a language is told in another one, and says so.
        assert_eq!(page["rewards"][1]["name"], json!({"text": "چراغ", "language": "fa"}));
        let next = format!("{path}&cursor={}", page["next_cursor"].as_str().expect("a cursor"));
        assert_eq!(house.member(1).get(&next).await.expect(200)["rewards"][0]["reward"], "car");
        // Nothing is known of a member while points is silent, and the catalogue is there all the same.
        *house.standing.lock().expect("no panic") = None;
        let page = house.member(1).get(&path).await.expect(200);
        assert_eq!((page.get("balance"), page["rewards"][0].get("missing")), (None, None));
        assert_eq!(codes(&house, "?reachable=now").await, [""; 0]);
    }

    async fn what_is_for_others_is_neither_seen_nor_had(house: House) {
        house.opens("vanak", "tehran").await;
        house.opens("zand", "fars").await;
        house.offers("golden", json!({"audience": {"tiers": ["gold"]}})).await;
        house.offers("chosen", json!({"audience": {"segments": ["vip"]}})).await;
        house.offers("southern", json!({"audience": {"regions": ["fars"]}})).await;
        assert_eq!(codes(&house, "").await, ["golden", "southern"]);
        assert_eq!(codes(&house, "?branch=vanak").await, ["golden"]);
        house.member(1).get(&format!("/v1/members/{}/rewards?branch=moon", member(1))).await.refused(422, "rewards.branch_unknown");
        let path = "/v1/reward-redemptions";
        house.asked(1, "k1", "golden").await;
        house.member(1).keyed("k2", path, json!({"reward": "chosen"})).await.refused(409, "rewards.not_offered");
        house.member(1).keyed("k2", path, json!({"reward": "southern", "branch": "vanak"})).await.refused(409, "rewards.not_offered");
        *house.standing.lock().expect("no panic") = None;
        house.member(1).keyed("k3", path, json!({"reward": "golden"})).await.refused(503, "rewards.points_silent");
        house.holds().await;
    }

    async fn a_birthday_opens_what_is_for_it(house: House) {
        house.offers("cake", json!({"audience": {"occasion": {"kind": "birthday", "after_days": 7}}})).await;
        assert_eq!(codes(&house, "").await, [""; 0]);
        let path = "/v1/reward-redemptions";
        house.member(1).keyed("k1", path, json!({"reward": "cake"})).await.refused(409, "rewards.not_offered");
        let marked = |days: u16| json!({"points": 500, "segments": [], "occasions": [{"kind": "birthday", "days_ago": days}]});
        *house.standing.lock().expect("no panic") = Some(marked(8));
        assert_eq!(codes(&house, "").await, [""; 0]);
        house.member(1).keyed("k2", path, json!({"reward": "cake"})).await.refused(409, "rewards.not_offered");
        *house.standing.lock().expect("no panic") = Some(marked(7));
        assert_eq!(codes(&house, "").await, ["cake"]);
        house.asked(1, "k3", "cake").await;
        house.holds().await;
    }

    async fn a_reward_has_versions_and_what_was_redeemed_stays_as_it_was(house: House) {
        house.offers("coffee", json!({})).await;
        house.redeemed(1, "k1", "coffee").await;
        house.offers("coffee", json!({"points": 200, "kind": {"type": "free_item", "sku": "espresso"}})).await;
        let kept = house.operator().get("/v1/rewards/coffee").await.expect(200);
        assert_eq!((&kept["version"], &kept["terms"]["points"], &kept["state"]), (&json!(2), &json!(200), &json!("live")));
        assert_eq!(house.voucher(1).await["kind"]["sku"], "coffee");
        // The same terms again are no new version.
        house.offers("coffee", json!({"points": 200, "kind": {"type": "free_item", "sku": "espresso"}})).await;
        assert_eq!(house.operator().get("/v1/rewards/coffee").await.expect(200)["version"], 2);
        let schedule = json!({"live_from": "2026-11-21T00:00:00Z", "live_until": "2026-11-21T09:00:00Z"});
        house.operator().put("/v1/rewards/coffee/schedule", schedule).await.expect(200);
        house.asked(1, "k2", "coffee").await;
        house.wait_s(3_600);
        house.member(1).keyed("k3", "/v1/reward-redemptions", json!({"reward": "coffee"})).await.refused(409, "rewards.not_offered");
        assert_eq!(house.operator().get("/v1/rewards").await.expect(200)["rewards"][0]["state"], "retired");
        house.holds().await;
    }

    async fn limits_begin_anew_with_their_period(house: House) {
        house.offers("coffee", json!({"limits": [{"most": 1, "per": "day"}, {"most": 2, "per": "month"}]})).await;
        let path = "/v1/reward-redemptions";
        let body = || json!({"reward": "coffee"});
        house.redeemed(1, "k1", "coffee").await;
        let refused = house.member(1).keyed("k2", path, body()).await.refused(409, "rewards.limit_reached");
        assert_eq!(refused["most"], 1);
        house.redeemed(2, "k1", "coffee").await;
        house.wait_s(86_400);
        house.redeemed(1, "k3", "coffee").await;
        house.wait_s(86_400);
        assert_eq!(house.member(1).keyed("k4", path, body()).await.refused(409, "rewards.limit_reached")["most"], 2);
        house.wait_s(31 * 86_400);
        house.redeemed(1, "k5", "coffee").await;
        house.holds().await;
    }

    async fn a_stock_is_never_less_than_what_was_taken(house: House) {
        house.offers("coffee", json!({})).await;
        house.stocks("coffee", None, 3).await;
        house.redeemed(1, "k1", "coffee").await;
        house.asked(1, "k2", "coffee").await;
        let path = "/v1/rewards/coffee/stock";
        let refused = house.operator().put(path, json!({"units": 1})).await.refused(409, "rewards.stock_too_small");
        assert_eq!(refused["taken"], 2);
        house.operator().put(path, json!({"units": 2})).await.expect(200);
        let stock = house.operator().get("/v1/rewards/coffee").await.expect(200)["stock"][0].clone();
        assert_eq!(stock, json!({"units": 2, "reserved": 1, "issued": 1, "left": 0}));
        assert_eq!(stock.get("branch"), None::<&Value>);
        house.holds().await;
    }
}
