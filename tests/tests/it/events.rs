//! Members book seats at an event, wait for one, move up, and come (W7).

use std::time::{Duration, Instant};

use journeys::{Goods, Operator, SignedIn, Stage, Till, alone_in_both_shapes, fresh, programme};
use kernel::Timestamp;
use serde_json::{Value, json};
use vafa::client::Call;

use crate::redemptions::audit_is_clean;

alone_in_both_shapes!(&[];
    a_seat_is_booked_waited_for_and_attended,
);

async fn becomes(me: &SignedIn, state: &str) -> Value {
    let begun = Instant::now();
    loop {
        let booking = me.get(me.own("/event-bookings")).await.ok()["bookings"][0].clone();
        if booking["state"] == state && (state != "booked" || booking["voucher_id"].is_string()) {
            return booking;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{state}: {booking}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn book() -> Call {
    Call::post("/v1/event-bookings").idempotency_key(&fresh("key")).json(&json!({"event": "evening"}))
}

/// An evening in an hour, free and with one seat; what was written down.
async fn evening(operator: &Operator, branch: &str) -> Value {
    let evening = json!({
        "name": {"fa": "شب قهوه", "ar": "أمسية القهوة", "en": "An evening"}, "kind": {"type": "event_seat", "event": "evening"},
        "points": 100, "voucher_days": 1,
    });
    let _ = operator.put("/v1/rewards/evening", &evening).await.ok();
    let schedule = json!({"live_from": "2020-01-01T00:00:00Z"});
    let _ = operator.put("/v1/rewards/evening/schedule", &schedule).await.ok();
    let now: Timestamp = journeys::now();
    let terms = json!({
        "reward": "evening", "branch": branch, "starts_at": now.plus_millis(3_600_000), "ends_at": now.plus_millis(7_200_000),
        "seats": 1, "waiting": 2, "free": true,
    });
    // Rewards hears of the branch in a moment.
    let begun = Instant::now();
    while operator.put("/v1/events/evening", &terms).await.status() != 200 {
        assert!(begun.elapsed() < Duration::from_secs(30), "{terms}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    terms
}

async fn a_seat_is_booked_waited_for_and_attended(stage: Stage) {
    let operator = stage.as_operator();
    let mut document = programme(&[]);
    document["actions"] = json!([{
        "code": "came", "name": {"fa": "حضور", "ar": "حضور", "en": "Coming"}, "on": {"action": "event-attended"},
        "give": {"fixed": {"points": 40}},
    }]);
    operator.make_live(&document).await;
    let till = operator.open_shop().await;
    let mut people = Vec::new();
    for _ in 0..4 {
        let (phone, member) = till.welcome().await;
        let _ = till.sell(&Goods::by_phone(&phone, 250_000)).await.created();
        people.push((stage.sign_in(&phone, 1).await, member));
    }
    let terms = evening(&operator, &till.branch.code).await;

    let (first, second, third) = (&people[0].0, &people[1].0, &people[2].0);
    assert_eq!(first.get(first.own("/events")).await.ok()["events"][0]["left"], 1);
    assert_eq!(first.send(book()).await.created()["state"], "booked");
    assert_eq!(second.send(book()).await.created()["before"], 0);
    assert_eq!(third.send(book()).await.created()["before"], 1);
    let seat = becomes(first, "booked").await;
    let place = format!("/v1/event-bookings/{}/cancellation", seat["seat_id"].as_str().unwrap());
    assert_eq!(first.send(Call::post(place)).await.ok()["state"], "ended");
    let _ = becomes(second, "booked").await;
    assert_eq!(third.get(third.own("/event-bookings")).await.ok()["bookings"][0]["before"], 0);

    // From now on it costs points: whoever moves up keeps what they were let in for, and who comes new pays.
    let mut paid = terms.clone();
    (paid["free"], paid["seats"]) = (json!(false), json!(3));
    let _ = operator.put("/v1/events/evening", &paid).await.ok();
    let _ = becomes(third, "booked").await;
    let answer = first.send(book()).await;
    assert!([201, 202].contains(&answer.status()), "{}", answer.text());
    let booked = becomes(first, "booked").await;
    assert_eq!(booked["points"], 100);
    let balance = till.get(format!("/v1/members/{}/balance", people[0].1)).await.ok();
    assert_eq!(balance["points"], 150);

    // The ticket is taken at the door, and coming is worth points.
    let found = first.get(first.own("/vouchers")).await.ok()["vouchers"][0].clone();
    assert_eq!(found["voucher_id"], booked["voucher_id"]);
    let used = Call::post("/v1/voucher-uses").idempotency_key(&fresh("key"));
    let _ = till.send(used.json(&json!({"voucher": {"code": found["code"]}}))).await.created();
    let _ = becomes(first, "attended").await;
    let begun = Instant::now();
    while till.get(format!("/v1/members/{}/balance", people[0].1)).await.ok()["points"] != 190 {
        assert!(begun.elapsed() < Duration::from_secs(30), "nothing for coming");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    it_is_called_off(&operator, &till, (&paid, &people)).await;
    audit_is_clean(&stage).await;
}

/// Whoever has a seat loses it and gets its points back; who came stays.
async fn it_is_called_off(
    operator: &Operator,
    till: &Till,
    (terms, people): (&Value, &[(SignedIn, String)]),
) {
    let [(first, _), (second, _), (third, _), (fourth, member)] = people else { panic!("four of them") };
    let mut larger = terms.clone();
    larger["seats"] = json!(4);
    let _ = operator.put("/v1/events/evening", &larger).await.ok();
    let answer = fourth.send(book()).await;
    assert!([201, 202].contains(&answer.status()), "{}", answer.text());
    assert_eq!(becomes(fourth, "booked").await["points"], 100);
    let called =
        Call::post("/v1/events/evening/cancellation").json(&json!({"reason": "The barista is ill."}));
    assert!(operator.send(called).await.ok()["cancelled_at"].is_string());
    for who in [second, third, fourth] {
        assert_eq!(becomes(who, "ended").await["reason"], "event_cancelled");
    }
    let begun = Instant::now();
    while till.get(format!("/v1/members/{member}/balance")).await.ok()["points"] != 250 {
        assert!(begun.elapsed() < Duration::from_secs(30), "the points do not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let _ = becomes(first, "attended").await;
    assert_eq!(first.get(first.own("/events")).await.ok()["events"], json!([]));
}
