//! Bad input: each kind has its own code and place, nothing is written, nothing answers 500.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use web::Caller;

use crate::shop::{Shop, base, basket, member, on_both};

/// What is wrong with a purchase: where it is changed to what, and the refusal.
fn wrong_purchases() -> Vec<(&'static str, Value, u16, &'static str)> {
    let line = json!({"sku": "a", "quantity_milli": 1_000, "amount": 50_000});
    let line_with = |field: &str, value: Value| {
        let mut line = line.clone();
        line[field] = value;
        json!([line])
    };
    vec![
        ("/amount", json!(-1), 422, "points.amount_negative"),
        ("/amount", json!(1_000_000_000_001_i64), 422, "points.amount_too_large"),
        ("/amount", json!(1.5), 400, "web.field_type"),
        ("/amount", json!("50000"), 400, "web.field_type"),
        ("/currency", json!("EUR"), 422, "points.currency_other"),
        ("/currency", json!("irr"), 422, "points.currency_unknown"),
        ("/currency", json!("XQQ"), 422, "points.currency_unknown"),
        ("/occurred_at", json!("2026-11-21T08:10:01Z"), 422, "points.clock_ahead"),
        ("/occurred_at", json!("2026-11-21T08:00:00"), 400, "web.field_invalid"),
        ("/occurred_at", json!("yesterday"), 400, "web.field_invalid"),
        ("/branch", json!("atlantis"), 422, "points.branch_unknown"),
        ("/branch", json!("NOT A CODE"), 422, "points.branch_unknown"),
        ("/branch", json!("tajrish"), 403, "points.branch_of_another_key"),
        ("/receipt", json!(""), 422, "points.text_invalid"),
        ("/receipt", json!("ر".repeat(65)), 422, "points.text_invalid"),
        ("/receipt", json!("a\nb"), 422, "points.text_invalid"),
        ("/operation", json!("x".repeat(33)), 422, "points.text_invalid"),
        ("/member/phone", json!("12"), 422, "points.phone_invalid"),
        ("/member/phone", json!("no number"), 422, "points.phone_invalid"),
        ("/member", json!({"card": "12345"}), 422, "points.card_invalid"),
        ("/member", json!({"card": "1".repeat(20)}), 422, "points.card_invalid"),
        ("/member", json!({"id": "42"}), 400, "web.field_invalid"),
        ("/member", json!({"e_mail": "a@b"}), 400, "web.field_choice"),
        ("/member", json!({}), 400, ""),
        ("/lines", json!(vec![line.clone(); 501]), 422, "points.lines_too_many"),
        ("/lines", line_with("amount", json!(49_999)), 422, "points.lines_do_not_add_up"),
        ("/lines/0/amount", line_with("amount", json!(-50_000)), 422, "points.amount_negative"),
        (
            "/lines/0/quantity_milli",
            line_with("quantity_milli", json!(0)),
            422,
            "points.quantity_out_of_range",
        ),
        (
            "/lines/0/quantity_milli",
            line_with("quantity_milli", json!(1_000_000_001)),
            422,
            "points.quantity_out_of_range",
        ),
        ("/lines/0/sku", line_with("sku", json!("")), 422, "points.text_invalid"),
        ("/lines/0/category", line_with("category", json!("x".repeat(65))), 422, "points.text_invalid"),
        ("/lines/0/colour", line_with("colour", json!("red")), 400, "web.field_unknown"),
        ("/colour", json!("red"), 400, "web.field_unknown"),
        ("/channel", json!("fax"), 400, "web.field_choice"),
        ("/payment", json!("By Card"), 400, "web.field_invalid"),
        ("/cashier", json!("Zahra Ahmadi"), 400, "web.field_invalid"),
    ]
}

/// Puts a value into a purchase: a line's field comes with its whole list.
fn changed(pointer: &str, value: Value) -> Value {
    let mut body = basket("R1", 50_000);
    let place = if pointer.starts_with("/lines") { "/lines" } else { pointer };
    match body.pointer_mut(place) {
        Some(place) => *place = value,
        None => body[&place[1..]] = value,
    }
    body
}

on_both! {
    async fn each_mistake_has_its_code_and_its_place_and_writes_nothing(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let rows = shop.rows().await;
        for (pointer, value, status, code) in wrong_purchases() {
            let body = changed(pointer, value);
            for rehearsed in [false, true] {
                let answer = if rehearsed { shop.till().rehearse("k1", &body).await } else { shop.till().buy("k1", &body).await };
                if code.is_empty() {
                    assert_eq!(answer.status, status, "{pointer}: {}", answer.text);
                    continue;
                }
                assert_eq!(answer.code(), code, "{pointer}: {}", answer.text);
                let problem = answer.refused(status, code);
                let told = problem["pointer"].as_str().unwrap_or_default();
                assert!(told == pointer || told.starts_with(&format!("{pointer}/")), "{pointer} {code}: {problem}");
                assert!(!problem["title"].as_str().unwrap_or_default().is_empty() && problem["detail"].is_string());
            }
        }
        assert_eq!(shop.rows().await, rows);
        // At the limit everything is taken.
        let mut body = changed("/occurred_at", json!("2026-11-21T08:10:00Z"));
        body["amount"] = 1_000_000_000_000_i64.into();
        body["receipt"] = "ر".repeat(64).into();
        shop.till().buy("k1", &body).await.expect(201);
    }

    async fn five_hundred_lines_of_the_longest_articles_are_a_receipt(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut body = basket("R1", 500_000);
        let longest = json!({"sku": "ش".repeat(64), "category": "ل".repeat(64), "quantity_milli": 1_000_000_000, "amount": 1_000});
        body["lines"] = json!(vec![longest; 500]);
        shop.till().buy("k1", &body).await.expect(201);
        assert!(shop.till().buy("k1", &body).await.replayed);
    }

    async fn every_field_that_is_needed_is_named_when_it_is_missing(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        for field in ["member", "receipt", "occurred_at", "currency", "amount"] {
            let mut body = basket("R1", 50_000);
            body.as_object_mut().expect("an object").remove(field);
            shop.till().buy("k1", &body).await.refused(400, "web.field_missing");
        }
    }

    async fn what_is_no_request_at_all_is_told_apart(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let rows = shop.rows().await;
        let key = ("idempotency-key", "k1");
        let body = basket("R1", 50_000).to_string();
        let post = async |headers: &[(&str, &str)], body: Option<String>| {
            shop.till().send("POST", "/v1/purchases", headers, body).await
        };
        post(&[], Some(body.clone())).await.refused(400, "web.idempotency_key_missing");
        post(&[("idempotency-key", "two words")], Some(body.clone())).await.refused(400, "web.idempotency_key_invalid");
        post(&[key, key], Some(body.clone())).await.refused(400, "web.idempotency_key_repeated");
        post(&[key], None).await.refused(400, "web.body_missing");
        post(&[key], Some("{".to_owned())).await.refused(400, "web.body_malformed");
        post(&[key], Some("[]".to_owned())).await.refused(400, "web.body_not_object");
        post(&[key, ("content-type", "text/csv")], Some(body.clone())).await.refused(415, "web.body_media_type");
        let padded = format!("{}{body}", " ".repeat(256 * 1024));
        post(&[key], Some(padded)).await.refused(413, "web.body_too_large");
        let repeated = body.replacen('{', "{\"amount\":1,", 1);
        post(&[key], Some(repeated)).await.refused(400, "web.field_repeated");
        assert_eq!(shop.rows().await, rows);
    }

    async fn routes_are_for_those_they_are_for(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let body = basket("R1", 50_000);
        shop.by(Caller::Anonymous).buy("k1", &body).await.refused(401, "web.caller_required");
        shop.operator().buy("k1", &body).await.refused(403, "web.access_denied");
        shop.by(Caller::Service("membership".into())).buy("k1", &body).await.refused(403, "web.access_denied");
        let document = crate::shop::programme(&[base()]);
        shop.till().put("/v1/programme", document).await.refused(403, "web.access_denied");
        shop.till().get("/v1/programme/versions").await.refused(403, "web.access_denied");
        let path = format!("/v1/members/{}/balance", member(1));
        shop.by(Caller::Anonymous).get(&path).await.refused(401, "web.caller_required");
        shop.operator().get(&path).await.expect(200);
        let missing = "/v1/purchases/0192f3a1-7c00-8000-8000-000000000099";
        shop.till().get(missing).await.refused(404, "points.purchase_unknown");
    }

    async fn without_a_programme_nobody_can_say_what_a_purchase_earns(shop: Shop) {
        shop.till().buy("k1", &basket("R1", 50_000)).await.refused(422, "points.programme_missing");
        assert_eq!(shop.rows().await, [0; 5]);
    }

    async fn refusals_speak_three_languages(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        let mut titles = BTreeSet::new();
        for language in ["fa", "ar", "en"] {
            let problem = shop.till().speaking(language).buy("k1", &changed("/amount", json!(-1))).await;
            titles.insert(problem.refused(422, "points.amount_negative")["title"].to_string());
        }
        assert_eq!(titles.len(), 3);
    }
}

/// Codes that other modules provoke, since it takes more than a request.
const ELSEWHERE: &[&str] = &[
    "points.account_guarded",
    "points.customer_unknown",
    "points.member_unknown",
    "points.purchase_unknown",
    "points.return_too_large",
    "points.return_unknown",
    "points.return_told_twice",
    "points.return_line_unknown",
    "points.return_line_ambiguous",
    "points.return_line_too_large",
    "points.programme_missing",
    "points.programme_invalid",
    "points.programme_version_unknown",
    "points.programme_version_fixed",
    "points.live_from_over",
    "points.simulation_unknown",
    "points.period_empty",
    "points.idempotency_key_reused",
    "points.receipt_taken",
    "points.still_running",
    "points.too_busy",
    "points.stopping",
    "points.membership_silent",
    "points.database_busy",
    "points.too_many_points",
    "points.transfers_off",
    "points.phone_unconfirmed",
    "points.code_needed",
    "points.proof_unavailable",
    "points.step_up_needed",
    "points.behalf_of_staff",
    "points.transfer_unknown",
    "points.transfer_to_self",
    "points.transfer_outside_circle",
    "points.transfer_account_too_young",
    "points.transfer_sender_owes",
    "points.transfer_too_small",
    "points.transfer_too_large",
    "points.balance_too_low",
    "points.points_not_transferable",
    "points.transfer_sender_cap",
    "points.transfer_receiver_cap",
    "points.transfer_receivers_cap",
    "points.transfer_not_waiting",
    "points.cursor_invalid",
    "points.limit_out_of_range",
    "points.period_invalid",
    "points.rates_invalid",
    "points.segment_unknown",
    "points.segments_too_many",
    "points.members_too_many",
    "points.tiers_missing",
    "points.tier_unknown",
    "points.grant_over",
    "points.grant_unknown",
    "points.grant_ended",
    "points.grant_replaced",
    "points.month_invalid",
    "points.account_frozen",
    "points.account_closed",
    "points.state_unchanged",
    "points.spending_off",
    "points.spend_too_small",
    "points.spend_not_in_steps",
    "points.spend_too_large",
    "points.redemption_paid_for_purchase",
    "points.hold_unknown",
    "points.hold_over",
    "points.capture_too_large",
    "points.redemption_unknown",
    "points.reversed_before",
    "points.points_out_of_range",
    "points.lifetime_out_of_range",
    "points.day_is_past",
    "points.funder_unknown",
    "points.proposal_unknown",
    "points.proposal_decided",
    "points.second_person_needed",
    "points.person_other",
    "points.activated_before",
    "points.reversal_too_large",
    "points.action_unknown",
    "points.action_without_rule",
    "points.action_taken",
    "points.value_out_of_range",
];

#[test]
fn every_code_of_points_is_provoked_by_a_test() {
    let here = wrong_purchases().into_iter().map(|(_, _, _, code)| code);
    let provoked: BTreeSet<&str> = here.chain(ELSEWHERE.iter().copied()).collect();
    let all: BTreeSet<&str> = points::ERRORS.iter().map(|code| code.code).collect();
    let unprovoked: Vec<_> = all.difference(&provoked).collect();
    assert!(unprovoked.is_empty(), "{unprovoked:?}");
    let stale: Vec<_> = ELSEWHERE.iter().filter(|code| !all.contains(*code)).collect();
    assert!(stale.is_empty(), "{stale:?}");
    let sources = [
        include_str!("actions.rs"),
        include_str!("activations.rs"),
        include_str!("belonging.rs"),
        include_str!("bound.rs"),
        include_str!("expiry.rs"),
        include_str!("guards.rs"),
        include_str!("history.rs"),
        include_str!("holds.rs"),
        include_str!("identity.rs"),
        include_str!("money.rs"),
        include_str!("statements.rs"),
        include_str!("staff.rs"),
        include_str!("tiers.rs"),
        include_str!("tier_grants.rs"),
        include_str!("overload.rs"),
        include_str!("own_transfers.rs"),
        include_str!("paying.rs"),
        include_str!("permissions.rs"),
        include_str!("programme.rs"),
        include_str!("proof.rs"),
        include_str!("versions.rs"),
        include_str!("simulations.rs"),
        include_str!("payments.rs"),
        include_str!("purchases.rs"),
        include_str!("returns.rs"),
        include_str!("line_returns.rs"),
        include_str!("concurrency.rs"),
        include_str!("transfers.rs"),
        include_str!("transfer_policy.rs"),
    ];
    let unnamed: Vec<_> =
        ELSEWHERE.iter().filter(|code| !sources.iter().any(|source| source.contains(*code))).collect();
    assert!(unnamed.is_empty(), "{unnamed:?}");
}
