//! Simulations of all that earns and takes back: purchases, returns, actions, early activations, tiers that people granted.

use serde_json::{Value, json};

use crate::shop::{ALI, START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};
use crate::simulations::simulated;

fn about(action: &str, code: &str, give: Value) -> Value {
    let mut rule = rule(code, give);
    rule["on"] = json!({ "action": action });
    rule["funder"] = "vanak".into();
    rule
}

/// Purchases earn at once and later, actions earn within limits that members share, and both count for a tier.
fn everything() -> Value {
    let mut later = rule("later", json!({"per_amount": {"amount": 25_000, "points": 1}}));
    later["pending"] = json!({"days": 40});
    let mut survey = about("survey", "survey", json!({"fixed": {"points": 50}}));
    survey["qualifying"] = true.into();
    survey["limits"] = json!([{"every": "year", "points": 520}]);
    let mut gold = about("survey", "gold-survey", json!({"fixed": {"points": 9}}));
    gold["on"]["tiers"] = json!(["gold"]);
    let mut paid = about("payment", "payment", json!({"per_payment": {"amount": 7_000, "points": 1}}));
    paid["funder"] = Value::Null;
    paid["pending"] = json!({"days": 12});
    paid["qualifying"] = true.into();
    let name = |text: &str| json!({"fa": text, "ar": text, "en": text});
    let mut document = programme(&[base(), later]);
    document["expiry"]["months"] = 5.into();
    document["debt"] = json!({"recovered_percent": 60});
    document["actions"] = json!([survey, gold, paid]);
    document["tiers"] = json!({"measure": "points", "period": "half_year", "levels": [
        {"code": "silver", "name": name("Silver"), "from": 120, "multiplier_percent": 125},
        {"code": "gold", "name": name("Gold"), "from": 400, "multiplier_percent": 150},
        {"code": "black", "name": name("Black"), "from": 100_000, "multiplier_percent": 300},
    ]});
    document
}

fn phone(n: i64) -> &'static str {
    if n % 2 == 0 { ZAHRA } else { ALI }
}

/// An action, and where it is undone.
async fn acts(shop: &Shop, n: i64) -> String {
    let value = if n % 2 == 0 {
        Value::Null
    } else {
        json!({"payment": {"amount": 90_000 + n * 11_111, "currency": "IRR"}})
    };
    let action = if n % 2 == 0 { "survey" } else { "payment" };
    let mut body = json!({"member": {"phone": phone(n / 2)}, "action": action, "reference": format!("a{n}"),
        "occurred_at": START, "branch": "tajrish"});
    if !value.is_null() {
        body["value"] = value;
    }
    let answer = shop.operator().keyed(&format!("act-{n}"), "/v1/actions", &body).await.expect(201);
    format!("/v1/actions/{}/reversal", answer["action_id"].as_str().expect("an id"))
}

async fn undoes(shop: &Shop, key: &str, path: &str, amount: Option<i64>) {
    let body = json!({"amount": amount, "actor": "sara", "reason": "It was a mistake"});
    shop.operator().keyed(key, path, &body).await.expect(201);
}

/// Most of a year in two branches: every fifth purchase accepted early, every third brought back in part.
async fn a_year(shop: &Shop) {
    let mut undo = String::new();
    for n in 0..48_i64 {
        let branch = if n % 3 == 0 { "tajrish" } else { "vanak" };
        let mut body = basket(&format!("R{n}"), 90_000 + n * 37_500);
        body["member"]["phone"] = phone(n).into();
        body["branch"] = branch.into();
        let till = shop.till_of(branch, "till-1");
        let bought = till.buy(&format!("k{n}"), &body).await.expect(201);
        shop.days_later(1);
        if n % 3 != 2 {
            let path = acts(shop, n).await;
            if n % 4 == 1 {
                undoes(shop, &format!("u{n}"), &path, Some(45_678)).await;
            }
            undo = path;
        }
        shop.days_later(2);
        if n % 5 == 1 {
            let path = format!("/v1/purchases/{}/activation", bought["purchase_id"].as_str().expect("an id"));
            till.keyed(&format!("e{n}"), &path, &json!({})).await.expect(201);
        }
        if n == 21 || n == 33 {
            undoes(shop, &format!("all-{n}"), &undo, None).await;
        }
        if n % 3 == 1 {
            shop.days_later(1);
            let back = json!({
                "purchase": {"till": "till-1", "receipt": format!("R{n}")}, "receipt": format!("B{n}"), "occurred_at": START,
                "currency": "IRR", "amount": 51_111 * (1 + n % 4) % (90_000 + n * 37_500),
            });
            till.give_back(&format!("b{n}"), &back).await.expect(201);
        }
        if n == 14 {
            let grant =
                json!({"tier": "black", "until": "2027-05-20", "actor": "sara", "reason": "Goodwill"});
            shop.operator().post(&format!("/v1/members/{}/tier-grants", member(2)), grant).await.expect(201);
        }
        shop.days_later(2);
    }
}

/// The sum of entries of these templates, in journals of these kinds.
async fn entries(shop: &Shop, templates: &str, kinds: &str) -> i64 {
    let sql = format!(
        "SELECT CAST(COALESCE(SUM(e.points), 0) AS bigint) FROM entries e JOIN journals j ON j.member_id = e.member_id \
         AND j.version = e.version WHERE e.template IN ({templates}) AND j.kind IN ({kinds})"
    );
    shop.number(&sql).await
}

on_both! {
    async fn the_live_version_on_all_that_earns_equals_the_ledger_to_the_point(shop: Shop) {
        shop.operator().put("/v1/programme", everything()).await.expect(201);
        a_year(&shop).await;
        let outcome = simulated(&shop, 1, json!({})).await;
        assert_eq!(outcome["done"], outcome["total"]);
        let (figures, side) = (&outcome["figures"], &outcome["figures"]["programmes"][0]);
        let count = async |kind: u8| shop.number(&format!("SELECT COUNT(*) FROM journals WHERE kind = {kind}")).await;
        for (figure, kind) in [("purchases", 1), ("returns", 3), ("actions", 4), ("actions_undone", 18)] {
            assert_eq!(figures[figure], count(kind).await, "{figure}");
            assert!(count(kind).await > 5 || figure == "actions_undone", "{figure}");
        }
        assert_eq!((&side["refused"], figures.get("assumed")), (&json!(0), None), "{figures}");
        assert_eq!(side["issued"], entries(&shop, "1, 6, 7", "1, 4").await);
        assert_eq!(side["for_actions"], entries(&shop, "6, 7", "4").await);
        assert_eq!(side["taken_back"], entries(&shop, "3, 4, 9", "3, 18").await);
        assert_eq!(side["taken_back_of_actions"], entries(&shop, "3, 4, 9", "18").await);
        for figure in ["for_actions", "taken_back_of_actions", "expired", "pending"] {
            assert!(side[figure].as_i64() > Some(0), "{figure}: {side}");
        }
        let by_rule: i64 = side["actions"].as_array().expect("rules").iter().filter_map(|r| r["points"].as_i64()).sum();
        assert_eq!(side["for_actions"], by_rule);
        assert!(side["actions"].as_array().expect("rules").iter().all(|rule| rule["actions"].as_u64() > Some(0)), "{side}");
        for branch in side["branches"].as_array().expect("branches") {
            let name = branch["branch"].as_str().expect("a code");
            let sql = format!(
                "SELECT CAST(COALESCE(SUM(e.points), 0) AS bigint) FROM entries e JOIN journals j ON j.member_id = e.member_id \
                 AND j.version = e.version WHERE e.template IN (6, 7) AND j.kind = 4 AND e.funder = '{name}'"
            );
            assert_eq!(branch["for_actions"], shop.number(&sql).await, "{name}");
        }
        // Read, the accounts are settled up to now, which is the simulation's end.
        let [mut liability, mut pending, mut debt] = [0; 3];
        for n in [1, 2] {
            let balance = shop.till().balance(member(n)).await;
            let of = |place: &str| balance.pointer(place).and_then(Value::as_i64).unwrap_or_default();
            liability += of("/points");
            pending += of("/pending/points");
            debt += of("/debt");
        }
        assert_eq!((&side["liability"], &side["pending"], &side["debt"]), (&json!(liability), &json!(pending), &json!(debt)));
        let moves = shop.number("SELECT CAST(SUM(balance - debt) AS bigint) FROM accounts").await;
        assert!(moves > 0);
        for (level, least) in [("silver", 1), ("gold", 1), ("black", 1)] {
            let of_level = side["tiers"].as_array().expect("levels").iter().find(|l| l["code"] == level).expect("it");
            assert!(of_level["reached"].as_u64() >= Some(least), "{level}: {side}");
        }
        let path = format!("/v1/programme/simulations/{}", outcome["simulation_id"].as_str().expect("an id"));
        let page = shop.operator().send("GET", &path, &[("accept", "text/html")], None).await.text;
        assert!(page.contains("Points by rule for actions") && page.contains("Of those, for actions that were undone"), "{page}");
        shop.holds().await;
    }

    async fn what_is_spent_changes_nothing_of_what_is_earned_and_taken_back(shop: Shop) {
        let mut document = everything();
        document["spending"] = json!({"point_value": 1_000});
        shop.operator().put("/v1/programme", document).await.expect(201);
        for n in 0..12_i64 {
            let mut body = basket(&format!("R{n}"), 200_000 + n * 10_000);
            if n > 2 {
                body["spend"] = json!({"points": 11});
            }
            shop.till().buy(&format!("k{n}"), &body).await.expect(201);
            acts(&shop, n).await;
            shop.days_later(4);
            if n % 2 == 1 {
                let back = json!({"purchase": {"till": "till-1", "receipt": format!("R{n}")}, "receipt": format!("B{n}"),
                    "occurred_at": START, "currency": "IRR", "amount": 77_777});
                shop.till().give_back(&format!("b{n}"), &back).await.expect(201);
            }
            shop.days_later(4);
        }
        let outcome = simulated(&shop, 1, json!({})).await;
        let side = &outcome["figures"]["programmes"][0];
        assert_eq!(outcome["figures"]["assumed"], json!(["nothing_spent"]));
        assert_eq!(side["issued"], entries(&shop, "1, 6, 7", "1, 4").await);
        assert_eq!(side["taken_back"], entries(&shop, "3, 4, 9", "3, 18").await);
        let later = simulated(&shop, 1, json!({"since": "2026-12-20T00:00:00Z"})).await;
        assert_eq!(later["figures"]["assumed"], json!(["nothing_spent", "nothing_before"]));
    }

    async fn a_draft_is_told_which_actions_nobody_recorded(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k", &basket("R", 500_000)).await.expect(201);
        shop.days_later(1);
        shop.operator().put("/v1/programme", everything()).await.expect(201);
        shop.days_later(1);
        for n in 0..6 {
            acts(&shop, n).await;
        }
        shop.days_later(1);
        let outcome = simulated(&shop, 2, json!({"against": 1})).await;
        let [draft, before] = [0, 1].map(|side| &outcome["figures"]["programmes"][side]);
        assert_eq!(outcome["figures"]["assumed"], json!(["actions_as_recorded"]));
        assert_eq!((&outcome["figures"]["actions"], &outcome["figures"]["members"]), (&json!(6), &json!(2)));
        assert!(draft["for_actions"].as_i64() > Some(0) && before.get("for_actions").is_none(), "{outcome}");
        assert_eq!((&before["refused"], &draft["refused"]), (&json!(0), &json!(0)));
        let since_then = shop.number("SELECT live_from FROM programmes WHERE version = 2").await;
        let since = kernel::Timestamp::from_micros(since_then).to_string();
        let known = simulated(&shop, 2, json!({"since": since})).await;
        assert_eq!(known["figures"]["assumed"], json!(["nothing_before"]), "from then on all of them were");
    }
}
