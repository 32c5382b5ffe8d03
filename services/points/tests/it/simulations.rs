//! Simulations: purchases of the past decided again, beside what the ledger says.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    belonging::{chosen, opened},
    shop::{ALI, Shop, ZAHRA, base, basket, member, on_both, programme, rule},
    tiers::with_tiers,
};

fn bonus() -> Value {
    let mut bonus = rule("bonus", json!({"fixed": {"points": 7}}));
    bonus["when"] = json!({"minimum_basket": 300_000, "branches": ["vanak"]});
    bonus["expiry"] = json!({"months": 2});
    bonus
}

/// A year of purchases in two branches by two members, every third one with a part of it brought back.
async fn a_year(shop: &Shop) {
    for n in 0..36_i64 {
        let (branch, phone) =
            (if n % 3 == 0 { "tajrish" } else { "vanak" }, if n % 2 == 0 { ZAHRA } else { ALI });
        let mut body = basket(&format!("R{n}"), 90_000 + n * 37_500);
        body["member"]["phone"] = phone.into();
        body["branch"] = branch.into();
        let till = shop.till_of(branch, "till-1");
        till.buy(&format!("k{n}"), &body).await.expect(201);
        shop.days_later(5);
        if n % 3 == 1 {
            let back = json!({
                "purchase": {"till": "till-1", "receipt": format!("R{n}")}, "receipt": format!("B{n}"), "occurred_at": crate::shop::START,
                "currency": "IRR", "amount": 11_111 * (1 + n % 4),
            });
            till.give_back(&format!("b{n}"), &back).await.expect(201);
        }
        shop.days_later(5);
    }
}

/// What a simulation of a version came to.
pub async fn simulated(shop: &Shop, version: u32, asked: Value) -> Value {
    let path = format!("/v1/programme/versions/{version}/simulations");
    let waiting = shop.operator().post(&path, asked).await.expect(202);
    let path = format!("/v1/programme/simulations/{}", waiting["simulation_id"].as_str().expect("an id"));
    for _ in 0..200 {
        let now = shop.operator().get(&path).await.expect(200);
        if now["state"] == "done" {
            return now;
        }
        assert!(now["state"] != "failed", "{now}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the simulation of version {version} does not end");
}

/// Purchases by members of a segment, around a birthday, at two tiers.
async fn by_who_they_are(shop: &Shop) {
    shop.operator().send("PUT", "/v1/segments/regulars", &[], None).await.expect(201);
    let chosen = json!({"add": [crate::shop::member(1).to_string()]});
    shop.operator().post("/v1/segments/regulars/members", chosen).await.expect(200);
    let of_member = |code: &str, points: i64, member: Value| {
        let mut rule = rule(code, json!({"fixed": {"points": points}}));
        rule["when"] = json!({"member": member});
        rule
    };
    let mut coffee = rule(
        "coffee",
        json!({"instant_reward": {"reward": "espresso", "at_most": [{"units": 5, "every": "ever"}]}}),
    );
    coffee["when"] = json!({"minimum_basket": 300_000});
    let name = json!({"fa": "ف", "ar": "ع", "en": "e"});
    let mut document = programme(&[
        base(),
        coffee,
        of_member("gold", 3, json!({"tiers": ["gold"]})),
        of_member("regulars", 5, json!({"segments": ["regulars"]})),
        of_member("birthday", 7, json!({"occasion": {"kind": "birthday", "after_days": 14}})),
    ]);
    document["tiers"] = json!({"measure": "points", "period": "year", "levels": [{"code": "gold", "name": name, "from": 200}]});
    shop.operator().put("/v1/programme", document).await.expect(201);
    for n in 0..30_i64 {
        let mut body = basket(&format!("R{n}"), 90_000 + n * 37_500);
        body["member"]["phone"] = if n % 2 == 0 { ZAHRA } else { ALI }.into();
        shop.till().buy(&format!("k{n}"), &body).await.expect(201);
        shop.days_later(3);
        if n == 10 {
            shop.occasion(crate::shop::member(1), contracts::membership::Occasion::Birthday).await;
        }
    }
}

on_both! {
    async fn a_simulation_knows_who_members_are_and_says_what_it_takes_as_it_is_now(shop: Shop) {
        by_who_they_are(&shop).await;
        let outcome = simulated(&shop, 1, json!({})).await;
        let figures = &outcome["figures"]["programmes"][0];
        let sum = shop.number("SELECT CAST(SUM(balance) AS bigint) FROM accounts").await;
        assert_eq!(figures["issued"], sum, "to the point");
        let of = |code: &str, field: &str| {
            let rules = figures["rules"].as_array().expect("rules").iter();
            rules.filter(|rule| rule["code"] == code).map(|rule| rule[field].as_i64()).next().flatten()
        };
        assert_eq!((of("coffee", "granted"), of("coffee", "points"), of("regulars", "purchases")), (Some(5), Some(0), Some(15)));
        assert!(of("birthday", "purchases") > Some(0) && of("gold", "purchases") > Some(0), "{figures}");
        assert_eq!(outcome["figures"]["assumed"], json!(["segments_as_of_now"]));
        let path = format!("/v1/programme/simulations/{}", outcome["simulation_id"].as_str().expect("an id"));
        let page = shop.operator().send("GET", &path, &[("accept", "text/html")], None).await.text;
        assert!(page.contains("Chosen members are taken as they are now") && page.contains("Rewards and tickets by rule"), "{page}");
        shop.holds().await;
    }

    async fn the_live_version_on_history_equals_the_ledger_to_the_point(shop: Shop) {
        let mut document = programme(&[base(), bonus()]);
        document["expiry"]["months"] = 6.into();
        document["budgets"] = json!([{"code": "bonuses", "points": 12, "every": "month", "rules": ["bonus"]}]);
        shop.operator().put("/v1/programme", document).await.expect(201);
        a_year(&shop).await;
        let outcome = simulated(&shop, 1, json!({})).await;
        assert_eq!((&outcome["done"], &outcome["total"]), (&json!(48), &json!(48)));
        let figures = &outcome["figures"];
        let simulated = &figures["programmes"][0];
        let entries = async |templates: &str| {
            shop.number(&format!("SELECT CAST(COALESCE(SUM(points), 0) AS bigint) FROM entries WHERE template IN ({templates})")).await
        };
        let lots = async |which: &str| {
            let today = shop.number("SELECT CAST(MAX(recorded_at) / 86400000000 AS bigint) FROM journals").await + 5;
            shop.number(&format!("SELECT CAST(COALESCE(SUM(points), 0) AS bigint) FROM lots WHERE expires_on {which} {today}")).await
        };
        assert_eq!(simulated["issued"], entries("1").await);
        assert_eq!(simulated["taken_back"], entries("3, 4").await);
        assert_eq!(simulated["expired"], entries("2").await + lots("<").await);
        assert_eq!(simulated["recovered"], entries("5").await);
        assert_eq!(simulated["liability"], lots(">=").await);
        assert_eq!(simulated["debt"], shop.number("SELECT CAST(SUM(debt) AS bigint) FROM accounts").await);
        for branch in simulated["branches"].as_array().expect("branches") {
            let name = branch["branch"].as_str().expect("a code");
            let of_branch = format!("SELECT CAST(SUM(points) AS bigint) FROM entries WHERE template = 1 AND funder = '{name}'");
            assert_eq!(branch["points"], shop.number(&of_branch).await, "{name}");
            let paid = format!("SELECT CAST(SUM(amount) AS bigint) FROM journals WHERE kind = 1 AND branch = '{name}'");
            assert_eq!(branch["amount"], shop.number(&paid).await, "{name}");
        }
        let by_rule: i64 = simulated["rules"].as_array().expect("rules").iter().filter_map(|r| r["points"].as_i64()).sum();
        assert_eq!(by_rule, entries("1").await);
        let expiring: i64 = simulated["expiring"].as_array().expect("months").iter().filter_map(|m| m["points"].as_i64()).sum();
        assert_eq!(simulated["liability"], expiring);
        assert!(entries("2").await > 0 && entries("3").await > 0, "points lapsed and came back");
        shop.holds().await;
    }

    async fn money_and_tiers_are_those_of_the_books(shop: Shop) {
        shop.operator().put("/v1/programme", with_tiers()).await.expect(201);
        a_year(&shop).await;
        let bare = simulated(&shop, 1, json!({})).await;
        assert!(bare["figures"].get("rates").is_none() && bare["figures"]["programmes"][0].get("money").is_none(), "{bare}");
        let rates = json!({"cost": {"amount": 3, "points": 2}, "breakage_basis_points": 1_250,
            "funders": [{"funder": "vanak", "cost": {"amount": 7, "points": 3}}]});
        shop.operator().put("/v1/money/rates/2026-11-21", rates.clone()).await.expect(201);
        let outcome = simulated(&shop, 1, json!({})).await;
        let (figures, side) = (&outcome["figures"], &outcome["figures"]["programmes"][0]);
        assert_eq!(figures["rates"], rates);
        let books = shop.operator().get("/v1/money/liability").await.expect(200);
        for figure in ["value", "breakage", "expected"] {
            assert_eq!(side["money"]["owed"][figure], books["total"][figure], "{figure}");
        }
        let net = async |funder: &str| shop.number(&format!(
            "SELECT CAST(SUM(CASE WHEN template = 1 THEN points WHEN template IN (3, 4) THEN -points ELSE 0 END) AS bigint) FROM entries WHERE funder = '{funder}'"
        )).await;
        let (vanak, tajrish) = (net("vanak").await, net("tajrish").await);
        assert_eq!(side["money"]["cost"], (vanak * 14 + 3) / 6 + (tajrish * 6 + 2) / 4, "halves up, by funder");
        let of = |code: &str, figure: &str| {
            let level = side["tiers"].as_array().expect("levels").iter().find(|level| level["code"] == code);
            level.and_then(|level| level[figure].as_u64()).expect("a number")
        };
        let mut on = [0, 0];
        for n in [1, 2] {
            let tier = shop.till().get(&format!("/v1/members/{}/tier", member(n))).await.expect(200);
            on[0] += u64::from(tier["tier"]["code"] == "silver");
            on[1] += u64::from(tier["tier"]["code"] == "gold");
        }
        assert_eq!([of("silver", "members"), of("gold", "members")], on);
        assert!(on[0] + on[1] > 0 && of("silver", "reached") >= 2 && of("gold", "reached") >= 2, "{side}");
    }

    async fn a_draft_is_shown_beside_the_live_version(shop: Shop) {
        let shop = shop.selling(&[base(), bonus()]).await;
        a_year(&shop).await;
        let draft = programme(&[rule("base", json!({"per_amount": {"amount": 20_000, "points": 1}})), rule("hello", json!({"fixed": {"points": 40}}))]);
        shop.operator().post("/v1/programme/versions", draft).await.expect(201);
        opened(&shop, "friends").await;
        chosen(&shop, "friends", &[2], &[]).await;
        let rows = shop.rows().await;
        let outcome = simulated(&shop, 2, json!({})).await;
        assert_eq!((&outcome["version"], &outcome["against"]), (&json!(2), &json!(1)));
        let figures = &outcome["figures"];
        assert_eq!((&figures["members"], &figures["purchases"], &figures["returns"]), (&json!(2), &json!(36), &json!(12)));
        let hello = &figures["programmes"][0]["rules"][1];
        assert_eq!((&hello["code"], &hello["points"], &hello["purchases"]), (&json!("hello"), &json!(36 * 40), &json!(36)));
        let comparison = &figures["comparison"];
        let counted: u64 = ["winners", "losers", "unchanged"].iter().filter_map(|c| comparison[*c].as_u64()).sum();
        assert_eq!(counted, 2);
        let branches = comparison["branches"].as_array().expect("branches");
        let by_branch: u64 = branches.iter().flat_map(|b| ["winners", "losers", "unchanged"].map(|c| b[c].as_u64().unwrap_or(0))).sum();
        assert_eq!(by_branch, counted);
        let friends = &comparison["segments"][0];
        let one: u64 = ["winners", "losers", "unchanged"].iter().filter_map(|c| friends[*c].as_u64()).sum();
        assert_eq!((&friends["code"], one, comparison["segments"].as_array().map(Vec::len)), (&json!("friends"), 1, Some(1)));
        let points: i64 = branches.iter().filter_map(|b| b["points"].as_i64()).sum();
        let side = &figures["programmes"][0];
        assert_eq!(Some(points), side["issued"].as_i64().zip(side["taken_back"].as_i64()).map(|(issued, back)| issued - back));
        let example = comparison["most_won"].get(0).or(comparison["most_lost"].get(0)).expect("somebody");
        assert_eq!(example["difference"].as_i64(), example["points"].as_i64().zip(example["against"].as_i64()).map(|(a, b)| a - b));
        assert_eq!(shop.rows().await, rows, "nothing of it is in the books");

        let path = format!("/v1/programme/simulations/{}", outcome["simulation_id"].as_str().expect("an id"));
        let report = shop.operator().speaking("fa").send("GET", &path, &[("accept", "text/html")], None).await;
        assert!(report.text.contains("<svg") && report.text.contains("dir=\"rtl\""), "{}", report.text);
        assert!(!report.text.contains("http://") && !report.text.contains("https://"), "{}", report.text);
    }

    async fn a_period_takes_its_own_purchases_and_what_it_cannot_is_refused(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        a_year(&shop).await;
        let half = simulated(&shop, 1, json!({"since": "2027-01-01T00:00:00Z", "until": "2027-06-01T00:00:00Z"})).await;
        let figures = &half["figures"];
        assert!((10..20).contains(&figures["purchases"].as_u64().unwrap_or(0)), "{figures}");
        let ask = async |version: u32, asked: Value| {
            shop.operator().post(&format!("/v1/programme/versions/{version}/simulations"), asked).await
        };
        ask(9, json!({})).await.refused(404, "points.programme_version_unknown");
        let unknown = ask(1, json!({"against": 9})).await.refused(404, "points.programme_version_unknown");
        assert_eq!(unknown["pointer"], "/against");
        shop.operator().post("/v1/programme/versions", programme(&[bonus()])).await.expect(201);
        ask(1, json!({"against": 2})).await.refused(404, "points.programme_version_unknown");
        ask(1, json!({"since": "2027-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"})).await.refused(422, "points.period_empty");
        let missing = "/v1/programme/simulations/0192f3a1-7c00-8000-8000-000000000099";
        shop.operator().get(missing).await.refused(404, "points.simulation_unknown");
        shop.till().get(missing).await.refused(403, "web.access_denied");
    }
}
