//! Returns take back what purchases earned: exactly, once, and never more than there is (P8).

use contracts::points::PointsReturned;
use kernel::Points;
use serde_json::{Value, json};

use crate::shop::{START, Shop, ZAHRA, base, basket, member, on_both, rule};

/// What a till sends when (a part of) the receipt `R1` comes back.
fn back(receipt: &str, amount: Option<i64>) -> Value {
    json!({
        "purchase": {"till": "till-1", "receipt": "R1"},
        "receipt": receipt,
        "occurred_at": START,
        "currency": "IRR",
        "amount": amount,
    })
}

fn changed(pointer: &str, value: Value) -> Value {
    let mut body = back("B1", Some(100_000));
    let place = body.pointer_mut(pointer).expect("the place is there");
    *place = value;
    body
}

/// Two lots from one purchase of 1,000,000: a hundred points for a year and fifty for a month.
async fn sold(shop: Shop) -> Shop {
    let mut short = rule("short", json!({"fixed": {"points": 50}}));
    short["expiry"] = json!({"months": 1});
    let shop = shop.selling(&[base(), short]).await;
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

on_both! {
    async fn a_whole_return_takes_everything_back_and_is_told_once(shop: Shop) {
        let shop = sold(shop).await;
        shop.till().buy("k2", &basket("R2", 70_000)).await.expect(201);
        let answer = shop.till().give_back("b1", &back("B1", None)).await.expect(201);
        assert_eq!((&answer["amount"], &answer["points_taken"], &answer["points_owed"]), (&json!(1_000_000), &json!(150), &json!(0)));
        assert_eq!((&answer["balance"], &answer["account_version"]), (&json!(57), &json!(3)));
        let again = shop.till().give_back("b1", &back("B1", None)).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), answer);
        assert_eq!(shop.till().balance(member(1)).await["points"], 57);
        let told = shop.told::<PointsReturned>().await;
        assert_eq!(told.len(), 1);
        let (seq, fact) = &told[0];
        assert_eq!((*seq, fact.points, fact.debt, fact.amount), (3, Points::new(150), Points::ZERO, 1_000_000));
        assert_eq!(answer["purchase_id"], fact.purchase_id.to_string());
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!((&history["items"][0]["kind"], &history["items"][0]["points"]), (&json!("return"), &json!(-150)));
        shop.holds().await;
    }

    async fn parts_add_up_to_the_whole_and_no_further(shop: Shop) {
        let shop = sold(shop).await;
        let mut taken = 0;
        for (n, amount) in [333_333, 333_333, 1, 333_332].into_iter().enumerate() {
            let answer = shop.till().give_back(&format!("b{n}"), &back(&format!("B{n}"), Some(amount))).await.expect(201);
            taken += answer["points_taken"].as_i64().expect("points");
        }
        assert_eq!(shop.till().balance(member(1)).await["points"], 150 - taken);
        let refused = shop.till().give_back("b9", &back("B9", Some(2))).await.refused(422, "points.return_too_large");
        assert_eq!((&refused["left"], &refused["pointer"]), (&json!(1), &json!("/amount")));
        let last = shop.till().give_back("b9", &back("B9", None)).await.expect(201);
        assert_eq!((&last["amount"], &last["returned_so_far"]), (&json!(1), &json!(1_000_000)));
        assert_eq!(shop.till().balance(member(1)).await["points"], 0);
        shop.till().give_back("b10", &back("B10", None)).await.refused(422, "points.return_too_large");
        shop.holds().await;
    }

    async fn many_parts_at_once_add_up_too(shop: Shop) {
        let shop = sold(shop).await;
        let till = shop.till();
        let keys: Vec<(String, Value)> = (0..12).map(|n| (format!("b{n}"), back(&format!("B{n}"), Some(100_000)))).collect();
        let sent = keys.iter().map(|(key, body)| till.give_back(key, body));
        let answers = futures_util::future::join_all(sent).await;
        let done = answers.iter().filter(|answer| answer.status == 201).count();
        assert_eq!(done, 10, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
        assert_eq!(shop.till().balance(member(1)).await["points"], 0);
        shop.holds().await;
    }

    async fn a_dry_run_keeps_nothing(shop: Shop) {
        let shop = sold(shop).await;
        let mut body = back("B1", Some(500_000));
        body["dry_run"] = true.into();
        let rows = shop.rows().await;
        let answer = shop.till().give_back("b1", &body).await.expect(200);
        assert_eq!((&answer["points_taken"], &answer["dry_run"]), (&json!(75), &json!(true)));
        assert_eq!(shop.rows().await, rows);
    }

    async fn points_that_have_lapsed_are_not_taken_again(shop: Shop) {
        let shop = sold(shop).await;
        shop.days_later(40);
        let answer = shop.till().give_back("b1", &back("B1", Some(500_000))).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["points_lapsed"], &answer["balance"]), (&json!(50), &json!(25), &json!(50)));
        shop.holds().await;
    }

    async fn what_was_spent_is_owed_and_later_earnings_pay_it(shop: Shop) {
        let shop = sold(shop).await;
        let all = json!({"member": {"phone": ZAHRA}, "points": 150});
        shop.till().keyed("s1", "/v1/redemptions", &all).await.expect(201);
        let answer = shop.till().give_back("b1", &back("B1", None)).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["points_owed"], &answer["balance"]), (&json!(0), &json!(150), &json!(0)));
        assert_eq!(shop.till().balance(member(1)).await["debt"], 150);
        let bought = shop.till().buy("k2", &basket("R2", 500_000)).await.expect(201);
        assert_eq!((&bought["points"], &bought["debt_recovered"]), (&json!(100), &json!(100)));
        assert_eq!(bought["balance"]["points"], 0);
        let bought = shop.till().buy("k3", &basket("R3", 500_000)).await.expect(201);
        assert_eq!((&bought["debt_recovered"], &bought["balance"]["points"]), (&json!(50), &json!(50)));
        let balance = shop.till().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["debt"]), (&json!(50), &Value::Null));
        shop.holds().await;
    }

    async fn a_return_that_comes_first_waits_for_its_purchase(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let rows = shop.rows().await;
        let waiting = shop.till().give_back("b1", &back("B1", Some(300_000))).await.expect(202);
        assert_eq!(waiting["state"], "waiting");
        assert_eq!(shop.till().give_back("b1", &back("B1", Some(300_000))).await.expect(202), waiting);
        shop.till().give_back("b1", &back("B1", Some(300_001))).await.refused(422, "points.idempotency_key_reused");
        shop.till().give_back("b1", &back("B7", Some(300_000))).await.refused(422, "points.idempotency_key_reused");
        shop.till().give_back("b2", &back("B1", Some(300_001))).await.refused(409, "points.receipt_taken");
        // The second one asks for more than will be left.
        let second = shop.till().give_back("b3", &back("B3", Some(800_000))).await.expect(202);
        let path = |kept: &Value| format!("/v1/returns/{}", kept["return_id"].as_str().expect("an id"));
        assert_eq!(shop.till().get(&path(&waiting)).await.expect(202), waiting);
        assert_eq!(shop.rows().await, rows, "nothing is recorded yet");
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let done = async {
            while shop.till().get(&path(&waiting)).await.status == 202 || shop.till().get(&path(&second)).await.expect(202)["state"] == "waiting" {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        let _done = tokio::time::timeout(std::time::Duration::from_secs(20), done).await;
        let (first, second) = (shop.till().get(&path(&waiting)).await, shop.till().get(&path(&second)).await);
        // Whichever met the purchase first left too little for the other.
        let ends = [first.body["refused"].clone(), second.body["refused"].clone()];
        let refused = ends.iter().filter(|end| **end == "points.return_too_large").count();
        assert_eq!(refused, 1, "{} {}", first.text, second.text);
        let taken = if first.status == 200 { 30 } else { 80 };
        assert_eq!(shop.till().balance(member(1)).await["points"], 100 - taken);
        shop.till().get("/v1/returns/0192f3a1-7c00-8000-8000-000000000099").await.refused(404, "points.return_unknown");
        shop.holds().await;
    }

    async fn a_waiting_return_that_cannot_be_read_stops_no_other(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().give_back("b1", &back("B1", Some(300_000))).await.expect(202);
        shop.execute("UPDATE waiting_returns SET asked = '{}'").await;
        let kept = shop.till().give_back("b2", &back("B2", Some(100_000))).await.expect(202);
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let path = format!("/v1/returns/{}", kept["return_id"].as_str().expect("an id"));
        let done = async {
            while shop.till().get(&path).await.status == 202 {
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(20), done).await.expect("the other one is recorded");
        assert_eq!(shop.till().balance(member(1)).await["points"], 90);
        shop.holds().await;
    }

    async fn points_are_taken_while_they_are_pending(shop: Shop) {
        let mut later = base();
        later["pending"] = json!({"days": 14});
        let shop = shop.selling(&[later]).await;
        let bought = shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        assert_eq!((&bought["points"], &bought["points_pending"], &bought["balance"]["points"]), (&json!(100), &json!(100), &json!(0)));
        let answer = shop.till().give_back("b1", &back("B1", Some(300_000))).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["points_owed"], &answer["balance"]), (&json!(30), &json!(0), &json!(0)));
        let balance = shop.till().balance(member(1)).await;
        assert_eq!(balance["pending"], json!({"points": 70, "activating": [{"on": "2026-12-05", "points": 70}]}));
        shop.holds().await;
        shop.days_later(14);
        assert_eq!(shop.till().balance(member(1)).await["points"], 70);
        let answer = shop.till().give_back("b2", &back("B2", Some(300_000))).await.expect(201);
        assert_eq!((&answer["points_taken"], &answer["balance"]), (&json!(30), &json!(40)));
        shop.holds().await;
    }

    async fn what_does_not_fit_is_refused_and_nothing_is_kept(shop: Shop) {
        let shop = sold(shop).await;
        let rows = shop.rows().await;
        for (body, status, code) in [
            (changed("/purchase/receipt", json!("R404")), 404, "points.purchase_unknown"),
            (changed("/purchase/till", json!("till-9")), 404, "points.purchase_unknown"),
            (changed("/purchase/receipt", json!("")), 422, "points.text_invalid"),
            (changed("/receipt", json!("x".repeat(65))), 422, "points.text_invalid"),
            (changed("/amount", json!(-1)), 422, "points.amount_negative"),
            (changed("/amount", json!(0)), 422, "points.return_too_large"),
            (changed("/amount", json!(1_000_001)), 422, "points.return_too_large"),
            (changed("/currency", json!("EUR")), 422, "points.currency_other"),
            (changed("/currency", json!("xx")), 422, "points.currency_unknown"),
            (changed("/occurred_at", json!("2126-01-01T00:00:00Z")), 422, "points.clock_ahead"),
            (changed("/amount", json!("much")), 400, "web.field_type"),
        ] {
            let mut body = body;
            body["wait"] = json!(false);
            let answer = shop.till().give_back("b1", &body).await;
            assert_eq!((answer.status, answer.code()), (status, code), "{body}");
        }
        assert_eq!(shop.rows().await, rows);
    }

    async fn names_of_purchases_and_returns_are_taken_once(shop: Shop) {
        let shop = sold(shop).await;
        shop.till().give_back("k1", &back("B1", None)).await.refused(422, "points.idempotency_key_reused");
        shop.till().give_back("b1", &back("B1", Some(100_000))).await.expect(201);
        shop.till().give_back("b1", &back("B1", Some(200_000))).await.refused(422, "points.idempotency_key_reused");
        shop.till().give_back("b2", &back("B1", Some(200_000))).await.refused(409, "points.receipt_taken");
        shop.till().buy("b1", &basket("R7", 50_000)).await.refused(422, "points.idempotency_key_reused");
        let mut same = basket("B1", 50_000);
        same["operation"] = json!("return");
        shop.till().buy("k7", &same).await.refused(409, "points.receipt_taken");
        // Another branch takes the goods back when it names where they were bought.
        let elsewhere = shop.till_of("isf-1", "till-1");
        let mut now = back("B2", Some(100_000));
        now["wait"] = json!(false);
        elsewhere.give_back("b1", &now).await.refused(404, "points.purchase_unknown");
        let mut named = back("B2", Some(100_000));
        named["purchase"]["branch"] = json!("vanak");
        elsewhere.give_back("b1", &named).await.expect(201);
        shop.holds().await;
    }
}
