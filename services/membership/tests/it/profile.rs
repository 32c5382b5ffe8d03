//! The progressive profile: one question at a time, never again once answered, and answers that are nobody's but the member's (J2).

use contracts::membership::ProfileAnswered;
use futures_util::future::join_all;
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    key_rotation::{NEW, OLD, rotate},
    secrecy::leaks,
};

fn words(en: &str) -> Value {
    json!({"fa": "چه؟", "ar": "ما؟", "en": en})
}

pub fn question(kind: &str, position: u16) -> Value {
    let mut question =
        json!({"kind": kind, "text": words("What?"), "purpose": words("For this."), "position": position});
    if kind == "choice" || kind == "choices" {
        question["options"] =
            json!([{"code": "books", "text": words("Books")}, {"code": "music", "text": words("Music")}]);
    }
    question
}

async fn asks(club: &Club, questions: &[(&str, Value)]) {
    for (code, question) in questions {
        club.operator().put(&format!("/v1/questions/{code}"), question.clone()).await.expect(201);
    }
}

pub async fn joined(club: &Club, phone: &str) -> String {
    let body = json!({"phone": phone, "first_name": "Zahra"});
    club.till().post("/v1/members", body).await.expect(201)["member_id"].as_str().expect("an id").to_owned()
}

fn answer(value: impl Into<Value>) -> Value {
    json!({"answer": value.into()})
}

/// The code of the question that comes next, and how many are open.
async fn next(club: &Club, member: &str) -> (String, u64) {
    let shown = club.signed_in(member).get(&format!("/v1/members/{member}/next-question")).await.expect(200);
    let code = shown["question"]["question"].as_str().unwrap_or_default().to_owned();
    (code, shown["open"].as_u64().expect("a number"))
}

async fn answered(club: &Club) -> Vec<ProfileAnswered> {
    let facts = club.facts().await.into_iter();
    let of_kind = facts.filter(|fact| fact.kind.contains("profile_answered"));
    of_kind.map(|fact| fact.read().expect("an answer")).collect()
}

on_both! {
    async fn questions_come_one_at_a_time_and_never_again(club: Club) {
        let mut interests = question("choices", 2);
        interests["ask_again_days"] = json!(30);
        asks(&club, &[("city", question("city", 1)), ("interests", interests), ("sms", question("yes_no", 2))]).await;
        let id = joined(&club, "09121234567").await;
        let (me, path) = (club.signed_in(&id), format!("/v1/members/{id}/answers"));
        assert_eq!(next(&club, &id).await, ("city".to_owned(), 3));
        let kept = me.put(&format!("{path}/city"), answer(" Tehran ")).await.expect(201);
        assert_eq!((&kept["answer"], &kept["question"]["question"]), (&json!("Tehran"), &json!("city")));
        assert_eq!(me.put(&format!("{path}/city"), answer("Tehran")).await.expect(200), kept, "the same answer");
        assert_eq!(next(&club, &id).await, ("interests".to_owned(), 2));
        me.post_nothing(&format!("{path}/interests/decline")).await.expect(204);
        assert_eq!(next(&club, &id).await, ("sms".to_owned(), 1));
        me.delete(&format!("{path}/city")).await.expect(204);
        me.delete(&format!("{path}/city")).await.expect(204);
        me.post_nothing(&format!("{path}/sms/decline")).await.expect(204);
        assert_eq!(next(&club, &id).await, (String::new(), 0));
        club.wait_s(30 * 24 * 3_600);
        assert_eq!(next(&club, &id).await, ("interests".to_owned(), 1), "the chain asks this one again");
        let shown = me.get(&path).await.expect(200);
        let (city, sms) = (&shown["answers"][0], &shown["answers"][2]);
        assert_eq!((&city["answer"], city["answered_at"].is_null(), sms["declined_at"].is_null()), (&Value::Null, false, false));
    }

    async fn each_kind_of_answer_is_kept_as_it_was_given(club: Club) {
        let kinds = ["text", "city", "email", "yes_no", "choice", "choices", "birth_date"];
        for kind in kinds {
            asks(&club, &[(kind.replace('_', "-").as_str(), question(kind, 1))]).await;
        }
        let id = joined(&club, "09121234567").await;
        let (me, path) = (club.signed_in(&id), format!("/v1/members/{id}/answers"));
        let born = json!({"calendar": "jalali", "year": 1370, "month": 8, "day": 30});
        let given = [json!("A line"), json!("تهران"), json!("zahra@example.ir"), json!(false), json!("books"), json!(["books", "music"]), born];
        for (kind, value) in kinds.iter().zip(&given) {
            let kept = me.put(&format!("{path}/{}", kind.replace('_', "-")), answer(value.clone())).await.expect(201);
            assert_eq!((&kept["answer"], &kept["question"]["kind"]), (value, &json!(kind)));
            for wrong in [json!("\u{202E}"), json!(["cars"]), json!({"calendar": "jalali", "month": 13, "day": 1})] {
                let refused = me.put(&format!("{path}/{}", kind.replace('_', "-")), answer(wrong)).await;
                let refused = refused.refused(422, "membership.answer_invalid");
                assert_eq!((&refused["kind"], &refused["pointer"]), (&json!(kind), &json!("/answer")));
            }
        }
        let tomorrow = json!({"calendar": "gregorian", "year": 2026, "month": 11, "day": 22});
        me.put(&format!("{path}/birth-date"), answer(tomorrow)).await.refused(422, "membership.answer_invalid");
        me.put(&format!("{path}/city"), answer(json!({"town": "Tehran"}))).await.refused(400, "web.field_invalid");
        let shown = me.get(&path).await.expect(200);
        assert_eq!(shown["answers"].as_array().map(Vec::len), Some(7));
    }

    async fn a_till_gives_first_answers_and_sees_none(club: Club) {
        let club = club.with_places().await;
        asks(&club, &[("city", question("city", 1)), ("sms", question("yes_no", 2))]).await;
        let id = joined(&club, "09121234567").await;
        let path = format!("/v1/members/{id}/answers");
        let asked = club.till().get(&format!("/v1/members/{id}/next-question")).await.expect(200);
        assert_eq!(asked["question"]["text"]["en"], "What?");
        club.till().put(&format!("{path}/city"), answer("Tehran")).await.expect(201);
        club.till().put(&format!("{path}/city"), answer("Shiraz")).await.refused(409, "membership.answer_given");
        club.till().get(&path).await.refused(403, "web.access_denied");
        club.till().delete(&format!("{path}/city")).await.refused(403, "web.access_denied");
        club.signed_in(&id).put(&format!("{path}/city"), answer("Shiraz")).await.expect(200);
        club.operator().put(&format!("{path}/sms"), answer(true)).await.expect(201);
        let told = answered(&club).await;
        let seen: Vec<_> = told.iter().map(|one| (one.question.as_str(), one.first, one.completes, one.branch.is_some())).collect();
        assert_eq!(seen, [("city", true, false, true), ("city", false, false, false), ("sms", true, true, false)]);
        assert_eq!(club.told().await[3..], ["member_joined 1", "identifier_linked 2", "profile_answered 3", "profile_answered 4", "profile_answered 5"]);
        let other = joined(&club, "09121234568").await;
        club.signed_in(&other).get(&path).await.refused(403, "web.access_denied");
        club.signed_in(&other).put(&format!("{path}/city"), answer("Mine")).await.refused(403, "web.access_denied");
    }

    async fn answers_are_nowhere_but_under_the_members_key(club: Club) {
        asks(&club, &[("city", question("city", 1)), ("mail", question("email", 2)), ("birthday", question("birth_date", 3))]).await;
        let id = joined(&club, "09121234567").await;
        let (me, path) = (club.signed_in(&id), format!("/v1/members/{id}/answers"));
        me.put(&format!("{path}/city"), answer("Canarytown")).await.expect(201);
        me.put(&format!("{path}/mail"), answer("canary@example.ir")).await.expect(201);
        me.put(&format!("{path}/birthday"), answer(json!({"calendar": "jalali", "year": 1357, "month": 11, "day": 22}))).await.expect(201);
        let needles = ["Canarytown", "canary@example.ir", "\"year\":1357", "\"jalali\""];
        assert_eq!(leaks(&club, &needles).await, Vec::<String>::new());
        let facts = serde_json::to_string(&club.facts().await).expect("facts are JSON");
        assert!(needles.iter().all(|needle| !facts.contains(needle)));
        // A new master key, and then the old one is gone: the answers are still there.
        let club = club.restarted(vec![NEW, OLD]).await;
        let rotated = rotate(&club).await;
        assert_eq!(rotated.broken, 0);
        let club = club.restarted(vec![NEW]).await;
        let shown = club.signed_in(&id).get(&path).await.expect(200);
        assert_eq!((&shown["answers"][1]["answer"], &shown["answers"][2]["answer"]), (&json!("Canarytown"), &json!("canary@example.ir")));
    }

    async fn questions_change_and_answers_stay(club: Club) {
        asks(&club, &[("interests", question("choices", 1)), ("birthday", question("birthday", 2))]).await;
        let id = joined(&club, "09121234567").await;
        let (me, path) = (club.signed_in(&id), format!("/v1/members/{id}/answers"));
        me.put(&format!("{path}/interests"), answer(json!(["books"]))).await.expect(201);
        let mut retired = question("choices", 1);
        retired["live"] = json!(false);
        club.operator().put("/v1/questions/interests", retired).await.expect(200);
        let other = joined(&club, "09121234568").await;
        let theirs = format!("/v1/members/{other}/answers/interests");
        club.signed_in(&other).put(&theirs, answer(json!(["books"]))).await.refused(409, "membership.question_retired");
        club.signed_in(&other).post_nothing(&format!("{theirs}/decline")).await.refused(409, "membership.question_retired");
        assert_eq!(next(&club, &other).await.0, "birthday");
        me.put(&format!("{path}/interests"), answer(json!(["music"]))).await.expect(200);
        let office = club.operator();
        office.put("/v1/questions/birthday", question("birth_date", 2)).await.expect(200);
        office.put("/v1/questions/birthday", question("city", 2)).await.refused(409, "membership.question_kind_fixed");
        office.put("/v1/questions/born", question("birthday", 3)).await.refused(409, "membership.question_birthday_asked");
        let listed = office.get("/v1/questions").await.expect(200);
        let codes: Vec<_> = listed["questions"].as_array().expect("a list").iter().map(|one| (one["question"].clone(), one["live"] == true)).collect();
        assert_eq!(codes, [(json!("birthday"), true), (json!("interests"), false)]);
        club.till().get("/v1/questions").await.refused(403, "web.access_denied");
    }

    async fn what_cannot_be_asked_is_refused(club: Club) {
        let office = club.operator();
        let put = async |code: &str, body: Value| club.operator().put(&format!("/v1/questions/{code}"), body).await;
        let long = put(&"q".repeat(25), question("city", 1)).await.refused(422, "membership.question_code_too_long");
        assert_eq!(long["limit"], 24);
        let mut bad = question("city", 1);
        bad["purpose"]["fa"] = json!(" ");
        let refused = put("city", bad).await.refused(422, "membership.question_words_invalid");
        assert_eq!((&refused["pointer"], &refused["limit"]), (&json!("/purpose"), &json!(200)));
        let mut bad = question("choice", 1);
        bad["options"] = json!([]);
        assert_eq!(put("city", bad).await.refused(422, "membership.question_options_invalid")["pointer"], "/options");
        let mut bad = question("city", 1);
        bad["ask_again_days"] = json!(0);
        put("city", bad).await.refused(422, "membership.question_ask_again");
        for number in 0..50 {
            office.put(&format!("/v1/questions/q{number}"), question("city", 1)).await.expect(201);
        }
        let full = put("city", question("city", 1)).await.refused(409, "membership.questions_too_many");
        assert_eq!(full["limit"], 50);
        put("q7", question("city", 9)).await.expect(200);

        let id = joined(&club, "09121234567").await;
        let path = format!("/v1/members/{id}/answers/none");
        for (language, word) in [("fa", "پرسش"), ("ar", "السؤال"), ("en", "question")] {
            let me = club.signed_in(&id).speaking(language);
            let refused = me.put(&path, answer("x")).await.refused(404, "membership.question_unknown");
            assert!(refused["title"].as_str().expect("a title").contains(word), "{refused}");
        }
        let me = club.signed_in(&id);
        me.delete(&path).await.refused(404, "membership.question_unknown");
        me.post_nothing(&format!("{path}/decline")).await.refused(404, "membership.question_unknown");
        let nobody = "/v1/members/0192f3a1-7c00-7000-8000-000000000002";
        for asked in ["answers", "next-question"] {
            office.get(&format!("{nobody}/{asked}")).await.refused(404, "membership.member_unknown");
        }
        office.put(&format!("{nobody}/answers/q1"), answer("x")).await.refused(404, "membership.member_unknown");
        office.delete(&format!("{nobody}/answers/q1")).await.refused(404, "membership.member_unknown");
    }

    async fn many_at_once_make_one_first_answer_and_one_question_for_birthdays(club: Club) {
        let office = club.operator();
        let puts = join_all((0..6).map(|number| {
            let path = format!("/v1/questions/born{number}");
            async { let path = path; office.put(&path, question("birthday", 1)).await }
        })).await;
        assert_eq!(puts.iter().filter(|answer| answer.status == 201).count(), 1, "{puts:?}");
        assert!(puts.iter().all(|answer| answer.status == 201 || answer.code() == "membership.question_birthday_asked"));
        asks(&club, &[("city", question("city", 2))]).await;
        let id = joined(&club, "09121234567").await;
        let (me, path) = (club.signed_in(&id), format!("/v1/members/{id}/answers/city"));
        let kept = join_all((0..8).map(|_| me.put(&path, answer("Tehran")))).await;
        assert_eq!(kept.iter().filter(|answer| answer.status == 201).count(), 1);
        assert_eq!(answered(&club).await.len(), 1);
    }
}
