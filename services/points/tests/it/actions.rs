//! Points for actions: recorded once for ever, whether sent or heard of, and never beyond their limits (P1, J5).

use contracts::{
    membership::{ActionDone, ActionValue, MemberJoined, ProfileAnswered},
    points::PointsGranted,
};
use futures_util::future::join_all;
use kernel::{ActionCode, BranchCode, Points, QuestionCode, Timestamp};
use serde_json::{Value, json};

use crate::shop::{START, Shop, ZAHRA, base, basket, member, on_both, programme, rule};

/// A rule about an action.
fn about(action: &str, code: &str, give: Value) -> Value {
    let mut rule = rule(code, give);
    rule["on"] = json!({ "action": action });
    rule["funder"] = "vanak".into();
    rule
}

fn survey() -> Value {
    about("survey", "survey", json!({"fixed": {"points": 50}}))
}

/// A programme with these rules about actions.
fn rewarding(actions: &[Value]) -> Value {
    let mut document = programme(&[base()]);
    document["actions"] = json!(actions);
    document
}

async fn rewards(shop: Shop, actions: &[Value]) -> Shop {
    shop.operator().put("/v1/programme", rewarding(actions)).await.expect(201);
    shop
}

fn done(action: &str, reference: &str) -> Value {
    json!({"member": {"phone": ZAHRA}, "action": action, "reference": reference, "occurred_at": START})
}

fn with(mut body: Value, field: &str, value: Value) -> Value {
    body[field] = value;
    body
}

/// The same as membership tells it.
fn told(reference: &str) -> ActionDone {
    ActionDone {
        member_id: member(1),
        action: ActionCode::parse("survey").expect("a code"),
        reference: reference.to_owned(),
        occurred_at: Timestamp::parse(START).expect("a time"),
        branch: None,
        value: None,
    }
}

async fn act(shop: &Shop, key: &str, body: &Value) -> crate::sender::Answer {
    shop.operator().keyed(key, "/v1/actions", body).await
}

on_both! {
    async fn an_action_earns_once_for_ever(shop: Shop) {
        let shop = rewards(shop, &[survey()]).await;
        let body = done("survey", "autumn");
        let first = act(&shop, "a1", &body).await.expect(201);
        assert_eq!((&first["points"], &first["balance"]["points"], &first["rules"][0]["rule"]), (&json!(50), &json!(50), &json!("survey")));
        let again = act(&shop, "a1", &body).await;
        assert!(again.replayed);
        assert_eq!(again.expect(200), first);
        let by_id = with(body.clone(), "member", json!({"id": member(1).to_string()}));
        assert_eq!(act(&shop, "a2", &by_id).await.expect(200), first, "the same under another key and another name of hers");
        shop.days_later(400);
        assert!(act(&shop, "a3", &body).await.replayed);
        let other = with(body.clone(), "branch", json!("vanak"));
        assert_eq!(act(&shop, "a4", &other).await.refused(409, "points.action_taken")["pointer"], "/reference");
        act(&shop, "a1", &done("survey", "winter")).await.refused(422, "points.idempotency_key_reused");
        act(&shop, "a1", &with(body, "member", json!({"id": member(2).to_string()}))).await.refused(422, "points.idempotency_key_reused");
        let path = format!("/v1/actions/{}", first["action_id"].as_str().expect("an id"));
        assert_eq!(shop.till().get(&path).await.expect(200), first);
        shop.till().get("/v1/actions/0192f3a1-7c00-8000-8000-000000000099").await.refused(404, "points.action_unknown");
        let granted = shop.told::<PointsGranted>().await;
        assert_eq!(granted.iter().map(|(seq, fact)| (*seq, fact.points)).collect::<Vec<_>>(), [(1, Points::new(50))]);
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        let item = &history["items"][0];
        assert_eq!((&item["kind"], &item["action"], &item["reference"]), (&json!("bonus"), &json!("survey"), &json!("autumn")));
        shop.holds().await;
    }

    async fn first_answers_earn_by_question_and_for_the_last_of_all(shop: Shop) {
        let gives = |points: i64| json!({"fixed": {"points": points}});
        let rules = [about("profile", "any", gives(5)), about("profile.city", "city", gives(10)), about("profile-completed", "all", gives(100))];
        let shop = rewards(shop, &rules).await;
        let said = |question: &str, first, completes| ProfileAnswered {
            member_id: member(1), question: QuestionCode::parse(question).expect("a code"), first, completes, branch: None,
        };
        shop.tells(&said("city", true, false)).await;
        shop.tells(&said("city", false, false)).await;
        shop.tells(&said("email", true, true)).await;
        let history = shop.till().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        let mut earned: Vec<_> = history["items"].as_array().expect("a list").iter()
            .map(|item| (item["action"].as_str().expect("a code"), item["reference"].as_str().expect("a text"), item["points"].as_i64().expect("points"))).collect();
        earned.sort_unstable();
        assert_eq!(earned, [("profile", "city", 5), ("profile", "email", 5), ("profile-completed", "email", 100), ("profile.city", "once", 10)]);
        shop.holds().await;
    }

    async fn what_is_heard_and_what_is_sent_are_the_same_action(shop: Shop) {
        let shop = rewards(shop, &[survey()]).await;
        shop.tells(&told("one")).await;
        shop.tells(&told("one")).await;
        assert_eq!(shop.till().balance(member(1)).await["points"], 50);
        assert!(act(&shop, "a1", &done("survey", "one")).await.replayed);
        act(&shop, "a2", &done("survey", "two")).await.expect(201);
        shop.tells(&told("two")).await;
        let elsewhere = ActionDone { branch: Some(BranchCode::parse("vanak").expect("a code")), ..told("two") };
        assert!(shop.cannot_hear(&elsewhere).await.contains("other contents"));
        let nothing = ActionDone { value: Some(ActionValue::Units(0)), ..told("three") };
        assert!(shop.cannot_hear(&nothing).await.contains("value"));
        assert_eq!((shop.till().balance(member(1)).await["points"].clone(), shop.rows().await[0]), (json!(100), 2));
        shop.tells(&ActionDone { member_id: member(77), ..told("one") }).await;
        assert_eq!(shop.till().balance(member(77)).await["points"], 50, "membership knows its members");
        shop.holds().await;
    }

    async fn nothing_is_given_for_what_was_told_before_there_was_a_rule(shop: Shop) {
        let shop = shop.selling(&[base()]).await;
        shop.tells(&told("one")).await;
        act(&shop, "a1", &done("survey", "one")).await.refused(422, "points.action_without_rule");
        let before = shop.fact(9, &told("one"));
        shop.days_later(1);
        let shop = rewards(shop, &[survey()]).await;
        shop.hear(&[before]).await;
        assert_eq!(shop.rows().await[0], 0, "heard again after its inbox was pruned");
        shop.tells(&told("one")).await;
        assert_eq!(shop.till().balance(member(1)).await["points"], 50);
    }

    async fn joining_is_an_action_that_membership_tells_by_itself(shop: Shop) {
        let mut welcome = about("joined", "welcome", json!({"fixed": {"points": 20}}));
        welcome.as_object_mut().expect("an object").remove("funder");
        let shop = rewards(shop, &[welcome]).await;
        let (vanak, id) = (BranchCode::parse("vanak").expect("a code"), member(50));
        let joined = MemberJoined { member_id: id, branch: Some(vanak), ..<MemberJoined as contracts::FactData>::sample() };
        shop.tells(&joined).await;
        shop.tells(&joined).await;
        shop.tells(&MemberJoined { member_id: member(51), branch: None, ..joined }).await;
        assert_eq!(shop.till().balance(id).await["points"], 20);
        let history = shop.till().get(&format!("/v1/members/{}/history", member(51))).await.expect(200);
        let path = format!("/v1/actions/{}", history["items"][0]["id"].as_str().expect("an id"));
        let read = shop.operator().get(&path).await.expect(200);
        assert_eq!((&read["points"], &read["rules"][0]["skipped"]), (&json!(0), &json!("no_funder")));
        shop.holds().await;
    }

    async fn limits_hold_when_two_replicas_record_at_once(shop: Shop) {
        let mut limited = survey();
        limited["limits"] = json!([{"per": "member", "every": "ever", "times": 3}, {"every": "day", "points": 230}]);
        let shop = rewards(shop, &[limited]).await;
        let other = shop.replica().await;
        let all = (0..20_usize).map(|n| {
            let service = if n % 2 == 0 { &shop } else { &other };
            let who = json!({"id": member(1 + (n as u128 / 2) % 2).to_string()});
            async move { act(service, &format!("a{n}"), &with(done("survey", &format!("s{n}")), "member", who)).await.expect(201) }
        });
        let answers = join_all(all).await;
        let gave: Vec<i64> = answers.iter().filter_map(|a| a["points"].as_i64()).filter(|p| *p > 0).collect();
        assert_eq!((gave.iter().sum::<i64>(), gave.len()), (230, 5), "three for each, and the fifth gets what is left: {gave:?}");
        let reasons: Vec<_> = answers.iter().map(|a| a["rules"][0]["skipped"].clone()).collect();
        assert!(reasons.contains(&json!("cap_reached")) || reasons.contains(&json!("budget_spent")), "{reasons:?}");
        shop.days_later(1);
        let next = act(&shop, "b1", &done("survey", "next")).await.expect(201);
        assert!(next["points"] == 50 || next["rules"][0]["skipped"] == "cap_reached", "{next}");
        shop.holds().await;
    }

    async fn conditions_pending_points_and_debts_are_as_with_purchases(shop: Shop) {
        let mut later = about("review", "later", json!({"per_units": {"units": 2, "points": 3, "rounding": "up"}}));
        later["pending"] = json!({"days": 7});
        let mut paid = about("card-payment", "paid", json!({"per_payment": {"amount": 1_000, "points": 1}}));
        paid["on"] = json!({"action": "card-payment", "minimum_amount": 5_000, "categories": ["5411"], "dates": {"until": "2026-11-30"}});
        let mut here = about("review", "here", json!({"fixed": {"points": 1}}));
        here["on"]["branches"] = json!(["tajrish"]);
        let shop = rewards(shop, &[later, paid, here]).await;
        let review = act(&shop, "a1", &with(done("review", "r1"), "value", json!({"units": 5}))).await.expect(201);
        assert_eq!((&review["points"], &review["points_pending"], &review["balance"]["points"]), (&json!(8), &json!(8), &json!(0)));
        assert_eq!(review["rules"][1]["reason"], "This rule is for other branches.");
        let pay = |amount: i64, category: &str| json!({"payment": {"amount": amount, "currency": "IRR", "category": category}});
        for (n, value, points, why) in [
            (1, pay(7_999, "5411"), 7, Value::Null),
            (2, pay(4_999, "5411"), 0, json!("value_too_small")),
            (3, pay(9_000, "5812"), 0, json!("other_category")),
        ] {
            let answer = act(&shop, &format!("p{n}"), &with(done("card-payment", &format!("p{n}")), "value", value)).await.expect(201);
            assert_eq!((&answer["points"], &answer["rules"][0]["skipped"]), (&json!(points), &why), "{n}");
        }
        shop.days_later(20);
        let late = with(with(done("card-payment", "p4"), "value", pay(9_000, "5411")), "occurred_at", json!("2026-12-01T08:00:00Z"));
        let late = act(&shop, "p4", &late).await.expect(201);
        assert_eq!((&late["rules"][0]["skipped"], &late["balance"]["points"]), (&json!("other_dates"), &json!(15)), "the pending ones came first");
        // What is owed takes its share of an action, too.
        shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
        let spend = json!({"member": {"phone": ZAHRA}, "points": 115});
        shop.till().keyed("s1", "/v1/redemptions", &spend).await.expect(201);
        let back = json!({"purchase": {"till": "till-1", "receipt": "R1"}, "receipt": "B1", "occurred_at": START, "currency": "IRR"});
        shop.till().give_back("b1", &back).await.expect(201);
        let pays = with(with(done("card-payment", "p5"), "value", pay(9_000, "5411")), "occurred_at", json!("2026-11-25T08:00:00Z"));
        let pays = act(&shop, "p5", &pays).await.expect(201);
        assert_eq!((&pays["points"], &pays["debt_recovered"], &pays["balance"]["points"]), (&json!(9), &json!(9), &json!(0)));
        shop.holds().await;
    }

    async fn a_rule_says_whether_its_points_count_for_tiers(shop: Shop) {
        let name = json!({"fa": "ن", "ar": "ن", "en": "n"});
        let mut counts = survey();
        counts["qualifying"] = true.into();
        let mut gold = about("event", "gold", json!({"fixed": {"points": 7}}));
        gold["on"]["tiers"] = json!(["gold"]);
        let mut document = rewarding(&[counts, gold]);
        document["tiers"] = json!({"measure": "points", "period": "year", "downgrade": "never", "on_return": "falls",
            "levels": [{"code": "gold", "name": name, "from": 50}]});
        shop.operator().put("/v1/programme", document).await.expect(201);
        let early = act(&shop, "e1", &done("event", "e1")).await.expect(201);
        assert_eq!(early["rules"][0]["skipped"], "other_tier");
        act(&shop, "a1", &done("survey", "s1")).await.expect(201);
        let tier = shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200);
        assert_eq!((&tier["tier"]["code"], &tier["credit"]), (&json!("gold"), &json!(50)));
        assert_eq!(act(&shop, "e2", &done("event", "e2")).await.expect(201)["points"], 7);
        let tier = shop.till().get(&format!("/v1/members/{}/tier", member(1))).await.expect(200);
        assert_eq!(tier["credit"], 50, "events do not count");
        shop.holds().await;
    }

    async fn bad_input_has_its_code_and_its_place_and_writes_nothing(shop: Shop) {
        act(&shop, "a1", &done("survey", "s1")).await.refused(422, "points.programme_missing");
        let shop = rewards(shop, &[survey()]).await;
        let rows = shop.rows().await;
        let pay = |currency: &str| json!({"payment": {"amount": 1, "currency": currency}});
        for (field, value, status, code, pointer) in [
            ("action", json!("dance"), 422, "points.action_without_rule", "/action"),
            ("action", json!("Not A Code"), 400, "web.field_invalid", "/action"),
            ("reference", json!(""), 422, "points.text_invalid", "/reference"),
            ("reference", json!("ر".repeat(65)), 422, "points.text_invalid", "/reference"),
            ("occurred_at", json!("2026-11-22T08:00:00Z"), 422, "points.clock_ahead", "/occurred_at"),
            ("branch", json!("atlantis"), 422, "points.branch_unknown", "/branch"),
            ("value", json!({"units": 0}), 422, "points.value_out_of_range", "/value/units"),
            ("value", json!({"payment": {"amount": -5, "currency": "IRR"}}), 422, "points.value_out_of_range", "/value/payment/amount"),
            ("value", pay("EUR"), 422, "points.currency_other", "/value/payment/currency"),
            ("value", json!({"steps": 3}), 400, "web.field_choice", "/value"),
            ("member", json!({"phone": "12"}), 422, "points.phone_invalid", "/member/phone"),
            ("member", json!({"id": member(9).to_string()}), 404, "points.member_unknown", "/member/id"),
            ("colour", json!("red"), 400, "web.field_unknown", "/colour"),
        ] {
            let refused = act(&shop, "a1", &with(done("survey", "s1"), field, value)).await.refused(status, code);
            assert!(refused["pointer"].as_str().unwrap_or_default().starts_with(pointer), "{refused}");
        }
        shop.till().keyed("a1", "/v1/actions", &done("survey", "s1")).await.refused(403, "web.access_denied");
        assert_eq!(shop.rows().await, rows);
        shop.till().buy("k1", &basket("R1", 10_000)).await.expect(201);
        let end = json!({"funder": "vanak", "actor": "staff-1", "reason": "left"});
        shop.operator().keyed("c1", &format!("/v1/members/{}/account/closure", member(1)), &end).await.expect(201);
        act(&shop, "a1", &done("survey", "s1")).await.refused(422, "points.account_closed");
        shop.tells(&told("s1")).await;
        shop.holds().await;
    }

    async fn mistakes_of_rules_about_actions_are_told_with_their_places(shop: Shop) {
        let mut wrong = about("survey", "base", json!({"per_units": {"units": 0, "points": 0}}));
        wrong["funder"] = "nowhere".into();
        wrong["on"] = json!({"action": "survey", "branches": ["nowhere"], "tiers": ["gold"], "dates": {}, "minimum_amount": 0});
        wrong["limits"] = json!([{"every": "day"}, {"every": "day", "times": 0}, {"every": "ever", "points": 0}]);
        wrong["pending"] = json!({"days": 0});
        let problem = shop.operator().put("/v1/programme", rewarding(&[wrong])).await.refused(422, "points.programme_invalid");
        let mistakes = problem["mistakes"].as_array().expect("a list").iter();
        let mistakes: Vec<_> = mistakes
            .map(|m| format!("{} {}", m["pointer"].as_str().unwrap_or("?"), m["reason"].as_str().unwrap_or("?")))
            .collect();
        assert_eq!(mistakes, [
            "/actions/0/code code_twice",
            "/actions/0/pending/days one_to_366_days",
            "/actions/0/funder unknown_branch",
            "/actions/0/on/branches/0 unknown_branch",
            "/actions/0/on/tiers/0 unknown_tier",
            "/actions/0/on/dates dates_are_empty",
            "/actions/0/on/minimum_amount amount_out_of_range",
            "/actions/0/give/per_units/points points_out_of_range",
            "/actions/0/give/per_units/units amount_out_of_range",
            "/actions/0/limits/0 limit_is_empty",
            "/actions/0/limits/1 window_twice",
            "/actions/0/limits/1/times times_out_of_range",
            "/actions/0/limits/2/points points_out_of_range",
        ]);
    }

    async fn the_page_and_the_comparison_speak_of_actions(shop: Shop) {
        let mut limited = survey();
        limited["limits"] = json!([{"per": "member", "every": "year", "times": 2}]);
        limited["qualifying"] = true.into();
        let shop = shop.selling(&[base()]).await;
        shop.operator().post("/v1/programme/versions", rewarding(&[limited])).await.expect(201);
        let mut said = Vec::new();
        for language in ["en", "fa", "ar"] {
            let changes = shop.operator().speaking(language).get("/v1/programme/versions/2/changes?from=1").await.expect(200);
            let sentence = changes["changes"][0]["sentence"].as_str().expect("a sentence").to_owned();
            said.push(sentence);
        }
        shop.operator().post("/v1/programme/versions/2/announce", json!({})).await.expect(200);
        let page = shop.till().get("/v1/programme").await.expect(200);
        let sections = page["page"]["sections"].as_array().expect("a list").clone();
        said.extend(sections.iter().filter(|s| s["part"] == "actions").map(|s| s["sentences"][0].to_string()));
        insta::assert_json_snapshot!("words_about_actions", said);
    }
}
