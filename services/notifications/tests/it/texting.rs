//! What members text to the club: known words are answered, STOP is obeyed, the rest waits for people; each text once.

use contracts::{
    FactData as _,
    membership::{self, MemberErased},
};
use notifications::domain::channel::Channel;
use serde_json::{Value, json};
use web::Caller;

use crate::{
    house::{House, member, on_both, text},
    world::Does,
};

const PHONE: &str = "+989121234567";
const PATH: &str = "/v1/texts-to-the-club/a-door-that-nobody-guesses-1";

async fn texts(house: &House, id: &str, said: &str) -> Value {
    let body = json!({"from": "989121234567", "text": said, "id": id});
    house.calling(Caller::Anonymous).post(PATH, body).await.expect(200)
}

on_both! {
    async fn words_are_answered_in_the_language_of_the_member(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "fa", PHONE);
        house.club.bought(json!({"balance": 4_870, "purchases": [
            {"occurred_at": "2026-11-20T08:30:00Z", "amount": 125_000_000, "points": 1_250},
            {"occurred_at": "2026-11-19T08:30:00Z", "amount": 50_000_000, "points": 500},
        ]}));
        for (number, (said, asked, answer)) in [
            ("امتياز", "balance", "۴٬۸۷۰ امتیاز"),
            ("خرید", "purchases", "۲۹ آبان ۱۴۰۵ ۱٬۲۵۰٬۰۰۰ ریال؛ ۲۸ آبان ۱۴۰۵ ۵۰۰٬۰۰۰ ریال"),
            ("كمك", "help", "«مانده»"),
        ].into_iter().enumerate() {
            let id = format!("mo-{number}");
            // The same text again is the same text.
            for _ in 0..2 {
                assert_eq!(texts(&house, &id, said).await["asked"], asked);
            }
            assert_eq!(sms.texts().len(), number + 1, "{:?}", sms.texts());
            assert!(sms.texts()[number].contains(answer), "{}", sms.texts()[number]);
        }
        let log = house.messages(member(1)).await;
        assert!(log.iter().all(|one| one["kind"] == "text_answer") && !json!(log).to_string().contains("آبان"));
        assert_eq!(house.differences().await, [""; 0]);
    }

    async fn stop_is_obeyed_and_start_turns_it_back(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", PHONE);
        let path = format!("/v1/members/{}/message-preferences", member(1));
        let wanted = |view: Value, topic: &str| {
            let mut all = view["preferences"].as_array().expect("a list").clone().into_iter();
            all.find(|one| one["topic"] == topic && one["channel"] == "sms").expect("the pair")
        };
        texts(&house, "1", "STOP").await;
        for topic in ["account", "points", "rewards", "events", "offers"] {
            let said = wanted(house.operator().get(&path).await.expect(200), topic);
            assert_eq!((&said["wanted"], &said["said_by"]), (&json!(false), &json!("text")), "{topic}");
        }
        assert!(sms.texts()[0].contains("no more text messages"), "{:?}", sms.texts());
        texts(&house, "2", "شروع").await;
        assert_eq!(wanted(house.operator().get(&path).await.expect(200), "points")["wanted"], true);
        assert!(sms.texts()[1].contains("again"));
    }

    async fn many_texts_are_not_answered_and_stop_is_obeyed_all_the_same(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", PHONE);
        for number in 0..12 {
            texts(&house, &format!("n{number}"), "help").await;
        }
        assert_eq!(sms.texts().len(), 10);
        texts(&house, "last", "stop").await;
        assert_eq!(sms.texts().len(), 10);
        let view = house.operator().get(&format!("/v1/members/{}/message-preferences", member(1))).await.expect(200);
        assert!(view.to_string().contains("\"said_by\":\"text\""));
        house.wait_s(25 * 3_600);
        texts(&house, "tomorrow", "help").await;
        assert_eq!(sms.texts().len(), 11);
    }

    async fn a_stranger_joins_by_a_first_name_or_is_told_how(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        texts(&house, "1", "balance").await;
        assert!(sms.texts()[0].contains("نام کوچکتان"), "the chain's language: {:?}", sms.texts());
        house.club.joining(json!({"joining": "confirm", "code": "042719"}));
        texts(&house, "2", "زهرا").await;
        assert!(sms.texts()[1].contains("042719"), "{:?}", sms.texts());
        // Who joins hears of it as everybody who joins.
        house.club.joining(json!({"joining": "welcome"}));
        texts(&house, "3", "زهرا 042719").await;
        assert_eq!(sms.texts().len(), 2);
        let joins = house.club.joins();
        assert!(joins.len() == 2 && joins[0]["text"] == "زهرا" && joins[0]["message_id"] != joins[1]["message_id"], "{joins:?}");
    }

    async fn what_nobody_knows_waits_for_people_who_answer_it(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", PHONE);
        for _ in 0..2 {
            texts(&house, "1", "Where is my parcel?").await;
        }
        texts(&house, "2", "Hello??").await;
        assert_eq!(sms.texts().len(), 1, "thanked once: {:?}", sms.texts());
        let waiting = house.operator().get("/v1/unknown-texts").await.expect(200);
        let first = &waiting["texts"][0];
        assert_eq!((&first["text"], &first["phone"], &first["member_id"]), (&json!("Where is my parcel?"), &json!("…4567"), &json!(member(1))));
        let path = format!("/v1/unknown-texts/{}", text(first, "text_id"));
        let body = json!({"text": "At the branch.", "language": "en"});
        house.operator().keyed("POST", &format!("{path}/answer"), "k0", json!({"text": " ", "language": "en"})).await.refused(422, "notifications.answer_invalid");
        sms.does(Does::Fails);
        house.operator().keyed("POST", &format!("{path}/answer"), "k1", body.clone()).await.refused(422, "notifications.member_unreachable");
        sms.does(Does::Takes);
        for _ in 0..2 {
            house.operator().keyed("POST", &format!("{path}/answer"), "k2", body.clone()).await.expect(204);
        }
        assert_eq!(sms.texts().last().map(String::as_str), Some("At the branch."));
        house.operator().post_nothing(&format!("{path}/close")).await.refused(404, "notifications.unknown_text_closed");
        assert_eq!(house.operator().get("/v1/unknown-texts").await.expect(200)["texts"].as_array().map(Vec::len), Some(1));
        house.hear(&[house.fact(membership::SOURCE, &MemberErased { member_id: member(1), ..MemberErased::sample() })]).await;
        assert_eq!(house.operator().get("/v1/unknown-texts").await.expect(200)["texts"].as_array().map(Vec::len), Some(0));
    }

    async fn a_text_that_broke_off_is_heard_when_it_comes_again(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", PHONE);
        house.club.away(true);
        let anybody = house.calling(Caller::Anonymous);
        let body = json!({"from": PHONE, "text": "help", "id": "1"});
        anybody.post(PATH, body).await.refused(503, "notifications.membership_silent");
        house.club.away(false);
        texts(&house, "1", "help").await;
        assert_eq!(sms.texts().len(), 1);
    }

    async fn texts_come_as_forms_and_addresses_and_through_known_doors_alone(house: House) {
        let sms = house.fleet.add("sms", Channel::Sms, true);
        house.club.has(member(1), "en", PHONE);
        let anybody = house.calling(Caller::Anonymous);
        let form = anybody.form(PATH, "from=%2B989121234567&text=help&id=f1").await.expect(200);
        assert_eq!(form["asked"], "help");
        anybody.get(&format!("{PATH}?from=989121234567&text=%D9%84%D8%BA%D9%88&id=g1")).await.expect(200);
        assert!(sms.texts()[1].contains("no more text messages"));
        let other = PATH.replace("-1", "-2");
        anybody.post(&other, json!({"from": PHONE, "text": "help", "id": "1"})).await.refused(404, "notifications.door_unknown");
        anybody.post(PATH, json!({"from": PHONE, "text": "help"})).await.refused(422, "notifications.text_unreadable");
        anybody.post(PATH, json!({"from": "abc", "text": "help", "id": "2"})).await.refused(422, "notifications.sender_invalid");
        assert_eq!(anybody.form(PATH, "").await.refused(422, "notifications.text_unreadable")["status"], 422);
    }
}
