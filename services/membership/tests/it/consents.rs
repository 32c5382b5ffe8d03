//! Consents: each apart, to the words that were shown, withdrawn as easily as given, and never forgotten (J9).

use contracts::membership::{ConsentChannel, ConsentGiven, ConsentWithdrawn};
use futures_util::future::join_all;
use kernel::{MemberId, SessionId};
use serde_json::{Value, json};

use crate::club::{Club, on_both};

const SMS: &str = "/v1/consent-purposes/offers-by-sms";

fn words(en: &str) -> Value {
    json!({"texts": {"fa": "پیشنهادها را با پیامک برایم بفرستید.", "ar": "أرسلوا لي العروض برسالة قصيرة.", "en": en}})
}

fn agreed(version: u32) -> Value {
    json!({"text_version": version, "language": "fa"})
}

async fn member(club: &Club) -> MemberId {
    let body = json!({"phone": "09121234567", "first_name": "Zahra"});
    let joined: Value = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
}

fn session() -> SessionId {
    SessionId::from_uuid(uuid::Uuid::from_u128(7))
}

/// Purpose and whether it is given, as they stand.
fn standing(shown: &Value) -> Vec<(String, bool)> {
    let list = shown["consents"].as_array().expect("a list").iter();
    list.map(|one| (one["purpose"].as_str().unwrap_or_default().to_owned(), one["given"] == true)).collect()
}

on_both! {
    async fn words_get_versions_and_older_ones_stay(club: Club) {
        let office = club.operator();
        let first = office.put(SMS, words("Send me offers.")).await.expect(201);
        assert_eq!((&first["text_version"], &first["texts"]["en"]), (&json!(1), &json!("Send me offers.")));
        assert_eq!(office.put(SMS, words(" Send me  offers. ")).await.expect(200), first, "the same words");
        let second = office.put(SMS, words("Send me offers, once a week.")).await.expect(200);
        assert_eq!(second["text_version"], 2);
        office.put("/v1/consent-purposes/profiling", words("Look at what I buy.")).await.expect(201);
        let listed = club.anonymous().get("/v1/consent-purposes").await.expect(200);
        let shown: Vec<_> = listed["purposes"].as_array().expect("a list").iter()
            .map(|one| (one["purpose"].as_str().expect("a code"), one["text_version"].as_u64().expect("a number"))).collect();
        assert_eq!(shown, [("offers-by-sms", 2), ("profiling", 1)]);
        assert_eq!(club.anonymous().get(&format!("{SMS}/texts/1")).await.expect(200), first);
        club.anonymous().get(&format!("{SMS}/texts/3")).await.refused(404, "membership.consent_purpose_unknown");
        club.till().put(SMS, words("Mine")).await.refused(403, "web.access_denied");
    }

    async fn each_consent_stands_alone_and_its_history_stays(club: Club) {
        let club = club.with_places().await;
        club.operator().put(SMS, words("Send me offers.")).await.expect(201);
        club.operator().put("/v1/consent-purposes/profiling", words("Look at what I buy.")).await.expect(201);
        let id = member(&club).await;
        let (me, path) = (club.member(id, session()), format!("/v1/members/{id}/consents"));
        assert_eq!(standing(&me.get(&path).await.expect(200)), []);
        let given = club.till().put(&format!("{path}/offers-by-sms"), agreed(1)).await.expect(201);
        assert_eq!((&given["channel"], &given["branch"], &given["till"]), (&json!("till"), &json!("tehran-vanak"), &json!("till-1")));
        assert_eq!(me.put(&format!("{path}/offers-by-sms"), agreed(1)).await.expect(200), given, "it stands already");
        me.put(&format!("{path}/profiling"), agreed(1)).await.expect(201);
        me.delete(&format!("{path}/offers-by-sms")).await.expect(204);
        me.delete(&format!("{path}/offers-by-sms")).await.expect(204);
        let shown = me.get(&path).await.expect(200);
        assert_eq!(standing(&shown), [("offers-by-sms".to_owned(), false), ("profiling".to_owned(), true)]);
        club.operator().put(&format!("{path}/offers-by-sms"), agreed(1)).await.expect(201);
        let shown = me.get(&path).await.expect(200);
        let history: Vec<_> = shown["history"].as_array().expect("a list").iter()
            .map(|one| (one["number"].as_u64().expect("a number"), one["given"] == true, one["channel"].as_str().expect("a word"))).collect();
        assert_eq!(history, [(4, true, "office"), (3, false, "app"), (2, true, "app"), (1, true, "till")]);

        let page = me.get(&format!("{path}?limit=3")).await.expect(200);
        assert_eq!((&page["has_more"], page["history"].as_array().map(Vec::len)), (&json!(true), Some(3)));
        let rest = me.get(&format!("{path}?limit=3&cursor={}", page["next_cursor"].as_str().expect("a cursor"))).await.expect(200);
        assert_eq!((&rest["has_more"], &rest["history"][0]["number"]), (&json!(false), &json!(1)));
        me.get(&format!("{path}?limit=501")).await.refused(400, "membership.limit_out_of_range");
        me.get(&format!("{path}?cursor=nonsense")).await.refused(400, "membership.cursor_invalid");
    }

    async fn a_consent_is_to_the_words_of_now(club: Club) {
        club.operator().put(SMS, words("Send me offers.")).await.expect(201);
        let id = member(&club).await;
        let (me, path) = (club.member(id, session()), format!("/v1/members/{id}/consents/offers-by-sms"));
        me.put(&path, agreed(1)).await.expect(201);
        club.operator().put(SMS, words("Send me more offers.")).await.expect(200);
        let late = me.put(&path, agreed(1)).await.refused(409, "membership.consent_text_outdated");
        assert_eq!((&late["text_version"], &late["pointer"]), (&json!(2), &json!("/text_version")));
        let again = me.put(&path, agreed(2)).await.expect(201);
        assert_eq!(again["number"], 2);
        let nothing = format!("/v1/members/{id}/consents/nothing");
        me.put(&nothing, agreed(1)).await.refused(404, "membership.consent_purpose_unknown");
        me.delete(&nothing).await.refused(404, "membership.consent_purpose_unknown");
        let nobody = "/v1/members/0192f3a1-7c00-7000-8000-000000000002/consents";
        let office = club.operator();
        office.get(nobody).await.refused(404, "membership.member_unknown");
        office.put(&format!("{nobody}/offers-by-sms"), agreed(2)).await.refused(404, "membership.member_unknown");
        office.delete(&format!("{nobody}/offers-by-sms")).await.refused(404, "membership.member_unknown");
        me.get(nobody).await.refused(403, "web.access_denied");
    }

    async fn facts_say_what_and_through_what_and_nothing_else(club: Club) {
        club.operator().put(SMS, words("Send me offers.")).await.expect(201);
        let id = member(&club).await;
        let path = format!("/v1/members/{id}/consents/offers-by-sms");
        club.till().put(&path, agreed(1)).await.expect(201);
        club.till().put(&path, agreed(1)).await.expect(200);
        club.member(id, session()).delete(&path).await.expect(204);
        let told = club.told().await;
        assert_eq!(told, ["member_joined 1", "identifier_linked 2", "consent_given 3", "consent_withdrawn 4"]);
        let facts = club.facts().await;
        let given: ConsentGiven = facts[2].read().expect("a consent");
        assert_eq!((given.member_id, given.purpose.as_str(), given.channel), (id, "offers-by-sms", ConsentChannel::Till));
        let withdrawn: ConsentWithdrawn = facts[3].read().expect("a withdrawal");
        assert_eq!(withdrawn.channel, ConsentChannel::App);
    }

    async fn many_at_once_make_one_consent_and_one_version(club: Club) {
        let office = club.operator();
        let puts = join_all((0..8).map(|_| office.put(SMS, words("Send me offers.")))).await;
        assert!(puts.iter().all(|answer| matches!(answer.status, 200 | 201)), "{puts:?}");
        let id = member(&club).await;
        let (me, path) = (club.member(id, session()), format!("/v1/members/{id}/consents/offers-by-sms"));
        let given = join_all((0..8).map(|_| me.put(&path, agreed(1)))).await;
        assert_eq!(given.iter().filter(|answer| answer.status == 201).count(), 1);
        let shown = me.get(&format!("/v1/members/{id}/consents")).await.expect(200);
        assert_eq!(shown["history"].as_array().map(Vec::len), Some(1));
    }

    async fn bad_words_and_too_many_purposes_are_refused(club: Club) {
        let office = club.operator();
        let mut hidden = words("Send me offers.");
        hidden["texts"]["ar"] = json!("أرسلوا\u{202E}لي");
        let refused = office.put(SMS, hidden).await.refused(422, "membership.consent_text_invalid");
        assert_eq!((&refused["pointer"], &refused["limit"]), (&json!("/texts/ar"), &json!(1000)));
        office.put(SMS, words("")).await.refused(422, "membership.consent_text_invalid");
        office.put(SMS, words(&"a".repeat(1001))).await.refused(422, "membership.consent_text_invalid");
        for number in 0..50 {
            office.put(&format!("/v1/consent-purposes/purpose-{number}"), words("May we?")).await.expect(201);
        }
        let full = office.put(SMS, words("May we?")).await.refused(409, "membership.consent_purposes_too_many");
        assert_eq!(full["limit"], 50);
        office.put("/v1/consent-purposes/purpose-7", words("May we, please?")).await.expect(200);
    }

    async fn refusals_speak_three_languages(club: Club) {
        let path = format!("{SMS}/texts/1");
        for (language, word) in [("fa", "رضایت"), ("ar", "الموافقة"), ("en", "purpose")] {
            let refused = club.anonymous().speaking(language).get(&path).await.refused(404, "membership.consent_purpose_unknown");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
    }
}
