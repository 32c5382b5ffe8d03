//! Members say what they want to hear, and what they do not want does not come.

use contracts::{
    FactData as _,
    membership::{self, MemberErased, MembersMerged},
    points::{self, PointsEarned, TierChanged},
};
use kernel::{JournalId, MemberId, SessionId};
use notifications::{
    adapters::opt_outs::OptOut,
    domain::{channel::Channel, trigger::Topic},
};
use serde_json::{Value, json};
use uuid::Uuid;
use web::Caller;

use crate::house::{House, Sender, member, on_both};

fn path(whose: MemberId) -> String {
    format!("/v1/members/{whose}/message-preferences")
}

fn wants(topic: &str, channel: &str, wanted: bool) -> Value {
    json!({"preferences": [{"topic": topic, "channel": channel, "wanted": wanted}]})
}

fn themselves(member: MemberId) -> Caller {
    let session = SessionId::from_uuid(Uuid::from_u128(1));
    Caller::Member { member, session, confirmed: true, stepped_up_until: None }
}

async fn says(from: &Sender<'_>, whose: MemberId, body: Value) -> Value {
    from.send("PUT", &path(whose), Some(body.to_string())).await.expect(200)
}

fn of<'a>(view: &'a Value, topic: &str, channel: &str) -> &'a Value {
    let mut all = view["preferences"].as_array().expect("a list").iter();
    all.find(|one| one["topic"] == topic && one["channel"] == channel).expect("every pair")
}

async fn buys(house: &House, whose: MemberId, journal: u128) {
    let journal_id = JournalId::from_uuid(Uuid::from_u128(journal));
    let now = house.desk.clock.now();
    let fact = PointsEarned { member_id: whose, journal_id, occurred_at: now, ..PointsEarned::sample() };
    house.hear(&[house.fact(points::SOURCE, &fact)]).await;
    house.send().await;
}

on_both! {
    async fn what_a_member_does_not_want_does_not_come_and_the_rest_does(house: House) {
        let (sms, whose) = (house.fleet.add("sms", Channel::Sms, true), member(1));
        house.club.has(whose, "en", "+989121234567");
        let themselves = house.calling(themselves(whose));
        assert_eq!(of(&themselves.get(&path(whose)).await.expect(200), "points", "sms")["wanted"], true);
        let said = says(&themselves, whose, wants("points", "sms", false)).await;
        assert_eq!((&of(&said, "points", "sms")["wanted"], &of(&said, "points", "sms")["said_by"]), (&json!(false), &json!("member")));
        says(&themselves, whose, wants("points", "inbox", false)).await;
        buys(&house, whose, 1).await;
        let log = house.messages(whose).await;
        assert_eq!((&log[0]["state"], &log[0]["why"]), (&json!("dropped"), &json!("not_wanted")));
        let tier = TierChanged { member_id: whose, ..TierChanged::sample() };
        house.hear(&[house.fact(points::SOURCE, &tier)]).await;
        house.send().await;
        assert_eq!(sms.texts().len(), 1, "another topic: {:?}", sms.texts());
        says(&house.operator(), whose, wants("points", "sms", true)).await;
        buys(&house, whose, 2).await;
        assert_eq!(sms.texts().len(), 2);
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn safety_is_no_choice_and_nonsense_is_refused(house: House) {
        let operator = house.operator();
        for (body, pointer) in [
            (wants("security", "sms", false), "/preferences/0/topic"),
            (wants("gossip", "sms", false), "/preferences/0/topic"),
            (wants("points", "hook", false), "/preferences/0/channel"),
            (json!({"preferences": []}), "/preferences"),
        ] {
            let refused = operator.send("PUT", &path(member(1)), Some(body.to_string())).await;
            assert_eq!(refused.refused(422, "notifications.preference_invalid")["pointer"], pointer);
        }
        let view = operator.get(&path(member(1))).await.expect(200);
        assert_eq!(of(&view, "security", "sms")["is_a_choice"], false);
        let other = house.calling(themselves(member(2)));
        assert_eq!(other.get(&path(member(1))).await.status, 403);
    }

    async fn one_click_in_a_letter_ends_what_it_is_about(house: House) {
        let (mail, whose) = (house.fleet.add("mail", Channel::Email, true), member(1));
        house.club.says(whose, json!({"language": "fa", "name": "Zahra", "email": "z@example.org", "consents": ["offers"]}));
        let about = OptOut { member: whose, topic: Topic::Offers, channel: Channel::Email };
        let link = format!("/v1/message-opt-outs/{}", house.desk.opt_outs.token(about).expect("a word"));
        let anybody = house.calling(Caller::Anonymous).speaking("fa");
        // Whoever only looks changes nothing.
        let page = anybody.get(&link).await;
        assert!(page.status == 200 && page.text.contains("dir=\"rtl\"") && page.text.contains("<form method=\"post\">"), "{}", page.text);
        assert_eq!(of(&house.operator().get(&path(whose)).await.expect(200), "offers", "email")["wanted"], true);
        for _ in 0..2 {
            let done = anybody.post_nothing(&link).await;
            assert!(done.status == 200 && done.text.contains("انجام شد"), "{}", done.text);
        }
        let view = house.operator().get(&path(whose)).await.expect(200);
        assert_eq!((&of(&view, "offers", "email")["wanted"], &of(&view, "offers", "email")["said_by"]), (&json!(false), &json!("link")));
        assert_eq!(of(&view, "points", "email")["wanted"], true);
        let forged = format!("{}A", &link[..link.len() - 1]);
        assert!(anybody.post_nothing(&forged).await.status == 404 || link.ends_with('A'));
        assert!(mail.texts().is_empty());
    }

    async fn wishes_go_where_their_member_goes(house: House) {
        let (stays, goes) = (member(1), member(2));
        let operator = house.operator();
        says(&operator, stays, wants("points", "sms", true)).await;
        says(&operator, goes, wants("points", "sms", false)).await;
        says(&operator, goes, wants("offers", "email", false)).await;
        let merged = MembersMerged { survivor: stays, absorbed: goes, ..MembersMerged::sample() };
        house.hear(&[house.fact(membership::SOURCE, &merged)]).await;
        let view = operator.get(&path(stays)).await.expect(200);
        assert_eq!((&of(&view, "points", "sms")["wanted"], &of(&view, "offers", "email")["wanted"]), (&json!(true), &json!(false)));
        // What the other one says from now on is said by the one who stays.
        says(&operator, goes, wants("events", "push", false)).await;
        assert_eq!(of(&operator.get(&path(stays)).await.expect(200), "events", "push")["wanted"], false);
        house.hear(&[house.fact(membership::SOURCE, &MemberErased { member_id: stays, ..MemberErased::sample() })]).await;
        assert!(of(&operator.get(&path(stays)).await.expect(200), "offers", "email")["said_by"].is_null());
        let gone = operator.send("PUT", &path(stays), Some(wants("points", "sms", false).to_string())).await;
        gone.refused(404, "notifications.member_unknown");
    }
}
