//! Events that the chain calls off, and draws that it cancels before they close: nobody gets in any more, and everybody gets back what it cost.

use contracts::rewards::{RedemptionCancelled, SeatEnded, WhoCancelled, WhySeatEnded};
use serde_json::{Value, json};
use web::Caller;

use crate::{
    draws::{DRAW, buys, gives, publishes, tickets},
    events::{BOOKINGS, becomes, books, comes, event, seat},
    house::{House, member, on_both},
};

const CALLED_OFF: &str = "/v1/events/evening/cancellation";
const CANCELLED: &str = "/v1/draws/new-year/cancellation";

fn why() -> Value {
    json!({"reason": "The barista is ill."})
}

/// Waits until nobody has a seat, or waits for one, but those who came.
async fn is_empty(house: &House, came: i64) {
    let left = || async {
        let kept = house.operator().get("/v1/events/evening").await.expect(200);
        (kept["taken"].clone(), kept["waiting"].clone()) == (json!(came), json!(0))
    };
    house.until("nobody is left", left).await;
}

/// A seat for points that are redeemed.
async fn pays(house: &House, who: u128) -> Value {
    let asked = house.member(who).keyed("book", BOOKINGS, json!({"event": "evening"})).await.expect(202);
    house.held(&asked["redemption_id"]).await;
    house.captured(&asked["redemption_id"]).await;
    becomes(house, who, "booked").await
}

on_both! {
    async fn an_event_that_is_called_off_gives_everything_back(house: House) {
        event(&house, json!({"free": false, "free_tiers": ["gold"], "seats": 4, "waiting": 2})).await;
        // Everybody is of gold here, as the harness has it.
        books(&house, 1).await;
        *house.standing.lock().expect("no panic") = Some(json!({"points": 500, "tier": "silver", "segments": []}));
        let paid = pays(&house, 2).await;
        pays(&house, 3).await;
        let asked = house.member(4).keyed("book", BOOKINGS, json!({"event": "evening"})).await.expect(202);
        assert_eq!(books(&house, 5).await["state"], "waiting");
        house.until("there is a ticket", || async { house.voucher(1).await["code"].is_string() }).await;
        // The third one is there early.
        comes(&house, 3).await;

        house.operator().post(CALLED_OFF, Some(json!({"reason": " "}))).await.refused(422, "rewards.reason_missing");
        house.operator().post("/v1/events/moon/cancellation", Some(why())).await.refused(404, "rewards.event_unknown");
        let called = house.operator().post(CALLED_OFF, Some(why())).await.expect(200);
        assert_eq!((&called["cancelled_by"], &called["cancelled_for"]), (&json!("operator"), &json!("The barista is ill.")));
        house.member(6).keyed("book", BOOKINGS, json!({"event": "evening"})).await.refused(409, "rewards.not_offered");
        for who in [1, 2, 5] {
            assert_eq!(becomes(&house, who, "ended").await["reason"], "event_cancelled", "{who}");
        }
        // What was on its way comes, and goes back.
        assert_eq!(seat(&house, 4).await["state"], "asked");
        house.held(&asked["redemption_id"]).await;
        house.captured(&asked["redemption_id"]).await;
        assert_eq!(becomes(&house, 4, "ended").await["reason"], "event_cancelled");
        is_empty(&house, 1).await;
        assert_eq!(seat(&house, 3).await["state"], "attended");
        let back: Vec<_> = house.told::<RedemptionCancelled>().await.into_iter().map(|told| (told.member_id, told.points.count(), told.by)).collect();
        assert_eq!(back, [(member(2), 100, WhoCancelled::Chain), (member(4), 100, WhoCancelled::Chain)]);
        let ended = house.told::<SeatEnded>().await;
        assert!(ended.len() == 4 && ended.iter().all(|told| told.reason == WhySeatEnded::EventCancelled), "{ended:?}");
        for who in [1, 2, 4] {
            assert_eq!(house.voucher(who).await["state"], "cancelled", "{who}");
        }
        let redemption = house.redemption(&paid["redemption_id"]).await;
        assert_eq!(redemption["state"], "cancelled");

        // Once more changes nothing, and it cannot come back.
        let again = house.operator().post(CALLED_OFF, Some(json!({"reason": "Another one."}))).await.expect(200);
        assert_eq!(again["cancelled_for"], "The barista is ill.");
        let mut terms = called["terms"].clone();
        terms["seats"] = json!(9);
        house.operator().put("/v1/events/evening", terms).await.refused(409, "rewards.event_over");
        let seen = house.member(7).get(&format!("/v1/members/{}/events", member(7))).await.expect(200);
        assert_eq!(seen["events"], json!([]));
        house.holds().await;
    }

    async fn what_is_over_is_not_called_off(house: House) {
        event(&house, json!({})).await;
        books(&house, 1).await;
        house.until("there is a ticket", || async { house.voucher(1).await["code"].is_string() }).await;
        house.wait_s(10 * 86_400 + 8 * 3_600);
        house.operator().post(CALLED_OFF, Some(why())).await.refused(409, "rewards.event_over");
        becomes(&house, 1, "missed").await;
        house.holds().await;
    }

    async fn a_large_event_is_called_off_in_many_rounds(house: House) {
        event(&house, json!({"seats": 120, "waiting": 130})).await;
        for who in 1..=240 {
            books(&house, who).await;
        }
        house.operator().post(CALLED_OFF, Some(why())).await.expect(200);
        is_empty(&house, 0).await;
        let ended = house.told::<SeatEnded>().await;
        assert!(ended.len() == 240 && ended.iter().all(|told| told.reason == WhySeatEnded::EventCancelled));
        house.holds().await;
    }

    async fn a_draw_is_cancelled_before_it_closes_and_its_points_come_back(house: House) {
        let published = publishes(&house, json!({"by_purchase": {"minimum": 1_000, "tickets": 1}})).await;
        house.offers("ticket", json!({"kind": {"type": "draw_ticket", "draw": "new-year", "tickets": 3}})).await;
        house.stocks("ticket", None, 5).await;
        house.redeemed(1, "k1", "ticket").await;
        let pending = house.asked(2, "k1", "ticket").await;
        let inside = "2026-11-22T08:00:00Z";
        buys(&house, 3, 1, 1_500, inside).await;
        house.operator().post(CANCELLED, Some(json!({"reason": ""}))).await.refused(422, "rewards.reason_missing");
        house.operator().post("/v1/draws/moon/cancellation", Some(why())).await.refused(404, "rewards.draw_unknown");
        let cancelled = house.operator().post(CANCELLED, Some(why())).await.expect(200);
        assert_eq!((&cancelled["state"], &cancelled["commitment"]), (&json!("cancelled"), &published["commitment"]));
        // Nothing comes in any more.
        house.member(4).keyed("k1", "/v1/reward-redemptions", json!({"reward": "ticket"})).await.refused(409, "rewards.draw_not_open");
        buys(&house, 3, 2, 1_500, inside).await;
        let by_hand = json!({"member": {"id": member(5)}, "tickets": 1, "reason": "invited"});
        house.operator().keyed("g5", &format!("{DRAW}/tickets"), by_hand).await.refused(409, "rewards.draw_not_open");
        // What was paid comes back, and what was on its way when it is there.
        house.until("the first has no tickets", || async { tickets(&house, 1).await == 0 }).await;
        house.held(&pending).await;
        house.captured(&pending).await;
        house.until("the second has none", || async { tickets(&house, 2).await == 0 }).await;
        let back: Vec<_> = house.told::<RedemptionCancelled>().await.into_iter().map(|told| (told.member_id, told.by)).collect();
        assert_eq!(back, [(member(1), WhoCancelled::Chain), (member(2), WhoCancelled::Chain)]);
        assert_eq!(house.left("ticket").await, 5);
        let refunded = || async { house.operator().get(DRAW).await.expect(200)["history"][0]["deed"] == "refunded" };
        house.until("all is given back", refunded).await;

        // The record stays, whatever time passes; nobody is drawn.
        house.wait_s(8 * 86_400);
        house.operator().post(CANCELLED, Some(json!({"reason": "Another one."}))).await.expect(200);
        house.operator().put(&format!("{DRAW}/entropy"), json!({"value": "5b7c"})).await.refused(409, "rewards.draw_not_closed");
        let record = house.calling(Caller::Anonymous).get(&format!("{DRAW}/record")).await.expect(200);
        assert_eq!((&record["state"], &record["cancelled_for"]), (&json!("cancelled"), &json!("The barista is ill.")));
        assert_eq!((&record["commitment"], record.get("seed"), &record["winners"]), (&published["commitment"], None, &json!([])));
        let seen = house.member(3).get(&format!("/v1/members/{}/draws", member(3))).await.expect(200);
        assert_eq!((&seen["draws"][0]["state"], &seen["draws"][0]["tickets"]), (&json!("cancelled"), &json!(1)));
        house.holds().await;
    }

    async fn nobody_cancels_a_draw_whose_outcome_may_be_known(house: House) {
        house.operator().put(DRAW, crate::draws::terms(json!({}))).await.expect(200);
        house.operator().post(CANCELLED, Some(why())).await.refused(404, "rewards.draw_unknown");
        house.operator().post(&format!("{DRAW}/publication"), None).await.expect(200);
        gives(&house, 1, 1).await;
        // Its time is over, and its list still waits for what is on its way.
        house.wait_s(7 * 86_400);
        assert_eq!(house.operator().get(DRAW).await.expect(200)["state"], "published");
        house.operator().post(CANCELLED, Some(why())).await.refused(409, "rewards.draw_over");
        house.wait_s(900);
        let closed = || async { house.operator().get(DRAW).await.expect(200)["state"] == "closed" };
        house.until("the list is closed", closed).await;
        house.operator().post(CANCELLED, Some(why())).await.refused(409, "rewards.draw_over");
        house.holds().await;
    }
}
