//! The chain writes its own words: what cannot be said is refused when it is saved, and nobody gets what nobody published.

use contracts::{
    FactData as _,
    points::{self, PointsEarned},
};
use kernel::{JournalId, Points};
use notifications::domain::channel::Channel;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    house::{House, Sender, member, on_both, text},
    world::Does,
};

const EARNED: &str = "/v1/message-templates/earned";

fn words(text: &str) -> Value {
    let both = |text: &str| json!({"title": "Thanks", "text": text});
    json!({"words": {"en": both(text), "fa": both("{ $points } امتیاز، { $name }"), "ar": both("{ $points } نقطة")}})
}

async fn writes(from: &Sender<'_>, text: &str) -> i64 {
    let written =
        from.send("PUT", &format!("{EARNED}/draft"), Some(words(text).to_string())).await.expect(200);
    written["version"].as_i64().expect("a number")
}

async fn publishes(from: &Sender<'_>, version: i64) {
    from.post(&format!("{EARNED}/publish"), json!({ "version": version })).await.expect(200);
}

async fn told(house: &House, journal: u128) {
    let fact = PointsEarned {
        member_id: member(1),
        journal_id: JournalId::from_uuid(Uuid::from_u128(journal)),
        points: Points::new(1_250),
        ..PointsEarned::sample()
    };
    let fact = PointsEarned { occurred_at: house.desk.clock.now(), ..fact };
    house.hear(&[house.fact(points::SOURCE, &fact)]).await;
    house.send().await;
}

on_both! {
    async fn what_is_published_is_said_and_a_draft_is_not(house: House) {
        let (sms, from) = (house.fleet.add("sms", Channel::Sms, true), house.operator());
        house.club.has(member(1), "en", "+989121234567");
        let first = writes(&from, "{ $name }: { $points } more, in all { $balance }.").await;
        told(&house, 1).await;
        assert!(sms.texts()[0].contains("1,250 points"), "what is built in: {:?}", sms.texts());
        publishes(&from, first).await;
        told(&house, 2).await;
        assert!(sms.texts()[1].starts_with("Zahra: 1,250 more, in all "), "{:?}", sms.texts());
        let second = writes(&from, "Only { $points }").await;
        assert!(second > first);
        told(&house, 3).await;
        assert!(sms.texts()[2].starts_with("Zahra: 1,250 more"));
        publishes(&from, second).await;
        // The same again is no mistake.
        publishes(&from, second).await;
        told(&house, 4).await;
        assert_eq!(sms.texts()[3], "Only 1,250");
        let shown = from.get(EARNED).await.expect(200);
        let states: Vec<&Value> = shown["versions"].as_array().expect("a list").iter().map(|one| &one["state"]).collect();
        assert_eq!((states, &shown["live_version"]), (vec![&json!("live"), &json!("former")], &json!(second)));
        from.send("DELETE", &format!("{EARNED}/live"), None).await.expect(204);
        told(&house, 5).await;
        assert!(sms.texts()[4].contains("1,250 points"), "{:?}", sms.texts());
        from.send("DELETE", &format!("{EARNED}/live"), None).await.refused(404, "notifications.template_unknown");
    }

    async fn what_cannot_be_said_is_refused_when_it_is_written(house: House) {
        let from = house.operator();
        let long = "long ".repeat(130);
        for (text, code) in [
            ("{ $tier } for you", "template_name_unknown"),
            ("{ $points", "template_unreadable"),
            ("{ joined-text }", "template_unreadable"),
            ("  ", "template_incomplete"),
            (&*"x".repeat(2_001), "template_too_long"),
            (&*long, "template_parts"),
        ] {
            let body = Some(words(text).to_string());
            let refused = from.send("PUT", &format!("{EARNED}/draft"), body).await.refused(422, &format!("notifications.{code}"));
            assert_eq!(refused["pointer"], "/words/en/text", "{refused}");
            let body = words(text);
            from.post(&format!("{EARNED}/preview"), body).await.refused(422, &format!("notifications.{code}"));
        }
        let two = json!({"words": {"en": {"title": "a", "text": "b"}, "fa": {"title": "a", "text": "b"}}});
        let refused = from.send("PUT", &format!("{EARNED}/draft"), Some(two.to_string())).await;
        assert_eq!(refused.refused(422, "notifications.template_incomplete")["pointer"], "/words/ar/text");
        let unknown = from.get("/v1/message-templates/gossip").await;
        unknown.refused(404, "notifications.template_unknown");
        from.send("DELETE", &format!("{EARNED}/draft"), None).await.refused(404, "notifications.template_unknown");
    }

    async fn only_what_somebody_looked_at_is_published(house: House) {
        let from = house.operator();
        let seen = writes(&from, "one { $points }").await;
        let newer = writes(&from, "two { $points }").await;
        let late = from.post(&format!("{EARNED}/publish"), json!({ "version": seen })).await;
        late.refused(409, "notifications.draft_changed");
        from.send("DELETE", &format!("{EARNED}/draft"), None).await.expect(204);
        let gone = from.post(&format!("{EARNED}/publish"), json!({ "version": newer })).await;
        gone.refused(409, "notifications.draft_changed");
    }

    async fn a_preview_shows_digits_dates_and_parts(house: House) {
        let from = house.operator();
        let shown = from.post(&format!("{EARNED}/preview"), json!({})).await.expect(200);
        let of = |language: &str| {
            let mut all = shown["previews"].as_array().expect("a list").iter();
            all.find(|one| one["language"] == language).expect("each language").clone()
        };
        let (fa, en) = (of("fa"), of("en"));
        assert!(text(&fa, "text").contains("۱٬۲۵۰") && text(&fa, "text").contains("۳۰ آبان ۱۴۰۵"), "{fa}");
        assert_eq!((&fa["alphabet"], &en["alphabet"], &en["parts"]), (&json!("ucs2"), &json!("gsm7"), &json!(1)));
        let kinds = from.get("/v1/message-templates").await.expect(200)["kinds"].clone();
        let kinds = kinds.as_array().expect("a list");
        let tier = kinds.iter().find(|one| one["kind"] == "tier_changed").expect("the kind");
        assert!(kinds.len() > 30 && tier["names"].to_string().contains("\"choices\":[\"up\",\"down\",\"none\"]"), "{tier}");
    }

    async fn words_are_tried_on_ones_own_people_and_once_for_each_key(house: House) {
        let (sms, from) = (house.fleet.add("sms", Channel::Sms, true), house.operator());
        house.club.has(member(1), "en", "+989121234567");
        let version = writes(&from, "{ $name } has { $points }").await;
        let body = |whose: u128| json!({"member_id": member(whose), "version": version});
        for _ in 0..2 {
            from.keyed("POST", &format!("{EARNED}/try"), "key-1", body(1)).await.expect(204);
        }
        assert_eq!(sms.texts(), ["Zahra has 1,250"]);
        let stranger = from.keyed("POST", &format!("{EARNED}/try"), "key-2", body(2)).await;
        stranger.refused(404, "notifications.member_unknown");
        sms.does(Does::Fails);
        let failed = from.keyed("POST", &format!("{EARNED}/try"), "key-3", body(1)).await;
        failed.refused(422, "notifications.member_unreachable");
        house.club.away(true);
        let away = from.keyed("POST", &format!("{EARNED}/try"), "key-4", body(1)).await;
        away.refused(503, "notifications.membership_silent");
        assert_eq!(house.differences().await, [""; 0]);
    }
}
