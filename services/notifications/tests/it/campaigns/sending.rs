//! Campaigns go once, at their pace, and are held and stopped.

use std::collections::BTreeSet;

use notifications::{commands::campaigns::walk::walk, domain::trigger::Lane};
use serde_json::{Value, json};

use super::{arm, list, peopled, post, put, read, schedule, terms, with};
use crate::house::{House, member, on_both};

fn listed() -> Value {
    terms(&json!({"type": "list"}), "{ $name }, coffee is on us.")
}

fn counted(view: &Value) -> (i64, i64, i64) {
    let of = |name: &str| view[name].as_i64().expect("a number");
    (of("seen"), of("held_out"), of("queued"))
}

on_both! {
    async fn a_list_gets_it_once_each_by_its_name(house: House) {
        let sms = peopled(&house, 5);
        put(&house, "coffee", &listed()).await;
        assert_eq!(list(&house, "coffee", 4).await, json!({"added": 4, "listed": 4}));
        assert_eq!(list(&house, "coffee", 5).await, json!({"added": 1, "listed": 5}));
        // Nothing goes before it is scheduled.
        assert_eq!((house.walk().await, house.send_lane(Lane::Campaign).await.sent), (0, 0));
        assert_eq!(schedule(&house, "coffee").await["stage"], "scheduled");
        house.walk().await;
        assert_eq!(house.send_lane(Lane::Campaign).await.sent, 5);
        house.wait_s(10);
        house.walk().await;
        house.wait_s(10);
        house.walk().await;
        assert_eq!(house.send_lane(Lane::Campaign).await.sent, 0);
        let texts: BTreeSet<String> = sms.texts().into_iter().collect();
        assert_eq!(texts, (1..=5).map(|number| format!("M{number}, coffee is on us.")).collect());
        let view = read(&house, "coffee").await;
        assert_eq!((view["stage"].as_str(), counted(&view)), (Some("done"), (5, 0, 5)));
        assert_eq!(house.messages(member(1)).await[0]["kind"], "campaign");
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn the_usual_respects_are_paid(house: House) {
        let sms = peopled(&house, 3);
        house.club.says(member(2), json!({"language": "en", "phone": "+989120000002", "consents": []}));
        put(&house, "coffee", &listed()).await;
        put(&house, "tea", &listed()).await;
        list(&house, "coffee", 3).await;
        list(&house, "tea", 3).await;
        schedule(&house, "coffee").await;
        house.walk().await;
        let sent = house.send_lane(Lane::Campaign).await;
        assert_eq!((sent.sent, sent.dropped, sms.texts().len()), (2, 1, 2));
        // Nobody here has an inbox, and to the phone it takes a consent. Another one on the same day is too much.
        schedule(&house, "tea").await;
        house.walk().await;
        house.send_lane(Lane::Campaign).await;
        assert_eq!(arm(&house, "tea", "first").await["dropped"], json!({"unreachable": 1, "too_much": 2}));
        assert_eq!(arm(&house, "coffee", "first").await["dropped"], json!({"unreachable": 1}));
    }

    async fn a_segment_is_walked_page_by_page_at_its_pace(house: House) {
        let sms = peopled(&house, 25);
        house.club.segment("regulars", (1..=25).map(member));
        let pace = json!({"per_minute": 60});
        put(&house, "coffee", &with(terms(&json!({"type": "segment", "segment": "regulars"}), "Come!"), &pace)).await;
        let preview = house.operator().get("/v1/campaigns/coffee/audience").await.expect(200);
        assert_eq!(preview, json!({"members": 25, "control": 0, "first": 25, "second": 0}));
        schedule(&house, "coffee").await;
        // Five at once, five seconds apart, and not sooner.
        for (waited, queued) in [(0, 5), (4, 5), (1, 10), (5, 15), (5, 20), (5, 25), (5, 25)] {
            house.wait_s(waited);
            house.walk().await;
            assert_eq!(counted(&read(&house, "coffee").await), (queued, 0, queued));
        }
        assert_eq!(house.send_lane(Lane::Campaign).await.sent, 25);
        assert_eq!(sms.texts().len(), 25);
        house.wait_s(5);
        house.walk().await;
        assert_eq!(read(&house, "coffee").await["stage"], "done");
    }

    async fn two_who_walk_at_once_and_one_who_died_queue_everybody_once(house: House) {
        peopled(&house, 60);
        house.club.segment("regulars", (1..=60).map(member));
        let pace = json!({"per_minute": 120});
        put(&house, "coffee", &with(terms(&json!({"type": "segment", "segment": "regulars"}), "Come!"), &pace)).await;
        schedule(&house, "coffee").await;
        // Who takes a page and dies before the commit leaves it to others, when their time with it is over.
        drop(tokio::time::timeout(std::time::Duration::from_millis(1), walk(&house.desk)).await);
        for _ in 0..20 {
            house.wait_s(31);
            let (one, other) = tokio::join!(walk(&house.desk), walk(&house.desk));
            assert!(one.is_ok() && other.is_ok(), "{one:?} {other:?}");
        }
        assert_eq!(counted(&read(&house, "coffee").await), (60, 0, 60));
        let queue = house.operator().get("/v1/message-queue").await.expect(200);
        assert_eq!(queue["lanes"][2]["waiting"], 60);
        assert_eq!(arm(&house, "coffee", "first").await["members"], 60);
    }

    async fn points_that_is_away_is_asked_again(house: House) {
        peopled(&house, 3);
        put(&house, "all", &terms(&json!({"type": "everybody"}), "Come!")).await;
        schedule(&house, "all").await;
        house.club.away(true);
        assert_eq!(house.walk().await, 1);
        house.operator().get("/v1/campaigns/all/audience").await.refused(503, "notifications.points_silent");
        house.club.away(false);
        assert_eq!(house.walk().await, 0);
        house.wait_s(2);
        house.walk().await;
        assert_eq!(counted(&read(&house, "all").await), (3, 0, 3));
    }

    async fn what_is_held_waits_and_goes_on_and_what_is_stopped_does_not_go(house: House) {
        let sms = peopled(&house, 10);
        put(&house, "coffee", &with(listed(), &json!({"per_minute": 24}))).await;
        list(&house, "coffee", 10).await;
        schedule(&house, "coffee").await;
        house.walk().await;
        assert_eq!(post(&house, "coffee/pause").await["stage"], "paused");
        assert_eq!(post(&house, "coffee/pause").await["stage"], "paused");
        // Neither what is queued goes, nor is anything more queued.
        house.wait_s(60);
        house.walk().await;
        let sent = house.send_lane(Lane::Campaign).await;
        assert_eq!((sent.sent, sent.waiting), (0, 2));
        assert_eq!(counted(&read(&house, "coffee").await), (2, 0, 2));
        post(&house, "coffee/resume").await;
        house.walk().await;
        house.wait_s(300);
        assert_eq!((house.send_lane(Lane::Campaign).await.sent, sms.texts().len()), (4, 4));
        house.walk().await;
        assert_eq!(post(&house, "coffee/stop").await["stage"], "stopped");
        house.wait_s(60);
        house.walk().await;
        let sent = house.send_lane(Lane::Campaign).await;
        assert_eq!((sent.sent, sent.dropped, sms.texts().len()), (0, 2, 4));
        assert_eq!(arm(&house, "coffee", "first").await["dropped"], json!({"stopped": 2}));
        house.operator().post_nothing("/v1/campaigns/coffee/resume").await.refused(409, "notifications.campaign_not_now");
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn nothing_is_queued_at_night_and_nothing_after_its_end(house: House) {
        peopled(&house, 3);
        // Twelve hours after the beginning of the tests it is midnight.
        put(&house, "late", &listed()).await;
        list(&house, "late", 3).await;
        house.wait_s(12 * 60 * 60);
        schedule(&house, "late").await;
        house.walk().await;
        assert_eq!(counted(&read(&house, "late").await), (0, 0, 0));
        house.wait_s(8 * 60 * 60);
        house.walk().await;
        assert_eq!(house.send_lane(Lane::Campaign).await.sent, 3);
        put(&house, "short", &with(listed(), &json!({"until": "2026-11-22T06:00:00Z", "per_minute": 12}))).await;
        list(&house, "short", 3).await;
        schedule(&house, "short").await;
        house.walk().await;
        house.wait_s(2 * 60 * 60);
        house.walk().await;
        assert_eq!(house.send_lane(Lane::Campaign).await.dropped, 1);
        house.wait_s(5);
        house.walk().await;
        let view = read(&house, "short").await;
        assert_eq!((view["stage"].as_str(), counted(&view)), (Some("done"), (1, 0, 1)));
    }
}
