//! Joining in an app: phone and first name with the asking for a code, one answer for everybody (J1, J8).

use std::time::{Duration, Instant};

use contracts::membership::{JoinChannel, MemberJoined};
use kernel::SignInId;
use membership::commands::settle_joining::settle_joining;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    club::{Club, on_both},
    key_rotation::{NEW, OLD, rotate},
    secrecy::leaks,
    sign_in::{ask, count, exchange, join},
};

const NEWCOMER: &str = "+989121230001";
const MEMBER: &str = "+989121230002";

/// Asks for a code with a first name; answers the sign-in's id.
async fn joins(club: &Club, phone: &str, first_name: &str) -> String {
    club.clock.advance_millis(1);
    let body = json!({"phone": phone, "first_name": first_name, "language": "ar"});
    let asked = club.anonymous().post("/v1/sign-in/codes", body).await.expect(202);
    asked["sign_in_id"].as_str().expect("an id").to_owned()
}

/// What a till finds by the phone, as soon as somebody is found.
async fn found(club: &Club, phone: &str) -> Value {
    let begun = Instant::now();
    loop {
        let answer = club.till().post("/v1/members/lookup", json!({"phone": phone})).await;
        if answer.status == 200 {
            return answer.body;
        }
        answer.refused(404, "membership.identifier_unknown");
        assert!(begun.elapsed() < Duration::from_secs(10), "the newcomer is no member");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

on_both! {
    async fn a_newcomer_is_a_member_at_once_and_signs_in_by_the_code(club: Club) {
        let id = joins(&club, "۰۹۱۲۱۲۳۰۰۰۱", "Zyxnewcomer").await;
        let member = found(&club, NEWCOMER).await;
        assert_eq!((&member["first_name"], &member["phone_confirmed"]), (&json!("Zyxnewcomer"), &json!(false)));
        let code = club.code_for(NEWCOMER, 1).await;
        assert_eq!(club.messages_to(NEWCOMER)[0]["language"], "ar");
        let tokens = exchange(&club, &id, &code).await.expect(200);
        assert_eq!(tokens["member_id"], member["member_id"]);
        assert_eq!(found(&club, NEWCOMER).await["phone_confirmed"], true);
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2", "phone_confirmed 3"]);
        let joined: MemberJoined = club.facts().await[0].read().expect("a member");
        assert_eq!((joined.channel, joined.branch), (JoinChannel::Api, None));
        assert_eq!(leaks(&club, &["Zyxnewcomer"]).await, Vec::<String>::new());
    }

    async fn who_is_a_member_signs_in_and_keeps_the_name(club: Club) {
        let member = join(&club, MEMBER).await;
        let id = joins(&club, MEMBER, "Other").await;
        let code = club.code_for(MEMBER, 1).await;
        assert_eq!(club.messages_to(MEMBER)[0]["language"], "fa");
        let tokens = exchange(&club, &id, &code).await.expect(200);
        assert_eq!(tokens["member_id"], json!(member));
        assert_eq!(found(&club, MEMBER).await["first_name"], "زهرا");
        // Whoever joins twice is one member.
        let (first, second) = (joins(&club, NEWCOMER, "Sara").await, joins(&club, NEWCOMER, "Sarah").await);
        club.code_for(NEWCOMER, 2).await;
        assert_eq!(found(&club, NEWCOMER).await["first_name"], "Sara");
        assert_ne!(first, second);
        assert_eq!(count(&club, "members").await, 2);
    }

    async fn the_answer_tells_nobody_who_is_a_member(club: Club) {
        let club = club.with(&[("codes_per_phone_hour", "1000"), ("codes_per_phone_day", "1000"), ("codes_per_prefix_hour", "100000")]).await;
        join(&club, MEMBER).await;
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..60_usize {
            // A number that nobody had, each time.
            let fresh = format!("+98912123{:04}", 1_000 + round);
            for (phone, times) in [MEMBER, fresh.as_str()].into_iter().zip(&mut times) {
                let body = json!({"phone": phone, "first_name": "Sara"});
                let begun = Instant::now();
                let answer = club.anonymous().post("/v1/sign-in/codes", body).await.expect(202);
                if round >= 10 {
                    times.push(begun.elapsed());
                }
                let mut keys: Vec<_> = answer.as_object().expect("an object").keys().collect();
                keys.sort();
                assert_eq!(keys, ["digits", "expires_at", "sign_in_id"]);
                // Until it is settled, so that nobody waits for what follows from another's.
                let id = answer["sign_in_id"].as_str().and_then(|id| Uuid::parse_str(id).ok()).expect("an id");
                let begun = Instant::now();
                while settle_joining(&club.desk, SignInId::from_uuid(id)).await.expect("it settles").is_none() {
                    assert!(begun.elapsed() < Duration::from_secs(10), "it is never settled");
                }
            }
        }
        let [known, unknown] = times.map(|mut times| { times.sort(); times[times.len() / 2] });
        let apart = known.abs_diff(unknown);
        assert!(apart < known.min(unknown), "known {known:?}, unknown {unknown:?}");
    }

    async fn what_was_interrupted_is_settled_once(club: Club) {
        let id = joins(&club, NEWCOMER, "Sara").await;
        club.code_for(NEWCOMER, 1).await;
        let id = SignInId::from_uuid(Uuid::parse_str(&id).expect("an id"));
        let member = found(&club, NEWCOMER).await["member_id"].clone();
        for _ in 0..3 {
            let settled = settle_joining(&club.desk, id).await.expect("it settles").expect("a member");
            assert_eq!(json!(settled), member);
        }
        assert_eq!(club.told().await.len(), 2, "told once");
        let nobody = ask(&club, MEMBER).await;
        let nobody = SignInId::from_uuid(Uuid::parse_str(&nobody).expect("an id"));
        assert_eq!(settle_joining(&club.desk, nobody).await.expect("an answer"), None);
    }

    async fn a_name_that_is_none_is_refused_before_anything_is_written(club: Club) {
        for (name, code) in [("", "empty"), ("Sara\u{202e}", "forbidden"), (&"س".repeat(41), "too_long")] {
            let body = json!({"phone": NEWCOMER, "first_name": name});
            let refused = club.anonymous().post("/v1/sign-in/codes", body).await;
            let refused = refused.refused(422, &format!("membership.first_name_{code}"));
            assert_eq!(refused["pointer"], "/first_name");
        }
        assert_eq!((count(&club, "sign_ins").await, count(&club, "code_windows").await), (0, 0));
    }

    async fn newcomers_spend_the_same_budgets(club: Club) {
        let club = club.with(&[("codes_per_address_hour", "5"), ("code_cost", "100"), ("code_daily_budget", "700")]).await;
        let asks = async |number: u32, address: &str| {
            let body = json!({"phone": format!("+98912124{number:04}"), "first_name": "Sara"});
            club.anonymous().from(address).post("/v1/sign-in/codes", body).await
        };
        for number in 0..5 {
            asks(number, "10.0.0.1").await.expect(202);
        }
        asks(5, "10.0.0.1").await.refused(429, "membership.codes_too_many");
        asks(6, "10.0.0.2").await.expect(202);
        asks(7, "10.0.0.2").await.expect(202);
        asks(8, "10.0.0.3").await.refused(503, "membership.codes_exhausted");
        for number in [0, 1, 2, 3, 4, 6, 7] {
            club.code_for(&format!("+98912124{number:04}"), 1).await;
        }
        assert_eq!(count(&club, "members").await, 7);
    }

    async fn a_new_master_key_opens_what_the_old_one_sealed(club: Club) {
        let club = club.restarted(vec![NEW, OLD]).await;
        let id = joins(&club, NEWCOMER, "Sara").await;
        club.code_for(NEWCOMER, 1).await;
        assert_eq!(rotate(&club).await.broken, 0);
        let club = club.restarted(vec![NEW]).await;
        let code = club.code_for(NEWCOMER, 1).await;
        exchange(&club, &id, &code).await.expect(200);
    }
}
