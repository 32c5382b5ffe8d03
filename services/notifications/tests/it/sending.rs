//! Messages go once, in their member's language, by whoever works; what may have gone is never hidden.

use std::time::Duration;

use contracts::{
    FactData,
    points::{self, PointsEarned, TierChanged},
};
use kernel::{JournalId, MemberId, Points, Timestamp};
use notifications::{
    commands::send::{send, take},
    domain::{channel::Channel, trigger::Lane},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    house::{House, member, on_both, text},
    world::{Does, Fake},
};

fn earned(whose: MemberId, number: u128) -> PointsEarned {
    PointsEarned {
        member_id: whose,
        journal_id: JournalId::from_uuid(Uuid::from_u128(number)),
        points: Points::new(1_250),
        balance: Points::new(4_000),
        amount: 125_000_000,
        occurred_at: Timestamp::parse(crate::house::START).expect("a time"),
        ..PointsEarned::sample()
    }
}

pub async fn buys(house: &House, whose: MemberId, number: u128) {
    house.hear(&[house.fact(points::SOURCE, &earned(whose, number))]).await;
}

/// How the newest message to a member stands, and the standings of its attempts, by their names.
async fn stands(house: &House, whose: MemberId) -> (String, Vec<String>) {
    let messages = house.messages(whose).await;
    let attempts = messages[0]["attempts"].as_array().expect("a list").iter();
    let mut standings: Vec<String> = attempts.map(|one| text(one, "standing")).collect();
    // Attempts of one moment have no order.
    standings.sort();
    (text(&messages[0], "state"), standings)
}

on_both! {
    async fn a_purchase_is_told_in_the_language_of_its_member(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        for (number, language) in [(1, "fa"), (2, "ar"), (3, "en")] {
            house.club.has(member(number), language, "+989121234567");
            buys(&house, member(number), number).await;
            house.send().await;
        }
        let texts = sms.texts();
        assert!(texts[0].contains("۱٬۲۵۰ امتیاز") && texts[0].contains("۳۰ آبان ۱۴۰۵") && texts[0].contains("۱٬۲۵۰٬۰۰۰ ریال"), "{}", texts[0]);
        assert!(texts[1].contains("١٬٢٥٠") && texts[2].contains("1,250 points") && texts[2].contains("21 November 2026"), "{texts:?}");
        let log = &house.messages(member(1)).await[0];
        let attempt = &log["attempts"][0];
        assert_eq!((&log["state"], &attempt["standing"], &attempt["channel"], &attempt["provider"]), (&json!("sent"), &json!("taken"), &json!("sms"), &json!("sms")));
        // What it said, and to whom it went, is nowhere.
        assert!(!log.to_string().contains("+989121234567") && !log.to_string().contains("آبان"));
        let costs = house.operator().get("/v1/message-costs").await.expect(200);
        let parts: u64 = texts.iter().map(|text| notifications::domain::sms::size(text).parts as u64).sum();
        let expected = json!([{"provider": "sms", "day": "2026-11-21", "messages": 3, "parts": parts, "cost": parts * 1_500}]);
        assert_eq!(costs["costs"], expected);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn whoever_works_carries_it_and_a_failure_waits(house: House) {
        let (first, second) = (house.fleet.add("first", Channel::Sms, true), house.fleet.add("second", Channel::Sms, true));
        house.club.has(member(1), "fa", "+989121234567");
        first.does(Does::Fails);
        buys(&house, member(1), 1).await;
        assert_eq!(house.send().await.sent, 1);
        assert_eq!((first.texts().len(), second.texts().len()), (0, 1));
        assert_eq!(stands(&house, member(1)).await, ("sent".to_owned(), vec!["failed".to_owned(), "taken".to_owned()]));
        // Nobody works: it waits, longer each time, and goes when somebody does.
        second.does(Does::Fails);
        buys(&house, member(1), 2).await;
        assert_eq!((house.send().await.waiting, house.send().await.waiting), (1, 0));
        house.wait_s(2);
        assert_eq!((house.send().await.waiting, house.send().await.waiting), (1, 0));
        house.wait_s(4);
        first.does(Does::Takes);
        assert_eq!(house.send().await.sent, 1);
        assert_eq!(first.texts().len(), 1);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn what_nobody_takes_becomes_a_dead_letter_and_is_sent_again(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", "+989121234567");
        sms.does(Does::Fails);
        buys(&house, member(1), 1).await;
        let mut dead = 0;
        for _ in 0..80 {
            dead += house.send().await.dead;
            house.wait_s(30 * 60);
        }
        assert_eq!((dead, stands(&house, member(1)).await.0.as_str()), (1, "dead"));
        let letters = house.operator().get("/v1/dead-messages").await.expect(200);
        let id = text(&letters["messages"][0], "message_id");
        assert_eq!(letters["messages"].as_array().expect("a list").len(), 1);
        sms.does(Does::Takes);
        house.operator().post_nothing(&format!("/v1/dead-messages/{id}/replay")).await.expect(204);
        assert_eq!((house.send().await.sent, sms.texts().len()), (1, 1));
        house.operator().post_nothing(&format!("/v1/dead-messages/{id}/replay")).await.refused(404, "notifications.dead_letter_unknown");
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn what_cannot_be_known_goes_twice_at_most_and_is_counted(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        house.club.has(member(1), "fa", "+989121234567");
        sms.does(Does::Swallows);
        buys(&house, member(1), 1).await;
        for _ in 0..5 {
            house.send().await;
            house.wait_s(10);
        }
        assert_eq!(sms.texts().len(), 2);
        assert_eq!(stands(&house, member(1)).await, ("sent".to_owned(), vec!["uncertain".to_owned(); 2]));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn who_dies_between_call_and_record_is_settled_by_the_next_one(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "fa", "+989121234567");
        buys(&house, member(1), 1).await;
        dies(&house, &sms).await;
        assert_eq!(house.send().await.sent, 0, "it is still the other's");
        house.wait_s(121);
        assert_eq!(house.send().await.sent, 1);
        let ids = sms.ids();
        assert!(ids.len() == 2 && ids[0] == ids[1], "the same id again: {ids:?}");
        assert_eq!(stands(&house, member(1)).await, ("sent".to_owned(), vec!["taken".to_owned()]));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn a_provider_that_knows_no_repetition_may_have_it_twice(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, false);
        house.club.has(member(1), "fa", "+989121234567");
        buys(&house, member(1), 1).await;
        dies(&house, &sms).await;
        house.wait_s(121);
        assert_eq!(house.send().await.sent, 1);
        let ids = sms.ids();
        assert!(ids.len() == 2 && ids[0] != ids[1], "{ids:?}");
        assert_eq!(stands(&house, member(1)).await, ("sent".to_owned(), vec!["taken".to_owned(), "uncertain".to_owned()]));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn at_night_waits_what_nobody_waits_for(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", "+989121234567");
        // 23:00 in Tehran.
        house.wait_s(11 * 60 * 60);
        let tier = TierChanged { member_id: member(1), ..TierChanged::sample() };
        house.hear(&[house.fact(points::SOURCE, &tier)]).await;
        buys(&house, member(1), 1).await;
        let sent = house.send().await;
        assert_eq!((sent.sent, sent.waiting), (1, 1));
        assert!(sms.texts()[0].contains("earned"), "the receipt comes at once");
        house.wait_s(9 * 60 * 60 - 1);
        assert_eq!(house.send().await.sent, 0);
        house.wait_s(1);
        assert_eq!(house.send().await.sent, 1);
    }

    async fn who_cannot_be_reached_is_not_tried_and_who_is_gone_leaves_nothing(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.says(member(1), json!({"language": "fa", "consents": []}));
        buys(&house, member(1), 1).await;
        buys(&house, member(2), 2).await;
        assert_eq!(house.send().await.dropped, 1);
        let log = house.messages(member(1)).await;
        assert_eq!((&log[0]["state"], &log[0]["why"]), (&json!("dropped"), &json!("unreachable")));
        assert_eq!(house.messages(member(2)).await, Vec::<Value>::new());
        house.club.has(member(3), "fa", "+989120000000");
        sms.does(Does::RefusesAddress);
        buys(&house, member(3), 3).await;
        assert_eq!(house.send().await.dropped, 1, "nobody is at this phone");
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn while_membership_is_away_messages_wait_and_none_is_lost(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "fa", "+989121234567");
        house.club.away(true);
        buys(&house, member(1), 1).await;
        assert_eq!((house.send().await.waiting, sms.texts().len()), (1, 0));
        house.club.away(false);
        house.wait_s(2);
        assert_eq!((house.send().await.sent, sms.texts().len()), (1, 1));
        assert_eq!(house.messages(member(1)).await[0]["failures"], 0, "that was no failure of a provider");
    }
}

/// A process that takes what is due, and dies when the provider has it and nobody has heard of it.
async fn dies(house: &House, provider: &Fake) {
    provider.does(Does::TakesAndHangs);
    let batch = take(&house.desk, Lane::Told).await.expect("a batch");
    let desk = house.desk.clone();
    let process = tokio::spawn(async move { send(&desk, batch).await });
    while provider.texts().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    process.abort();
    assert!(process.await.expect_err("it died").is_cancelled());
    provider.does(Does::Takes);
}
