//! A purchase, its answer, its repetitions.

use contracts::points::PointsEarned;
use kernel::Points;
use serde_json::json;

use crate::shop::{START, Shop, ZAHRA, base, basket, member, on_both, rule};

on_both! {
    async fn a_purchase_becomes_points(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let answer = shop.till().buy("k1", &basket("R1", 1_250_000)).await.expect(201);
        insta::assert_json_snapshot!("a_purchase", answer);
        assert_eq!(shop.rows().await, [1, 1, 1, 1, 2]);
        let told = shop.told::<PointsEarned>().await;
        assert_eq!((told.len(), told[0].0, told[0].1.points), (1, 1, Points::new(125)));
        assert_eq!(told[0].1.journal_id.to_string(), answer["purchase_id"]);
        shop.holds().await;
    }

    async fn the_same_request_gets_the_first_answer_again(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let first = shop.till().buy("k1", &basket("R1", 1_250_000)).await;
        assert!(first.status == 201 && !first.replayed);
        let rows = shop.rows().await;
        shop.till().buy("k2", &basket("R2", 40_000)).await.expect(201);
        shop.days_later(400);
        let gift = rule("gift", json!({"fixed": {"points": 7}}));
        shop.operator().put("/v1/programme", crate::shop::programme(&[gift])).await.expect(201);
        let again = shop.till().buy("k1", &basket("R1", 1_250_000)).await;
        assert_eq!((again.status, again.replayed), (200, true));
        assert_eq!(again.text, first.text, "word for word, whatever happened since");
        assert_eq!(shop.rows().await[0], rows[0] + 1);
        shop.holds().await;
    }

    async fn how_the_json_was_written_does_not_matter(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let other = format!(
            "{{ \"amount\" : 50000, \"currency\":\"IRR\", \"operation\":\"sale\", \"lines\":[],\n \"branch\":\"vanak\",
               \"occurred_at\":\"2026-11-21T11:30:00+03:30\", \"receipt\":\"R1\", \"member\":{{\"phone\":\"{ZAHRA}\"}} }}"
        );
        let again = shop.till().send("POST", "/v1/purchases", &[("idempotency-key", "k1")], Some(other)).await;
        assert_eq!((again.status, again.replayed), (200, true), "{}", again.text);
    }

    async fn the_same_key_with_another_body_is_refused(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let rows = shop.rows().await;
        shop.till().buy("k1", &basket("R1", 60_000)).await.refused(422, "points.idempotency_key_reused");
        shop.till().buy("k1", &basket("R2", 50_000)).await.refused(422, "points.idempotency_key_reused");
        shop.till().rehearse("k1", &basket("R2", 50_000)).await.refused(422, "points.idempotency_key_reused");
        assert_eq!(shop.rows().await, rows);
    }

    async fn the_same_receipt_under_another_key_gets_the_first_answer(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let first = shop.till().buy("k1", &basket("R1", 50_000)).await;
        let again = shop.till().buy("k2", &basket("R1", 50_000)).await;
        assert_eq!((again.status, again.replayed, &again.text), (200, true, &first.text));
        assert_eq!(shop.rows().await[0], 1);
    }

    async fn the_same_receipt_with_other_contents_is_refused(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let problem = shop.till().buy("k2", &basket("R1", 50_001)).await.refused(409, "points.receipt_taken");
        assert_eq!(problem["pointer"], "/receipt");
        // Another operation on the same receipt is another purchase.
        let mut second = basket("R1", 50_001);
        second["operation"] = "extra-1".into();
        shop.till().buy("k3", &second).await.expect(201);
        assert_eq!(shop.rows().await[0], 2);
    }

    async fn keys_and_receipts_belong_to_their_till(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let tills = [("vanak", "till-1"), ("vanak", "till-2"), ("isf-1", "till-1")];
        let mut ids = Vec::new();
        for (branch, till) in tills {
            let answer = shop.till_of(branch, till).buy("k1", &basket("R1", 50_000)).await;
            assert!(!answer.replayed, "a till never gets what another one was told");
            ids.push(answer.expect(201)["purchase_id"].clone());
        }
        ids.dedup();
        assert_eq!(ids.len(), 3);
        shop.holds().await;
    }

    async fn a_dry_run_answers_what_would_happen_and_keeps_nothing(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.till().buy("k0", &basket("R0", 30_000)).await.expect(201);
        let rows = shop.rows().await;
        let rehearsed = shop.till().rehearse("k1", &basket("R1", 50_000)).await.expect(200);
        assert_eq!(shop.rows().await, rows);
        let real = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let mut expected = real.clone();
        expected["dry_run"] = true.into();
        assert_eq!(rehearsed, expected);
        assert_eq!(shop.till().balance(member(1)).await["points"], 8);
    }

    async fn the_trace_says_what_every_rule_made_of_it(shop: Shop) {
        let when = |code: &str, when: serde_json::Value| {
            let mut rule = rule(code, json!({"fixed": {"points": 10}}));
            rule["when"] = when;
            rule
        };
        let rules = [
            base(),
            when("large", json!({"minimum_basket": 2_000_000})),
            when("there", json!({"branches": ["tajrish"]})),
            when("south", json!({"regions": ["isfahan"]})),
            when("friday", json!({"weekdays": ["friday"]})),
            when("evening", json!({"hours": {"from": "17:00", "to": "21:00"}})),
            when("here", json!({"branches": ["vanak"], "weekdays": ["saturday"], "hours": {"from": "11:30", "to": "11:31"}})),
        ];
        let shop = shop.selling(&rules).await;
        let answer = shop.till().speaking("fa").buy("k1", &basket("R1", 1_250_000)).await.expect(201);
        assert_eq!(answer["points"], 135);
        let trace: Vec<_> = answer["rules"].as_array().expect("rules").iter().map(|r| {
            (r["rule"].as_str().expect("a code"), r["points"].as_i64().expect("points"), r["skipped"].as_str())
        }).collect();
        assert_eq!(trace, [
            ("base", 125, None),
            ("large", 0, Some("basket_too_small")),
            ("there", 0, Some("other_branch")),
            ("south", 0, Some("other_region")),
            ("friday", 0, Some("other_weekday")),
            ("evening", 0, Some("other_hours")),
            ("here", 10, None),
        ]);
        assert_eq!(answer["rules"][0]["name"], "base fa");
        let path = format!("/v1/purchases/{}", answer["purchase_id"].as_str().expect("an id"));
        assert_eq!(shop.till().speaking("fa").get(&path).await.expect(200), answer);
    }

    async fn a_purchase_is_read_by_its_branch_and_the_operator_alone(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let answer = shop.till().buy("k1", &basket("R1", 50_000)).await.expect(201);
        let path = format!("/v1/purchases/{}", answer["purchase_id"].as_str().expect("an id"));
        shop.till_of("vanak", "till-9").get(&path).await.expect(200);
        shop.operator().get(&path).await.expect(200);
        shop.till_of("tajrish", "till-1").get(&path).await.refused(404, "points.purchase_unknown");
    }

    async fn a_purchase_that_earns_nothing_is_recorded_all_the_same(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let answer = shop.till().buy("k1", &basket("R1", 0)).await.expect(201);
        assert_eq!((&answer["points"], &answer["balance"]["account_version"]), (&json!(0), &json!(1)));
        assert_eq!(shop.rows().await, [1, 0, 0, 1, 2]);
        assert_eq!(shop.till().balance(member(1)).await["account_version"], 1);
        shop.holds().await;
    }

    async fn a_receipt_from_long_ago_is_taken_and_its_points_are_new(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut late = basket("R1", 50_000);
        late["occurred_at"] = "2021-01-01T10:00:00+03:30".into();
        let answer = shop.till().buy("k1", &late).await.expect(201);
        assert_eq!(answer["balance"]["expires_next"], json!({"points": 5, "on": "2027-11-21"}));
        assert_eq!(answer["recorded_at"], START);
    }

    async fn lines_are_kept_and_count_as_part_of_the_request(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut body = basket("R1", 50_000);
        body["lines"] = json!([
            {"sku": "شیر ۱", "category": "لبنیات", "quantity_milli": 2_000, "amount": 30_000},
            {"sku": "milk-2", "quantity_milli": 750, "amount": 20_000},
        ]);
        shop.till().buy("k1", &body).await.expect(201);
        assert!(shop.till().buy("k1", &body).await.replayed);
        body["lines"][0]["sku"] = "other".into();
        shop.till().buy("k1", &body).await.refused(422, "points.idempotency_key_reused");
        shop.till().buy("k2", &body).await.refused(409, "points.receipt_taken");
        assert_eq!(shop.number("SELECT COUNT(*) FROM journals WHERE lines LIKE '%لبنیات%'").await, 1);
    }
}
