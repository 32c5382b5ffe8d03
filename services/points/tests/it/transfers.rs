//! Transfers from request to end: both sides see them, lots keep their days, and time does what it does whether or not
//! anything looked (P4, P5, P6).

use contracts::points::{
    TransferCompleted, TransferDeclined, TransferExpired, TransferRecalled, TransferRequested,
};
use serde_json::{Value, json};

use crate::shop::{ALI, START, Shop, ZAHRA, basket, member, on_both};

/// Zahra gives Ali so many points.
pub fn gift(points: i64) -> Value {
    json!({"from": member(1).to_string(), "to": {"phone": ALI}, "points": points})
}

/// Zahra has 100 points of `vanak`, until a year from now.
pub async fn rich(shop: Shop, terms: Value) -> Shop {
    let shop = shop.transferring(terms).await;
    shop.till().buy("k1", &basket("R1", 1_000_000)).await.expect(201);
    shop
}

/// The status of a transfer as it was noted last, whatever the time is.
async fn noted(shop: &Shop) -> i64 {
    shop.number("SELECT CAST(MAX(status) AS bigint) FROM transfers").await
}

async fn points_of(shop: &Shop, number: u128) -> Value {
    shop.operator().balance(member(number)).await["points"].clone()
}

on_both! {
    async fn points_arrive_at_once_and_both_sides_see_them(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        let answer = shop.operator().transfer("t1", &gift(60)).await.expect(201);
        let transfer = &answer["transfer"];
        assert_eq!((&transfer["status"], &transfer["points"], &transfer["fee"]), (&json!("completed"), &json!(60), &json!(0)));
        assert_eq!((&answer["balance"], &answer["account_version"]), (&json!(40), &json!(2)));
        assert_eq!(answer["lots"], json!([{"points": 60, "on": "2027-11-21"}]));
        assert_eq!((points_of(&shop, 1).await, points_of(&shop, 2).await), (json!(40), json!(60)));
        let balance = shop.operator().balance(member(2)).await;
        assert_eq!(balance["expiring"], json!([{"points": 60, "on": "2027-11-21"}]), "the day travels with the points");
        assert_eq!(shop.number("SELECT CAST(points AS bigint) FROM lots WHERE funder = 'vanak' AND points = 60").await, 60);
        for (number, kind, points) in [(1, "transfer_sent", -60), (2, "transfer_received", 60)] {
            let history = shop.operator().get(&format!("/v1/members/{}/history", member(number))).await.expect(200);
            let event = &history["items"][0];
            assert_eq!((&event["kind"], &event["points"], &event["about"]), (&json!(kind), &json!(points), &transfer["transfer_id"]));
            let list = shop.operator().get(&format!("/v1/members/{}/transfers", member(number))).await.expect(200);
            assert_eq!(list["items"], json!([transfer]), "both see the same");
        }
        let (sent, came) = (shop.told::<TransferRequested>().await, shop.told::<TransferCompleted>().await);
        assert_eq!((sent.len(), came.len()), (1, 1));
        assert_eq!((sent[0].0, sent[0].1.balance.count(), sent[0].1.sender_id), (2, 40, member(1)));
        assert_eq!((came[0].0, came[0].1.balance.count(), came[0].1.receiver_id), (1, 60, member(2)));
        shop.holds().await;
    }

    async fn the_same_request_again_gets_the_first_answer(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let first = shop.operator().transfer("t1", &gift(60)).await;
        let id = first.body["transfer"]["transfer_id"].clone();
        assert_eq!(first.status, 201, "{}", first.text);
        shop.operator().says(&id, "accept", None).await.expect(200);
        let again = shop.operator().transfer("t1", &gift(60)).await;
        assert!(again.replayed);
        assert_eq!((again.status, &again.text), (200, &first.text), "word for word, though it has been completed since");
        shop.operator().transfer("t1", &gift(61)).await.refused(422, "points.idempotency_key_reused");
        let mut all = gift(0);
        all.as_object_mut().expect("an object").remove("points");
        let sent = shop.operator().send("POST", "/v1/hand-overs", &[("idempotency-key", "t1")], Some(all.to_string())).await;
        sent.refused(422, "points.idempotency_key_reused");
        assert_eq!(shop.number("SELECT COUNT(*) FROM transfers").await, 1);
        shop.holds().await;
    }

    async fn a_quote_says_what_would_happen_and_keeps_nothing(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "fee": {"fixed": 1, "percent": 10, "rounding": "up"}, "cooling_off_s": 600})).await;
        let rows = shop.rows().await;
        let body = Some(gift(55).to_string());
        let quote = shop.operator().send("POST", "/v1/transfers/quotes", &[], body).await.expect(200);
        assert_eq!((&quote["dry_run"], &quote["balance"]), (&json!(true), &json!(38)));
        assert_eq!((&quote["transfer"]["fee"], &quote["transfer"]["status"]), (&json!(7), &json!("cooling_off")));
        assert_eq!((&quote["transfer"]["transfer_id"], &quote["transfer"]["due_at"]), (&Value::Null, &json!("2026-11-21T08:10:00Z")));
        assert_eq!(shop.rows().await, rows);
        let real = shop.operator().transfer("t1", &gift(55)).await.expect(201);
        let mut same = real.clone();
        same["transfer"].as_object_mut().expect("an object").remove("transfer_id");
        same["dry_run"] = json!(true);
        same["transferable"] = json!(100);
        assert_eq!(same, quote);
        shop.holds().await;
    }

    async fn every_word_is_waited_for_and_the_points_arrive_after_the_last(shop: Shop) {
        let terms = json!({"to": "anyone", "step_up_above": 10, "review_above": 10, "acceptance": true, "cooling_off_s": 60});
        let shop = rich(shop, terms).await;
        let id = shop.operator().transfer("t1", &gift(60)).await.expect(201)["transfer"]["transfer_id"].clone();
        let other = json!({"reviewer": "support-2"});
        for (step, body, status) in [("confirm", None, "review"), ("approve", Some(&other), "acceptance"), ("accept", None, "cooling_off")] {
            for again in 0..2 {
                let now = shop.operator().says(&id, step, body.cloned()).await.expect(200);
                assert_eq!(now["status"], status, "{step}, time {again}");
            }
            assert_eq!((points_of(&shop, 1).await, points_of(&shop, 2).await), (json!(40), json!(0)), "{step}");
            shop.holds().await;
        }
        shop.operator().says(&id, "accept", None).await.expect(200);
        shop.operator().says(&id, "reject", Some(other)).await.refused(409, "points.transfer_not_waiting");
        shop.clock.advance_millis(60_000);
        let path = format!("/v1/transfers/{}", id.as_str().expect("an id"));
        let read = shop.operator().get(&path).await.expect(200);
        assert_eq!((&read["status"], &read["reviewer"]), (&json!("completed"), &json!("support-2")));
        assert_eq!(points_of(&shop, 2).await, 60);
        let late = shop.operator().says(&id, "recall", None).await.refused(409, "points.transfer_not_waiting");
        assert_eq!(late["status"], "completed");
        shop.holds().await;
    }

    async fn what_does_not_come_about_comes_back_with_its_fee(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true, "review_above": 50, "fee": {"fixed": 5}, "waits_s": 600})).await;
        for (n, (points, step, body, status)) in [
            (20, "decline", None, "declined"),
            (60, "reject", Some(json!({"reviewer": "support-2"})), "declined"),
            (20, "recall", None, "recalled"),
        ].into_iter().enumerate() {
            let answer = shop.operator().transfer(&format!("t{n}"), &gift(points)).await.expect(201);
            assert_eq!(answer["balance"], 95 - points);
            let ended = shop.operator().says(&answer["transfer"]["transfer_id"], step, body).await.expect(200);
            assert_eq!(ended["status"], status);
            assert_eq!((points_of(&shop, 1).await, points_of(&shop, 2).await), (json!(100), json!(0)));
            shop.holds().await;
        }
        shop.operator().transfer("t9", &gift(20)).await.expect(201);
        shop.clock.advance_millis(600_000);
        // What is due to come back can be sent at once.
        shop.operator().transfer("t10", &gift(45)).await.expect(201);
        let list = shop.operator().get(&format!("/v1/members/{}/transfers", member(2))).await.expect(200);
        let statuses: Vec<_> = list["items"].as_array().expect("items").iter().map(|t| t["status"].clone()).collect();
        assert_eq!(statuses, ["acceptance", "expired", "recalled", "declined", "declined"]);
        let told = (shop.told::<TransferDeclined>().await.len(), shop.told::<TransferRecalled>().await.len(), shop.told::<TransferExpired>().await.len());
        assert_eq!(told, (2, 1, 1));
        shop.holds().await;
    }

    async fn the_job_settles_what_nobody_looks_at(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "cooling_off_s": 3600})).await;
        shop.operator().transfer("t1", &gift(60)).await.expect(201);
        assert_eq!(noted(&shop).await, 4);
        shop.clock.advance_millis(3_600_000);
        let begun = std::time::Instant::now();
        while noted(&shop).await != 5 {
            assert!(begun.elapsed().as_secs() < 20, "the job never came");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(points_of(&shop, 2).await, 60);
        shop.holds().await;
    }

    async fn points_that_lapse_on_the_way_arrive_lapsed_and_are_written_off(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true, "waits_s": 2_592_000})).await;
        shop.days_later(360);
        shop.till().buy("k2", &basket("R2", 500_000)).await.expect(201);
        let id = shop.operator().transfer("t1", &gift(120)).await.expect(201)["transfer"]["transfer_id"].clone();
        shop.days_later(6);
        shop.operator().says(&id, "accept", None).await.expect(200);
        assert_eq!((points_of(&shop, 1).await, points_of(&shop, 2).await), (json!(30), json!(20)));
        let history = shop.operator().get(&format!("/v1/members/{}/history", member(2))).await.expect(200);
        let events: Vec<_> = history["items"].as_array().expect("items").iter().map(|e| (e["kind"].clone(), e["points"].clone())).collect();
        assert_eq!(events, [(json!("expiry"), json!(-100)), (json!("transfer_received"), json!(120))]);
        shop.holds().await;
    }

    async fn a_hand_over_takes_everything_under_the_same_policy(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "fee": {"percent": 25}})).await;
        let mut body = json!({"from": member(1).to_string(), "to": {"id": member(2).to_string()}, "dry_run": true});
        let over = async |body: &Value| shop.operator().send("POST", "/v1/hand-overs", &[("idempotency-key", "h1")], Some(body.to_string())).await;
        let rows = shop.rows().await;
        let quote = over(&body).await.expect(200);
        assert_eq!((&quote["transfer"]["kind"], &quote["transfer"]["points"], &quote["transfer"]["fee"]), (&json!("hand_over"), &json!(80), &json!(20)));
        assert_eq!(shop.rows().await, rows);
        body["dry_run"] = json!(false);
        over(&body).await.expect(201);
        assert_eq!((points_of(&shop, 1).await, points_of(&shop, 2).await), (json!(0), json!(80)));
        assert!(over(&body).await.replayed);
        body["to"] = json!({"phone": ZAHRA});
        over(&body).await.refused(422, "points.idempotency_key_reused");
        shop.holds().await;
    }

    async fn pages_of_transfers_follow_on(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone"})).await;
        for n in 0..5 {
            shop.operator().transfer(&format!("t{n}"), &gift(10 + n)).await.expect(201);
            if n == 2 {
                shop.days_later(1);
            }
        }
        let path = format!("/v1/members/{}/transfers", member(1));
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for more in [true, true, false] {
            let page = shop.operator().get(&format!("{path}?limit=2{cursor}")).await.expect(200);
            seen.extend(page["items"].as_array().expect("items").iter().map(|t| t["points"].as_i64().expect("points")));
            assert_eq!(page["has_more"], more);
            cursor = format!("&cursor={}", page["next_cursor"].as_str().unwrap_or_default());
        }
        assert_eq!(seen, [14, 13, 12, 11, 10]);
        shop.operator().get(&format!("{path}?limit=0")).await.refused(400, "points.limit_out_of_range");
        shop.operator().get(&format!("{path}?cursor=x")).await.refused(400, "points.cursor_invalid");
        shop.operator().get(&format!("/v1/members/{}/transfers", member(9))).await.refused(404, "points.member_unknown");
    }

    async fn an_agent_makes_it_with_a_reason_and_a_second_person_approves(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "agent_review_above": 50})).await;
        let mut body = gift(60);
        body["on_behalf"] = json!({"agent": "support-1", "reason": "lost her telephone"});
        let id = shop.operator().transfer("t1", &body).await.expect(201)["transfer"]["transfer_id"].clone();
        let own = shop.operator().says(&id, "approve", Some(json!({"reviewer": "support-1"}))).await;
        assert_eq!(own.refused(422, "points.second_person_needed")["pointer"], "/reviewer");
        let done = shop.operator().says(&id, "approve", Some(json!({"reviewer": "support-2"}))).await.expect(200);
        assert_eq!((&done["status"], &done["agent"], &done["reviewer"]), (&json!("completed"), &json!("support-1"), &json!("support-2")));
        let sent = shop.operator().get(&format!("/v1/members/{}/history", member(1))).await.expect(200);
        assert_eq!(sent["items"][0]["reason"], "lost her telephone");
        let got = shop.operator().get(&format!("/v1/members/{}/history", member(2))).await.expect(200);
        assert_eq!(got["items"][0]["reason"], Value::Null, "the sender's affairs are not the receiver's");
        let facts = shop.facts().await;
        let told = facts.iter().map(|fact| serde_json::to_string(fact).expect("a fact"));
        assert!(told.into_iter().all(|text| !text.contains("support") && !text.contains("telephone")), "no words of people in facts");
        shop.holds().await;
    }

    async fn points_that_come_back_pay_a_debt_that_came_up_meanwhile(shop: Shop) {
        let shop = rich(shop, json!({"to": "anyone", "acceptance": true})).await;
        let id = shop.operator().transfer("t1", &gift(60)).await.expect(201)["transfer"]["transfer_id"].clone();
        let back = json!({"purchase": {"till": "till-1", "receipt": "R1"}, "receipt": "B1", "occurred_at": START, "currency": "IRR"});
        let returned = shop.till().give_back("b1", &back).await.expect(201);
        assert_eq!((&returned["points_taken"], &returned["points_owed"]), (&json!(40), &json!(60)));
        shop.operator().transfer("t2", &gift(1)).await.refused(422, "points.transfer_sender_owes");
        shop.operator().says(&id, "decline", None).await.expect(200);
        let balance = shop.operator().balance(member(1)).await;
        assert_eq!((&balance["points"], &balance["debt"]), (&json!(0), &Value::Null));
        shop.holds().await;
    }
}
