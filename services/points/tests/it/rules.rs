//! Earning rules through the API: what a trace says, what is kept of a purchase, what is wrong with a rule.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::rule_text::read_rule;
use crate::shop::{Shop, base, basket, on_both, programme, rule};

fn said(text: &str) -> Value {
    read_rule(text).unwrap_or_else(|| panic!("no rule: {text}"))
}

/// What each rule gave, or why not.
fn trace(answer: &Value) -> Vec<(&str, i64, Option<&str>)> {
    let rules = answer["rules"].as_array().expect("rules").iter();
    rules
        .map(|r| {
            (
                r["rule"].as_str().expect("a code"),
                r["points"].as_i64().expect("points"),
                r["skipped"].as_str(),
            )
        })
        .collect()
}

on_both! {
    async fn every_reason_is_told_and_can_be_read_out_in_three_languages(shop: Shop) {
        let rules = [
            "large: 1 point; from 60000", "small: 1 point; to 40000", "there: 1 point; at tajrish", "south: 1 point; in isfahan",
            "app: 1 point; via app", "card: 1 point; paid card", "friday: 1 point; on friday", "evening: 1 point; hours 17:00 21:00",
            "over: 1 point; until 2026-11-20", "to-come: 1 point; since 2026-11-22", "milk: 1 point; skus milk",
            "dairy: 1 point; categories dairy; share 61", "best: 2 points; best of offer", "worse: 1 point; best of offer",
            "double: times 200 of large", "second: 1 point; purchase number 2", "fifth: 1 point; visit 5", "old: 1 point; joined 30 60",
            "year: 1 point; anniversary 7 7", "family: 1 point; household 2", "birthday: 1 point; occasion birthday 3",
        ];
        let shop = shop.selling(&rules.map(said)).await;
        let mut body = basket("R1", 50_000);
        body["lines"] = json!([
            {"sku": "cheese", "category": "dairy", "quantity_milli": 1_000, "amount": 30_000},
            {"sku": "bread", "quantity_milli": 1_000, "amount": 20_000},
        ]);
        let answer = shop.till().buy("k1", &body).await.expect(201);
        assert_eq!(trace(&answer), [
            ("large", 0, Some("basket_too_small")),
            ("small", 0, Some("basket_too_large")),
            ("there", 0, Some("other_branch")),
            ("south", 0, Some("other_region")),
            ("app", 0, Some("other_channel")),
            ("card", 0, Some("other_payment")),
            ("friday", 0, Some("other_weekday")),
            ("evening", 0, Some("other_hours")),
            ("over", 0, Some("other_dates")),
            ("to-come", 0, Some("other_dates")),
            ("milk", 0, Some("no_such_items")),
            ("dairy", 0, Some("too_few_such_items")),
            ("best", 2, None),
            ("worse", 0, Some("other_of_group")),
            ("double", 0, Some("nothing_to_multiply")),
            ("second", 0, Some("other_purchase")),
            ("fifth", 0, Some("other_visit")),
            ("old", 0, Some("other_time_of_membership")),
            ("year", 0, Some("no_anniversary")),
            ("family", 0, Some("no_household")),
            ("birthday", 0, Some("no_occasion")),
        ]);
        let path = format!("/v1/purchases/{}", answer["purchase_id"].as_str().expect("an id"));
        let mut words = BTreeSet::new();
        for language in ["fa", "ar", "en"] {
            let read = shop.operator().speaking(language).get(&path).await.expect(200);
            assert_eq!(trace(&read), trace(&answer), "the stored trace says the same");
            for rule in read["rules"].as_array().expect("rules") {
                assert_eq!(rule["reason"].is_string(), rule["skipped"].is_string(), "{rule}");
                words.insert((language, rule["reason"].to_string()));
            }
        }
        assert_eq!(words.len(), 3 * 20, "nineteen reasons, and none for what gave points");
    }

    async fn what_the_till_said_besides_is_kept_and_part_of_the_request(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut body = basket("R1", 50_000);
        body["channel"] = "app".into();
        body["payment"] = "bank-1".into();
        shop.till().buy("k1", &body).await.expect(201);
        assert!(shop.till().buy("k1", &body).await.replayed);
        for (field, value) in [("channel", "online"), ("payment", "cash")] {
            let mut other = body.clone();
            other[field] = value.into();
            shop.till().buy("k1", &other).await.refused(422, "points.idempotency_key_reused");
        }
        let kept = r#"SELECT COUNT(*) FROM journals WHERE details = '{"channel":"app","payment":"bank-1"}'"#;
        assert_eq!(shop.number(kept).await, 1);
        // A till that says what goes without saying says the same.
        let plain = basket("R2", 50_000);
        shop.till().buy("k2", &plain).await.expect(201);
        let mut told = plain.clone();
        told["channel"] = "till".into();
        assert!(shop.till().buy("k2", &told).await.replayed);
        assert_eq!(shop.number("SELECT COUNT(*) FROM journals WHERE details IS NULL").await, 1);
    }

    async fn every_mistake_of_a_rule_is_found_at_once(shop: Shop) {
        let mut document = programme(&[
            said("a: 1 point; from 500; to 499; since 2026-11-23; until 2026-11-22"),
            said("b: 0 points per item matching; priority 1001; best of offer"),
            said("c: bands 0=1 100=0 100=5; share 101; first of offer"),
            said("d: times 100 of nobody e"),
            said("e: times 10001; best of offer"),
            rule("f", json!({"steps": {"bands": []}})),
            said("g: 1 point; purchase every 0; visit 9 of 8 days; joined 5 4; anniversary 61 0"),
        ]);
        document["rules"][5]["when"] = json!({"dates": {}, "items": {"skus": ["", "x"], "categories": vec!["c"; 1_001]}});
        document["rules"][5]["group"] = json!({"code": "No Code", "keep": "best"});
        let problem = shop.operator().put("/v1/programme", document).await.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let mistakes: Vec<_> =
            mistakes.map(|m| format!("{} {}", m["pointer"].as_str().unwrap_or("?"), m["reason"].as_str().unwrap_or("?"))).collect();
        insta::assert_json_snapshot!("mistakes_of_rules", mistakes);
    }
}
