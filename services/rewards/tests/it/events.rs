//! Events: seats that are never oversold, a waiting list that moves up in its order, tickets that are taken at the door (W7).

use std::sync::Arc;

use contracts::{
    membership::MemberErased,
    points::WhyRefused,
    rewards::{RedemptionCancelled, SeatAttended, SeatBooked, SeatEnded, SeatMissed, WhySeatEnded},
};
use serde_json::{Value, json};

use crate::house::{House, member, on_both};

pub const BOOKINGS: &str = "/v1/event-bookings";

/// An event in ten days, with these terms besides the usual ones.
pub async fn event(house: &House, more: Value) {
    house.opens("vanak", "tehran").await;
    house.offers("evening", json!({"kind": {"type": "event_seat", "event": "evening"}, "points": 100})).await;
    let mut terms = json!({
        "reward": "evening", "branch": "vanak", "starts_at": "2026-12-01T14:00:00Z", "ends_at": "2026-12-01T16:00:00Z",
        "seats": 2, "waiting": 3, "cancel_until": "2026-11-30T14:00:00Z", "decline_hours": 12, "free": true,
    });
    for (name, value) in more.as_object().expect("fields") {
        terms[name] = value.clone();
    }
    house.operator().put("/v1/events/evening", terms).await.expect(200);
}

pub async fn books(house: &House, who: u128) -> Value {
    house.member(who).keyed("book", BOOKINGS, json!({"event": "evening"})).await.expect(201)
}

async fn gives_back(house: &House, who: u128, seat: &Value) -> Value {
    let path = format!("{BOOKINGS}/{}/cancellation", seat["seat_id"].as_str().expect("an id"));
    house.member(who).post(&path, None).await.expect(200)
}

pub async fn seat(house: &House, who: u128) -> Value {
    let page =
        house.member(who).get(&format!("/v1/members/{}/event-bookings", member(who))).await.expect(200);
    page["bookings"][0].clone()
}

pub async fn becomes(house: &House, who: u128, state: &str) -> Value {
    house.until(state, || async { seat(house, who).await["state"] == state }).await;
    seat(house, who).await
}

/// A member's ticket, taken at the door.
pub async fn comes(house: &House, who: u128) {
    house.until("there is a ticket", || async { house.voucher(who).await["code"].is_string() }).await;
    let body = json!({"voucher": {"code": house.voucher(who).await["code"]}});
    house.till("vanak").keyed(&format!("door-{who}"), "/v1/voucher-uses", body).await.expect(201);
}

on_both! {
    async fn fifty_want_seven_seats_and_three_may_wait(house: House) {
        event(&house, json!({"seats": 7, "waiting": 3})).await;
        let house = Arc::new(house);
        let racing: Vec<_> = (1..=50).map(|who| {
            let house = Arc::clone(&house);
            tokio::spawn(async move { house.member(who).keyed("book", BOOKINGS, json!({"event": "evening"})).await })
        }).collect();
        let (mut booked, mut waiting) = (0, 0);
        for one in racing {
            let answer = one.await.expect("no panic");
            match answer.body["state"].as_str() {
                Some("booked") => booked += 1,
                Some("waiting") => waiting += 1,
                _ => drop(answer.refused(409, "rewards.out_of_stock")),
            }
        }
        assert_eq!((booked, waiting), (7, 3));
        let kept = house.operator().get("/v1/events/evening").await.expect(200);
        assert_eq!((&kept["taken"], &kept["waiting"]), (&json!(7), &json!(3)));
        house.holds().await;
    }

    async fn who_waits_moves_up_in_order_and_may_decline(house: House) {
        event(&house, json!({})).await;
        let (first, second) = (books(&house, 1).await, books(&house, 2).await);
        assert_eq!((&first["state"], &second["state"]), (&json!("booked"), &json!("booked")));
        let waits = [books(&house, 3).await, books(&house, 4).await, books(&house, 5).await];
        assert_eq!(waits.map(|one| (one["state"].clone(), one["before"].clone())), [0, 1, 2].map(|before| (json!("waiting"), json!(before))));
        let again = house.member(3).keyed("book", BOOKINGS, json!({"event": "evening"})).await.expect(200);
        assert_eq!(again["seat_id"], seat(&house, 3).await["seat_id"]);
        house.member(3).keyed("other", BOOKINGS, json!({"event": "evening"})).await.refused(409, "rewards.seat_had");
        house.member(6).keyed("book", BOOKINGS, json!({"event": "evening"})).await.refused(409, "rewards.out_of_stock");
        // The second one in the list leaves it, a seat becomes free, and the first one has it.
        let fourth = seat(&house, 4).await;
        assert_eq!(gives_back(&house, 4, &fourth).await["reason"], "cancelled");
        assert_eq!(gives_back(&house, 1, &first).await["state"], "ended");
        assert_eq!(gives_back(&house, 1, &first).await["state"], "ended");
        becomes(&house, 3, "booked").await;
        // It is too late to give a seat back that was booked at once, and not for one that was moved up to just now.
        house.wait_s(9 * 86_400 + 7 * 3_600);
        let path = format!("{BOOKINGS}/{}/cancellation", second["seat_id"].as_str().expect("an id"));
        house.member(2).post(&path, None).await.refused(409, "rewards.seat_fixed");
        house.hear("membership", &MemberErased { member_id: member(2), branch: None }).await;
        let fifth = becomes(&house, 5, "booked").await;
        assert_eq!(gives_back(&house, 5, &fifth).await["state"], "ended");
        let moved: Vec<bool> = house.told::<SeatBooked>().await.iter().map(|told| told.moved_up).collect();
        assert_eq!(moved, [false, false, true, true]);
        let why: Vec<WhySeatEnded> = house.told::<SeatEnded>().await.iter().map(|told| told.reason).collect();
        assert_eq!(why, [WhySeatEnded::Cancelled, WhySeatEnded::Cancelled, WhySeatEnded::MemberErased, WhySeatEnded::Cancelled]);
        house.holds().await;
    }

    async fn who_shows_the_ticket_attended_and_who_does_not_come_missed_it(house: House) {
        event(&house, json!({"waiting": 1})).await;
        for who in [1, 2, 3] {
            books(&house, who).await;
        }
        // Tickets come by a job, and time stands still only where the test holds it.
        for who in [1, 2] {
            house.until("there is a ticket", || async { house.voucher(who).await["code"].is_string() }).await;
        }
        house.wait_s(10 * 86_400 + 6 * 3_600);
        comes(&house, 1).await;
        assert_eq!(seat(&house, 1).await["state"], "attended");
        assert_eq!(house.told::<SeatAttended>().await.len(), 1);
        house.wait_s(2 * 3_600);
        becomes(&house, 2, "missed").await;
        assert_eq!(becomes(&house, 3, "ended").await["reason"], "event_over");
        assert_eq!((house.told::<SeatMissed>().await.len(), house.voucher(2).await["branches"].clone()), (1, json!(["vanak"])));
        let kept = house.operator().get("/v1/events").await.expect(200)["events"][0].clone();
        assert_eq!((&kept["attended"], &kept["missed"], &kept["waiting"]), (&json!(1), &json!(1), &json!(0)));
        house.member(4).keyed("book", BOOKINGS, json!({"event": "evening"})).await.refused(409, "rewards.not_offered");
        house.holds().await;
    }

    async fn a_seat_for_points_is_booked_when_they_are_redeemed_and_free_for_some(house: House) {
        event(&house, json!({"free": false, "free_tiers": ["gold"], "seats": 2})).await;
        // Everybody is of gold here, as the harness has it.
        assert_eq!(books(&house, 1).await["points"], 0);
        *house.standing.lock().expect("no panic") = Some(json!({"points": 500, "tier": "silver", "segments": []}));
        let seen = house.member(2).get(&format!("/v1/members/{}/events", member(2))).await.expect(200)["events"][0].clone();
        assert_eq!((&seen["points"], &seen["left"], seen.get("booking")), (&json!(100), &json!(1), None));
        let asked = house.member(2).keyed("book", BOOKINGS, json!({"event": "evening"})).await.expect(202);
        assert_eq!(books(&house, 3).await["state"], "waiting");
        house.refused(&asked["redemption_id"], WhyRefused::BalanceTooLow).await;
        house.member(2).keyed("book", BOOKINGS, json!({"event": "evening"})).await.refused(422, "rewards.balance_too_low");
        assert_eq!(seat(&house, 2).await["reason"], "not_paid");
        // Whoever waits is asked for their points by itself.
        let moved = becomes(&house, 3, "asked").await;
        house.held(&moved["redemption_id"]).await;
        house.captured(&moved["redemption_id"]).await;
        let booked = becomes(&house, 3, "booked").await;
        assert_eq!(booked["voucher_id"], house.voucher(3).await["voucher_id"]);
        let path = format!("{BOOKINGS}/{}/cancellation", booked["seat_id"].as_str().expect("an id"));
        // Given back, its points come back, and whoever waits has it.
        assert_eq!(books(&house, 5).await["state"], "waiting");
        for _ in 0..2 {
            assert_eq!(house.member(3).post(&path, None).await.expect(200)["reason"], "cancelled");
        }
        assert_eq!((house.told::<RedemptionCancelled>().await.len(), house.voucher(3).await["state"].clone()), (1, json!("cancelled")));
        let moved = becomes(&house, 5, "asked").await;
        house.held(&moved["redemption_id"]).await;
        house.captured(&moved["redemption_id"]).await;
        comes(&house, 5).await;
        assert_eq!(seat(&house, 5).await["state"], "attended");
        // It is booked, and not redeemed as other rewards are.
        house.member(4).keyed("k", "/v1/reward-redemptions", json!({"reward": "evening"})).await.refused(409, "rewards.not_offered");
        *house.standing.lock().expect("no panic") = None;
        house.member(4).keyed("k", BOOKINGS, json!({"event": "evening"})).await.refused(503, "rewards.points_silent");
        house.holds().await;
    }

    async fn each_mistake_in_an_event_is_named(house: House) {
        event(&house, json!({})).await;
        let kept = house.operator().get("/v1/events/evening").await.expect(200)["terms"].clone();
        let put = async |name: &str, value: Value| {
            let mut terms = kept.clone();
            terms[name] = value;
            house.operator().put("/v1/events/evening", terms).await
        };
        for (name, value) in [
            ("ends_at", json!("2026-12-01T14:00:00Z")), ("seats", json!(0)), ("waiting", json!(-1)), ("cancel_until", json!("2026-12-01T14:00:01Z")),
            ("decline_hours", json!(721)), ("free_tiers", json!(vec!["gold"; 201])),
        ] {
            assert_eq!(put(name, value).await.refused(422, "rewards.event_invalid")["pointer"], format!("/{name}"));
        }
        put("branch", json!("moon")).await.refused(422, "rewards.branch_unknown");
        put("reward", json!("coffee")).await.refused(404, "rewards.reward_unknown");
        for who in [1, 2] {
            books(&house, who).await;
        }
        assert_eq!(put("seats", json!(1)).await.refused(409, "rewards.seats_too_few")["taken"], 2);
        assert_eq!(put("seats", json!(2)).await.expect(200)["taken"], 2);
        house.operator().get("/v1/events/moon").await.refused(404, "rewards.event_unknown");
        house.member(1).keyed("k", BOOKINGS, json!({"event": "moon"})).await.refused(404, "rewards.event_unknown");
        let mine = seat(&house, 1).await;
        let path = format!("{BOOKINGS}/{}/cancellation", mine["seat_id"].as_str().expect("an id"));
        house.member(2).post(&path, None).await.refused(404, "rewards.seat_unknown");
        house.holds().await;
    }
}
