//! Messages: one for each fact and webhook, signed, tried until they are taken or three days are over.

use std::time::Duration;

use contracts::{
    FactData as _,
    membership::{IdentifierLinked, MemberJoined, SOURCE},
    points::PointsEarned,
};
use kernel::BranchCode;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use webhooks::commands::serve::{serve, take_turns};

use crate::{
    house::{EARNED, House, JOINED, on_both, text},
    receiver::{Receiver, Reply},
};

/// Everything that can come of a call but its being taken.
fn refusals(elsewhere: &Receiver) -> Vec<(Reply, &'static str, Option<u16>)> {
    vec![
        (Reply::Status(500), "refused", Some(500)),
        (Reply::Status(404), "refused", Some(404)),
        (Reply::Redirect(format!("http://hooks.example:{}/", elsewhere.port)), "refused", Some(307)),
        (Reply::Slow(Duration::from_secs(3)), "timed_out", None),
    ]
}

on_both! {
    async fn a_fact_is_told_once_to_each_webhook_that_wants_it_and_signed(house: House) {
        let receiver = Receiver::start().await;
        let (first, secret) = house.subscribed(&receiver).await;
        let body = json!({"url": receiver.url(), "kinds": [JOINED]});
        let second = house.operator().post("/v1/webhooks", body).await.expect(201);
        let bought = house.purchases(1).await;
        let joined = house.fact(SOURCE, &MemberJoined::sample());
        let linked = house.fact(SOURCE, &IdentifierLinked::sample());
        for _ in 0..3 {
            house.hear(&bought).await;
            house.hear(&[joined.clone(), linked.clone()]).await;
        }
        assert_eq!(house.send().await.taken, 3);
        assert_eq!(house.send().await.taken, 0, "what was taken is not sent again");
        let calls = receiver.calls();
        let told: Vec<String> = calls.iter().map(|call| text(&call.json(), "type")).collect();
        assert_eq!(told.iter().filter(|kind| *kind == EARNED).count(), 1, "{told:?}");
        assert_eq!(told.iter().filter(|kind| *kind == JOINED).count(), 2, "{told:?}");
        let earned = calls.iter().find(|call| call.body.contains(EARNED)).expect("it came");
        let data: serde_json::Value = serde_json::from_str(bought[0].data.get()).expect("JSON");
        let whole = json!({"type": EARNED, "timestamp": bought[0].time.to_string(), "data": data});
        assert_eq!(earned.json(), whole);
        assert_eq!(earned.sent_at.parse::<i64>().ok(), Some(house.desk.clock.now().micros() / 1_000_000));
        let message = house.messages(&first).await.into_iter().find(|one| one["kind"] == EARNED).expect("it is listed");
        assert_eq!(message["delivery_id"], earned.id.as_str());
        assert_eq!(message["fact_id"], bought[0].id.to_string());
        assert!(earned.is_signed_by(&secret) && !earned.is_signed_by(&text(&second, "secret")));
        let ids: std::collections::BTreeSet<&String> = calls.iter().map(|call| &call.id).collect();
        assert_eq!(ids.len(), 3, "each message has an id of its own");
        assert_eq!(house.differences().await, Vec::<String>::new());
    }

    async fn a_filter_of_branches_and_a_switched_off_webhook_are_told_nothing_else(house: House) {
        let receiver = Receiver::start().await;
        let body = json!({"url": receiver.url(), "kinds": [EARNED, JOINED], "branches": ["tajrish"]});
        let made = house.operator().post("/v1/webhooks", body.clone()).await.expect(201);
        house.purchases(2).await;
        let mut sample = PointsEarned::sample();
        sample.branch = BranchCode::parse("tajrish").expect("a code");
        house.hear(&[house.fact(contracts::points::SOURCE, &sample)]).await;
        assert_eq!(house.send().await.taken, 1);
        let path = format!("/v1/webhooks/{}", text(&made["webhook"], "webhook_id"));
        let mut off = body;
        off["on"] = false.into();
        assert_eq!(house.operator().put(&path, off.clone()).await.expect(200)["state"], "off");
        house.hear(&[house.fact(contracts::points::SOURCE, &sample)]).await;
        off["on"] = true.into();
        house.operator().put(&path, off).await.expect(200);
        assert_eq!(house.send().await.taken, 0, "what came meanwhile was not kept");
        house.operator().delete(&path).await.expect(204);
        house.operator().get(&path).await.refused(404, "webhooks.webhook_unknown");
    }

    async fn what_fails_is_tried_for_three_days_under_one_id_and_then_a_dead_letter(house: House) {
        let (receiver, elsewhere) = (Receiver::start().await, Receiver::start().await);
        let (webhook, secret) = house.subscribed(&receiver).await;
        house.purchases(1).await;
        for (reply, outcome, status) in refusals(&elsewhere) {
            receiver.answers(&[reply]);
            house.wait_s(6 * 3_600 + 5_000);
            assert_eq!(house.send().await.failed, 1, "{outcome}");
            let message = &house.messages(&webhook).await[0];
            assert_eq!((&message["last_outcome"], &message["state"]), (&json!(outcome), &json!("waiting")));
            assert_eq!(message["last_status"].as_u64(), status.map(u64::from));
        }
        receiver.answers(&[Reply::Status(500)]);
        let mut rounds = 0;
        while house.messages(&webhook).await[0]["state"] == "waiting" {
            rounds += 1;
            assert!(rounds < 200, "it is given up");
            house.wait_s(3_600);
            house.send().await;
        }
        assert!(elsewhere.calls().is_empty(), "redirects are not followed");
        let calls = receiver.calls();
        assert!((8..20).contains(&calls.len()), "{} attempts", calls.len());
        assert!(calls.iter().all(|call| call.id == calls[0].id && call.is_signed_by(&secret)));
        let message = &house.messages(&webhook).await[0];
        assert_eq!((&message["state"], message["next_at"].is_null()), (&json!("dead"), true));
        let path = format!("/v1/webhooks/{webhook}/deliveries/{}", calls[0].id);
        let detail = house.operator().get(&path).await.expect(200);
        assert_eq!(detail["attempts"].as_array().map(Vec::len), Some(calls.len()));
        assert_eq!(detail["attempts"][3]["outcome"], "timed_out");

        receiver.answers(&[Reply::Status(200)]);
        house.operator().post_nothing(&format!("{path}/replay")).await.expect(202);
        assert_eq!(house.send().await.taken, 1);
        assert_eq!(receiver.calls().last().map(|call| call.id.clone()), Some(calls[0].id.clone()));
        house.operator().post_nothing(&format!("{path}/replay")).await.refused(409, "webhooks.delivery_not_dead");
        assert_eq!(house.differences().await, Vec::<String>::new());
    }

    async fn an_answer_without_end_is_taken_by_its_status(house: House) {
        let receiver = Receiver::start().await;
        house.subscribed(&receiver).await;
        receiver.answers(&[Reply::Endless]);
        house.purchases(1).await;
        let served = tokio::time::timeout(Duration::from_secs(5), house.send()).await.expect("in bounded time");
        assert_eq!(served.taken, 1);
    }

    async fn a_busy_receiver_is_left_alone_as_long_as_it_asks(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, _) = house.subscribed(&receiver).await;
        house.purchases(1).await;
        for (status, after, wait) in [(429, "600", 600), (503, "Sat, 21 Nov 2026 08:40:00 GMT", 1_800)] {
            receiver.answers(&[Reply::Busy(status, after), Reply::Status(200)]);
            let before = receiver.calls().len();
            assert_eq!(house.send().await.failed, 1);
            house.wait_s(wait - 1);
            assert_eq!(house.send().await, webhooks::commands::serve::Served::default(), "{status}");
            assert!(house.webhook(&webhook).await["paused_until"].is_string());
            house.wait_s(1);
            assert_eq!(receiver.calls().len(), before + 1);
        }
        assert_eq!(house.send().await.taken, 1);
        assert!(house.webhook(&webhook).await["paused_until"].is_null(), "it does well again");
    }

    async fn a_receiver_that_is_gone_is_sent_nothing_more_until_it_is_switched_on(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, _) = house.subscribed(&receiver).await;
        receiver.answers(&[Reply::Status(410)]);
        house.purchases(1).await;
        assert_eq!(house.send().await.dead, 1);
        assert_eq!(house.webhook(&webhook).await["state"], "ended");
        house.purchases(1).await;
        house.send().await;
        assert_eq!(receiver.calls().len(), 1);
        let path = format!("/v1/webhooks/{webhook}");
        for step in ["ping", "replay"] {
            let body = json!({"since": "2026-11-21T00:00:00Z"});
            let refused = house.operator().send("POST", &format!("{path}/{step}"), Some(body.to_string())).await;
            refused.refused(409, "webhooks.webhook_ended");
        }
        receiver.answers(&[Reply::Status(204)]);
        let on = json!({"url": receiver.url(), "kinds": [EARNED], "on": true});
        assert_eq!(house.operator().put(&path, on).await.expect(200)["state"], "active");
        let all = json!({"since": "2026-11-21T00:00:00Z"});
        let again = house.operator().post(&format!("{path}/replay"), all).await.expect(202);
        assert_eq!(again, json!({"replayed": 1, "has_more": false}));
        assert_eq!(house.send().await.taken, 1);
    }

    async fn a_receiver_that_fails_for_long_is_asked_by_one_message_a_pause(house: House) {
        let (broken, well) = (Receiver::start().await, Receiver::start().await);
        let (webhook, _) = house.subscribed(&broken).await;
        house.subscribed(&well).await;
        broken.answers(&[Reply::Status(500)]);
        house.purchases(50).await;
        let served = house.send().await;
        assert_eq!(served.taken, 50, "others get theirs at once");
        let first = broken.calls().len();
        assert!((10..=14).contains(&first), "ten, and those under way with the tenth: {first}");
        for _ in 0..5 {
            house.wait_s(1_800);
            house.send().await;
        }
        assert_eq!(broken.calls().len(), first + 5);
        assert!(house.webhook(&webhook).await["failures"].as_u64() >= Some(15));
        broken.answers(&[Reply::Status(200)]);
        house.operator().post_nothing(&format!("/v1/webhooks/{webhook}/ping")).await.expect(202);
        let mut taken = 0;
        for _ in 0..20 {
            taken += house.send().await.taken;
            house.wait_s(3_600);
        }
        assert_eq!(taken, 51, "all of it, once it does well");
    }

    async fn a_slow_receiver_holds_up_nobody_else(house: House) {
        let (slow, quick) = (Receiver::start().await, Receiver::start().await);
        house.subscribed(&slow).await;
        slow.answers(&[Reply::Slow(Duration::from_secs(30))]);
        house.purchases(8).await;
        let turns = take_turns(&house.desk, 16).await.expect("turns");
        let desk = house.desk.clone();
        let (turn, stop) = (turns.into_iter().next().expect("one"), CancellationToken::new());
        let (held, asked) = (stop.clone(), tokio::time::Instant::now());
        let waiting = tokio::spawn(async move { serve(&desk, turn, &held).await });
        slow.came().await;
        house.subscribed(&quick).await;
        house.purchases(8).await;
        assert_eq!(house.send().await.taken, 8);
        assert!(asked.elapsed() < Duration::from_millis(900), "before the slow one had its second");
        stop.cancel();
        let served = waiting.await.expect("no panic").expect("served");
        assert!(served.failed <= 4, "what was under way ends, and no more begins: {served:?}");
    }

    async fn a_process_that_dies_between_call_and_record_sends_the_same_message_again(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, secret) = house.subscribed(&receiver).await;
        receiver.answers(&[Reply::Slow(Duration::from_millis(500)), Reply::Status(204)]);
        house.purchases(1).await;
        let turn = take_turns(&house.desk, 1).await.expect("turns").remove(0);
        let stop = CancellationToken::new();
        tokio::select! {
            _ = serve(&house.desk, turn, &stop) => panic!("it dies before the answer"),
            () = receiver.came() => {}
        }
        assert_eq!(house.send().await.taken, 0, "the dead process holds its turn");
        house.wait_s(61);
        assert_eq!(house.send().await.taken, 1);
        let calls = receiver.calls();
        assert_eq!((calls.len(), &calls[0].id, &calls[0].body), (2, &calls[1].id, &calls[1].body));
        assert!(calls.iter().all(|call| call.is_signed_by(&secret)));
        assert_eq!(house.messages(&webhook).await[0]["attempts"], 1, "what nobody wrote down is not counted");
    }

    async fn five_test_messages_a_minute_go_the_usual_way(house: House) {
        let receiver = Receiver::start().await;
        let (webhook, secret) = house.subscribed(&receiver).await;
        let path = format!("/v1/webhooks/{webhook}/ping");
        for _ in 0..5 {
            house.operator().post_nothing(&path).await.expect(202);
        }
        house.operator().post_nothing(&path).await.refused(429, "webhooks.pings_too_many");
        assert_eq!(house.send().await.taken, 5);
        let ping = receiver.calls().remove(0);
        assert!(ping.is_signed_by(&secret));
        assert_eq!(ping.json()["type"], "vafa.webhooks.ping.v1");
        assert_eq!(ping.json()["data"], json!({"webhook_id": webhook}));
        assert!(house.messages(&webhook).await[0]["fact_id"].is_null());
        house.wait_s(61);
        house.operator().post_nothing(&path).await.expect(202);
    }
}
