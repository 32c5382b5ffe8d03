//! Receipts: what providers say later of messages that they took.

use axum::http::Method;
use notifications::{
    commands::{ask_receipts::ask_receipts, note_receipt::note_receipts},
    domain::{
        channel::Channel,
        sending::{Notice, Receipt},
    },
};
use serde_json::{Value, json};
use web::Caller;

use crate::{
    house::{Answer, House, member, on_both, text},
    sending::buys,
    world::Does,
};

const DOOR: &str = "/v1/receipts/sms?key=right";

async fn says(house: &House, reference: &str, status: &str) -> Answer {
    house.calling(Caller::Anonymous).post(DOOR, json!({"reference": reference, "status": status})).await
}

async fn attempts(house: &House) -> Vec<Value> {
    house.messages(member(1)).await[0]["attempts"].as_array().expect("a list").clone()
}

on_both! {
    async fn what_became_of_a_message_stands_in_the_log_and_nothing_goes_back(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        house.club.has(member(1), "fa", "+989121234567");
        buys(&house, member(1), 1).await;
        house.send().await;
        let reference = sms.ids()[0].to_string();
        for (status, standing) in [
            ("underway", "taken"),
            ("delivered", "delivered"),
            ("delivered", "delivered"),
            ("underway", "delivered"),
            ("failed", "delivered"),
            ("read", "read"),
            ("delivered", "read"),
        ] {
            house.wait_s(60);
            says(&house, &reference, status).await.expect(204);
            let attempt = &attempts(&house).await[0];
            assert_eq!(text(attempt, "standing"), standing, "{status}");
            if status == "read" {
                assert_eq!(text(attempt, "noted_at"), "2026-11-21T08:36:00Z");
            }
        }
        assert_eq!(attempts(&house).await[0]["noted_at"], "2026-11-21T08:36:00Z");
        assert_eq!(house.differences().await, [""; 0]);

        buys(&house, member(1), 2).await;
        house.send().await;
        says(&house, &sms.ids()[1].to_string(), "failed").await.expect(204);
        let attempt = &attempts(&house).await[0];
        assert_eq!((text(attempt, "standing"), text(attempt, "why")), ("failed".to_owned(), "not_delivered".to_owned()));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn nobody_is_believed_without_the_secret_and_what_is_unknown_changes_nothing(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        house.fleet.add("other", Channel::Sms, false);
        house.club.has(member(1), "fa", "+989121234567");
        buys(&house, member(1), 1).await;
        house.send().await;
        let reference = sms.ids()[0].to_string();
        let body = json!({"reference": reference, "status": "delivered"});
        let anybody = || house.calling(Caller::Anonymous);
        for path in ["/v1/receipts/sms", "/v1/receipts/sms?key=wrong", "/v1/receipts/nobody?key=right"] {
            anybody().post(path, body.clone()).await.refused(404, "notifications.receipt_door_unknown");
            anybody().get(path).await.refused(404, "notifications.receipt_door_unknown");
        }
        anybody().post(DOOR, json!({"status": "delivered"})).await.refused(422, "notifications.receipt_unreadable");
        anybody().send(Method::POST.as_str(), DOOR, Some("x".repeat(300_000))).await.refused(413, "web.body_too_large");
        // One of a message that is not known, and one by another provider.
        says(&house, "of-somebody-else", "delivered").await.expect(204);
        anybody().post("/v1/receipts/other?key=right", body).await.expect(204);
        assert_eq!(text(&attempts(&house).await[0], "standing"), "taken");
        anybody().get(&format!("{DOOR}&reference={reference}&status=delivered")).await.expect(204);
        assert_eq!(text(&attempts(&house).await[0], "standing"), "delivered");
    }

    async fn a_receipt_that_is_faster_than_the_answer_stays(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        house.club.has(member(1), "fa", "+989121234567");
        for (number, does, early, standing, more) in [
            (1, Does::Takes, Receipt::Delivered, "delivered", 1),
            (2, Does::Takes, Receipt::Underway, "taken", 1),
            (3, Does::Swallows, Receipt::Delivered, "delivered", 1),
        ] {
            house.wait_s(1);
            sms.does(does);
            let gate = sms.holds();
            buys(&house, member(1), number).await;
            let sending = house.send();
            let telling = async {
                let id = gate.reached().await;
                let notice = Notice { attempt: Some(id), reference: Some(format!("r{number}")), receipt: early };
                let new = note_receipts(&house.desk, "sms", std::slice::from_ref(&notice)).await.expect("noted");
                assert_eq!(new, usize::from(early == Receipt::Delivered));
                assert_eq!(note_receipts(&house.desk, "sms", &[notice]).await.expect("noted"), 0);
                sms.goes_on();
            };
            tokio::join!(sending, telling);
            let attempts = attempts(&house).await;
            assert_eq!((attempts.len(), text(&attempts[0], "standing")), (more, standing.to_owned()), "{number}");
        }
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn what_could_not_be_known_is_known_by_its_receipt(house: House) {
        let (first, second) = (house.fleet.add("first", Channel::Sms, false), house.fleet.add("second", Channel::Sms, false));
        house.club.has(member(1), "fa", "+989121234567");
        first.does(Does::Swallows);
        buys(&house, member(1), 1).await;
        house.send().await;
        assert_eq!((first.ids().len(), second.ids().len()), (1, 1));
        let notice = Notice { attempt: Some(first.ids()[0]), reference: None, receipt: Receipt::Delivered };
        assert_eq!(note_receipts(&house.desk, "first", &[notice]).await.expect("noted"), 1);
        let mut standings: Vec<String> = attempts(&house).await.iter().map(|one| text(one, "standing")).collect();
        standings.sort();
        assert_eq!(standings, ["delivered", "taken"]);
        // It went twice, and that is said, and no difference.
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn who_says_nothing_is_asked_and_less_often_as_time_goes(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        let deaf = house.fleet.add("deaf", Channel::Email, false);
        house.club.has(member(1), "fa", "+989121234567");
        for number in 1..=3 {
            buys(&house, member(1), number).await;
        }
        house.send().await;
        let ids: Vec<String> = sms.ids().iter().map(ToString::to_string).collect();
        sms.asked.lock().expect("no panic").1.push(ids[1].clone());
        let mut new = 0;
        for _ in 0..(60 * 8) {
            new += ask_receipts(&house.desk).await.expect("asked");
            house.wait_s(60);
        }
        assert_eq!(new, 1);
        // Three, then those that did not arrive, four times in eight hours.
        assert_eq!(sms.asked.lock().expect("no panic").0, [3, 2, 2, 2, 2]);
        assert!(deaf.asked.lock().expect("no panic").0.is_empty());
        let mut standings: Vec<String> =
            house.messages(member(1)).await.iter().map(|one| text(&one["attempts"][0], "standing")).collect();
        standings.sort();
        assert_eq!(standings, ["delivered", "taken", "taken"]);
    }
}
