//! Returns by lines: each takes back what it earned, once, and goes with returns of amounts (P8).

use contracts::points::{PointsReturned, ReturnedLine};
use kernel::Points;
use serde_json::{Value, json};

use crate::{
    shop::{START, Shop, base, basket, member, on_both, programme, rule},
    simulations::simulated,
};

fn line(sku: &str, quantity_milli: i64, amount: i64) -> Value {
    json!({"sku": sku, "quantity_milli": quantity_milli, "amount": amount})
}

/// 20 points for each packet of tea.
fn tea() -> Value {
    let mut tea = rule("tea", json!({"per_item": {"points": 20, "over": "items"}}));
    tea["when"] = json!({"items": {"skus": ["tea"]}});
    tea
}

async fn sold(shop: Shop) -> Shop {
    let shop = shop.selling(&[base(), tea()]).await;
    let bought = shop.till().buy("k1", &receipt()).await.expect(201);
    assert_eq!(bought["points"], 160);
    shop
}

/// A receipt of 100 points for its amount, 60 for the tea alone: milk twice, three packets of tea, a free bag.
fn receipt() -> Value {
    let mut body = basket("R1", 1_000_000);
    body["lines"] = json!([
        line("milk", 2_000, 300_000),
        line("tea", 3_000, 600_000),
        line("milk", 1_000, 100_000),
        line("bag", 1_000, 0)
    ]);
    body
}

/// What a till sends when lines of `R1` come back.
#[expect(clippy::needless_pass_by_value, reason = "tests write what is given on the spot")]
fn back(receipt: &str, lines: Value) -> Value {
    json!({
        "purchase": {"till": "till-1", "receipt": "R1"},
        "receipt": receipt,
        "occurred_at": START,
        "currency": "IRR",
        "lines": lines,
    })
}

fn by_amount(receipt: &str, amount: Option<i64>) -> Value {
    let mut body = back(receipt, Value::Null);
    body["amount"] = json!(amount);
    body
}

on_both! {
    async fn a_line_takes_back_what_it_earned(shop: Shop) {
        let shop = sold(shop).await;
        // Two of three packets: 40 of the 60 points that their money earned, and 40 of the 60 for tea.
        let asked = back("B1", json!([{"sku": "tea", "quantity_milli": 2_000}]));
        let answer = shop.till().give_back("b1", &asked).await.expect(201);
        assert_eq!((&answer["amount"], &answer["points_taken"], &answer["balance"]), (&json!(400_000), &json!(80), &json!(80)));
        let lines = json!([{"line": 2, "sku": "tea", "quantity_milli": 2_000, "amount": 400_000}]);
        assert_eq!((&answer["lines"], &answer["returned_so_far"]), (&lines, &json!(400_000)));
        let again = shop.till().give_back("b1", &asked).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), answer);
        let read = format!("/v1/returns/{}", answer["return_id"].as_str().expect("an id"));
        assert_eq!(shop.till().get(&read).await.expect(200)["lines"], lines);
        // Milk earned by its money alone.
        let milk = back("B2", json!([{"line": 1}, {"line": 3, "sku": "milk", "quantity_milli": 1_000, "amount": 100_000}]));
        let answer = shop.till().give_back("b2", &milk).await.expect(201);
        assert_eq!((&answer["amount"], &answer["points_taken"]), (&json!(400_000), &json!(40)));
        let told = shop.told::<PointsReturned>().await;
        let first = ReturnedLine { line: 1, sku: "milk".to_owned(), quantity_milli: 2_000, amount: 300_000 };
        assert_eq!((told[1].1.points, &told[1].1.lines[0], told[1].1.lines.len()), (Points::new(40), &first, 2));
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!((&history["items"][0]["about"], &history["items"][0]["operation"]), (&answer["purchase_id"], &json!("return")));
        // What is left goes with the rest.
        let answer = shop.till().give_back("b3", &by_amount("B3", None)).await.expect(201);
        assert_eq!((&answer["amount"], &answer["points_taken"], &answer["balance"]), (&json!(200_000), &json!(40), &json!(0)));
        shop.holds().await;
    }

    async fn no_line_comes_back_twice_though_others_are_left(shop: Shop) {
        let shop = sold(shop).await;
        let tea = |receipt: &str, quantity: i64, amount: i64| back(receipt, json!([{"sku": "tea", "quantity_milli": quantity, "amount": amount}]));
        shop.till().give_back("b1", &tea("B1", 2_000, 400_000)).await.expect(201);
        let rows = shop.rows().await;
        for (body, left) in [
            (tea("B2", 2_000, 200_000), json!({"amount": 200_000, "quantity_milli": 1_000})),
            (tea("B2", 1_000, 200_001), json!({"amount": 200_000, "quantity_milli": 1_000})),
            (back("B2", json!([{"line": 2}, {"line": 2, "amount": 1}])), json!({"amount": 0, "quantity_milli": 0})),
            (back("B2", json!([{"line": 1, "amount": 0}])), json!({"amount": 300_000, "quantity_milli": 2_000})),
        ] {
            let refused = shop.till().give_back("b2", &body).await.refused(422, "points.return_line_too_large");
            assert_eq!(refused["left"], left, "{body}");
            assert!(refused["pointer"].as_str().is_some_and(|at| at.starts_with("/lines/")), "{refused}");
        }
        assert_eq!(shop.rows().await, rows);
        shop.till().give_back("b2", &tea("B2", 1_000, 200_000)).await.expect(201);
        shop.till().give_back("b3", &back("B3", json!([{"sku": "tea"}]))).await.refused(422, "points.return_line_too_large");
        shop.holds().await;
    }

    async fn amounts_and_lines_share_what_is_left(shop: Shop) {
        let shop = sold(shop).await;
        // Half of everything, whatever lines it was for.
        let answer = shop.till().give_back("b1", &by_amount("B1", Some(500_000))).await.expect(201);
        assert_eq!(answer["points_taken"], 80);
        let refused = shop.till().give_back("b2", &back("B2", json!([{"sku": "tea"}]))).await.refused(422, "points.return_too_large");
        assert_eq!((&refused["left"], &refused["pointer"]), (&json!(500_000), &json!("/lines")));
        // A third of the tea: of the 80 points that are left to the purchase, what the others had earned stays in proportion.
        let answer = shop.till().give_back("b2", &back("B2", json!([{"sku": "tea", "amount": 200_000}]))).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["returned_so_far"], &answer["balance"]), (&json!(35), &json!(700_000), &json!(45)));
        // A bag that was free gives back nothing, and is gone.
        let bag = shop.till().give_back("b3", &back("B3", json!([{"sku": "bag"}]))).await.expect(201);
        assert_eq!((&bag["amount"], &bag["points_taken"]), (&json!(0), &json!(0)));
        shop.till().give_back("b4", &back("B4", json!([{"sku": "bag"}]))).await.refused(422, "points.return_line_too_large");
        let rest = shop.till().give_back("b5", &by_amount("B5", None)).await.expect(201);
        assert_eq!((&rest["amount"], &rest["points_taken"], &rest["balance"]), (&json!(300_000), &json!(45), &json!(0)));
        shop.holds().await;
    }

    async fn lines_that_nobody_can_tell_are_refused(shop: Shop) {
        let shop = sold(shop).await;
        shop.till().buy("k2", &basket("R2", 50_000)).await.expect(201);
        let rows = shop.rows().await;
        let mut without_lines = back("B1", json!([{"line": 1}]));
        without_lines["purchase"]["receipt"] = json!("R2");
        let mut both = back("B1", json!([{"line": 1}]));
        both["amount"] = json!(300_000);
        let long = "x".repeat(65);
        for (body, status, code, pointer) in [
            (without_lines, 422, "points.return_line_unknown", "/lines/0"),
            (both, 422, "points.return_told_twice", "/lines"),
            (back("B1", json!([{"line": 1}, {"line": 5}])), 422, "points.return_line_unknown", "/lines/1"),
            (back("B1", json!([{"line": 0}])), 422, "points.return_line_unknown", "/lines/0"),
            (back("B1", json!([{"line": 1, "sku": "tea"}])), 422, "points.return_line_unknown", "/lines/0"),
            (back("B1", json!([{"sku": "milk"}])), 422, "points.return_line_ambiguous", "/lines/0"),
            (back("B1", json!([{"quantity_milli": 1_000}])), 422, "points.return_line_ambiguous", "/lines/0"),
            (back("B1", json!([])), 422, "points.return_too_large", "/lines"),
            (back("B1", json!(vec![json!({"line": 1, "amount": 1}); 501])), 422, "points.lines_too_many", "/lines"),
            (back("B1", json!([{"line": 1, "amount": -1}])), 422, "points.amount_negative", "/lines/0/amount"),
            (back("B1", json!([{"line": 1, "quantity_milli": 0}])), 422, "points.quantity_out_of_range", "/lines/0/quantity_milli"),
            (back("B1", json!([{"sku": long}])), 422, "points.text_invalid", "/lines/0/sku"),
            (back("B1", json!([{"line": 1, "colour": "red"}])), 400, "web.field_unknown", "/lines/0/colour"),
        ] {
            let refused = shop.till().give_back("b1", &body).await.refused(status, code);
            assert_eq!(refused["pointer"], pointer, "{body}");
        }
        assert_eq!(shop.rows().await, rows);
        let mut titles = std::collections::BTreeSet::new();
        for language in ["fa", "ar", "en"] {
            let refused = shop.till().speaking(language).give_back("b1", &back("B1", json!([{"line": 9}]))).await;
            titles.insert(refused.refused(422, "points.return_line_unknown")["title"].to_string());
        }
        assert_eq!(titles.len(), 3);
    }

    async fn lines_wait_for_their_purchase_too(shop: Shop) {
        let asked = back("B1", json!([{"sku": "tea", "quantity_milli": 3_000}]));
        let wrong = back("B2", json!([{"line": 4}, {"sku": "coffee"}]));
        let waiting = shop.till().give_back("b1", &asked).await.expect(202);
        let other = shop.till().give_back("b2", &wrong).await.expect(202);
        let mut changed = asked.clone();
        changed["lines"][0]["quantity_milli"] = json!(1_000);
        shop.till().give_back("b1", &changed).await.refused(422, "points.idempotency_key_reused");
        shop.till().give_back("b3", &changed).await.refused(409, "points.receipt_taken");
        let shop = sold(shop).await;
        let path = |kept: &Value| format!("/v1/returns/{}", kept["return_id"].as_str().expect("an id"));
        let done = async {
            while shop.till().get(&path(&waiting)).await.status == 202 || shop.till().get(&path(&other)).await.body["state"] == "waiting" {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), done).await.expect("it is recorded");
        let read = shop.till().get(&path(&waiting)).await.expect(200);
        assert_eq!((&read["points_taken"], &read["lines"][0]["line"]), (&json!(120), &json!(2)));
        assert_eq!(shop.till().get(&path(&other)).await.expect(202)["refused"], "points.return_line_unknown");
        assert_eq!(shop.till().balance(member(1)).await["points"], 40);
        shop.holds().await;
    }

    async fn many_returns_of_one_line_at_once_add_up(shop: Shop) {
        let shop = sold(shop).await;
        let till = shop.till();
        let one = |n: usize| (format!("b{n}"), back(&format!("B{n}"), json!([{"sku": "tea", "quantity_milli": 500, "amount": 100_000}])));
        let asked: Vec<(String, Value)> = (0..9).map(one).collect();
        let sent = asked.iter().map(|(key, body)| till.give_back(key, body));
        let answers = futures_util::future::join_all(sent).await;
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(done, 6, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        assert_eq!(shop.till().balance(member(1)).await["points"], 40);
        shop.holds().await;
    }

    async fn a_line_takes_back_what_it_counted_for_a_tier(shop: Shop) {
        let mut document = programme(&[base(), tea()]);
        document["rules"][1]["pending"] = json!({"days": 7});
        let name = json!({"fa": "نقره‌ای", "ar": "فضي", "en": "Silver"});
        let silver = json!({"code": "silver", "name": name, "from": 1, "multiplier_percent": 150});
        document["tiers"] = json!({"measure": "points", "period": "year", "grace_months": 1, "levels": [silver]});
        shop.operator().put("/v1/programme", document).await.expect(201);
        let credit = async || shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200)["credit"].clone();
        shop.till().buy("k0", &basket("R0", 10_000)).await.expect(201);
        let bought = shop.till().buy("k1", &receipt()).await.expect(201);
        assert_eq!((&bought["points"], &bought["points_pending"], credit().await), (&json!(240), &json!(90), json!(161)));
        shop.holds().await;
        // Tea earned 90 of the 150 points for money and all 90 that are pending; 120 of the 160 count for the tier.
        let answer = shop.till().give_back("b1", &back("B1", json!([{"sku": "tea"}]))).await.expect(201);
        assert_eq!((&answer["points_taken"], credit().await), (&json!(180), json!(41)));
        shop.holds().await;
        let answer = shop.till().give_back("b2", &by_amount("B2", None)).await.expect(201);
        assert_eq!((&answer["points_taken"], credit().await), (&json!(60), json!(1)));
        shop.holds().await;
        shop.execute("UPDATE journals SET lines = REPLACE(lines, '600000', '500000') WHERE receipt = 'B1'").await;
        shop.execute("UPDATE journals SET lines = REPLACE(lines, '600000', '700000') WHERE receipt = 'R1'").await;
        shop.execute("UPDATE journals SET amount = amount - 1 WHERE receipt = 'B2'").await;
        let rows = shop.audited().await;
        assert!(rows.iter().any(|row| row.promise.contains("standing") && !row.holds()), "{rows:?}");
    }

    async fn a_simulation_takes_lines_back_as_the_ledger_did(shop: Shop) {
        let shop = sold(shop).await;
        shop.till().give_back("b1", &back("B1", json!([{"sku": "tea"}]))).await.expect(201);
        shop.till().give_back("b2", &by_amount("B2", Some(100_000))).await.expect(201);
        assert_eq!(shop.till().balance(member(1)).await["points"], 30);
        shop.days_later(1);
        let outcome = simulated(&shop, 1, json!({})).await;
        let figures = &outcome["figures"]["programmes"][0];
        assert_eq!((&figures["issued"], &figures["taken_back"], &figures["liability"]), (&json!(160), &json!(130), &json!(30)));
        assert_eq!((&outcome["figures"]["returns"], &figures["refused"]), (&json!(2), &json!(0)));
    }
}
