//! One-time codes: who gets one, how often, and what they open (J8; promises 21).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait as _, Statement};
use serde_json::{Value, json};

use crate::club::{Answer, Club, on_both};

const PHONE: &str = "+989121234567";
const NOBODY: &str = "+989129999999";

pub async fn join(club: &Club, phone: &str) -> String {
    let body = json!({"phone": phone, "first_name": "زهرا", "language": "fa"});
    let joined = club.till().post("/v1/members", body).await.expect(201);
    joined["member_id"].as_str().expect("an id").to_owned()
}

pub async fn ask(club: &Club, phone: &str) -> String {
    // No two messages of one moment, so that the newest is the newest.
    club.clock.advance_millis(1);
    let asked = club.anonymous().post("/v1/sign-in/codes", json!({"phone": phone})).await.expect(202);
    asked["sign_in_id"].as_str().expect("an id").to_owned()
}

pub async fn exchange(club: &Club, id: &str, code: &str) -> Answer {
    club.anonymous().post("/v1/sign-in/tokens", json!({"sign_in_id": id, "code": code})).await
}

/// Signs a member in who has so many messages afterwards.
pub async fn sign_in(club: &Club, phone: &str, messages: usize) -> Value {
    let id = ask(club, phone).await;
    let code = club.code_for(phone, messages).await;
    exchange(club, &id, &code).await.expect(200)
}

pub fn other_than(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().expect("a number") + 1) % 1_000_000)
}

pub async fn count(club: &Club, table: &str) -> i64 {
    let on = club.database.connection();
    let sql = format!("SELECT COUNT(*) FROM {table}");
    let row =
        on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await.expect("an answer");
    row.and_then(|row| row.try_get_by_index(0).ok()).expect("a count")
}

on_both! {
    async fn a_code_signs_a_member_in_once_and_confirms_the_phone_once(club: Club) {
        let member = join(&club, PHONE).await;
        let before = club.till().get(&format!("/v1/members/{member}")).await.expect(200);
        assert_eq!(before["phone_confirmed"], false);
        let id = ask(&club, "۰۹۱۲۱۲۳۴۵۶۷").await;
        let code = club.code_for(PHONE, 1).await;
        let persian = locale::digits::to_local(&code, kernel::Language::Fa).into_owned();
        let tokens = exchange(&club, &id, &persian).await.expect(200);
        assert_eq!((&tokens["member_id"], &tokens["expires_in"]), (&json!(member), &json!(900)));
        assert!(tokens["refresh_token"].as_str().is_some_and(|token| token.starts_with("vr_") && token.len() == 67));
        exchange(&club, &id, &code).await.refused(410, "membership.code_spent");
        let after = club.till().get(&format!("/v1/members/{member}")).await.expect(200);
        assert_eq!((&after["phone_confirmed"], &after["version"]), (&json!(true), &json!(3)));
        sign_in(&club, PHONE, 2).await;
        assert_eq!(club.told().await, ["member_joined 1", "identifier_linked 2", "phone_confirmed 3"]);
    }

    async fn the_message_speaks_the_members_language(club: Club) {
        join(&club, PHONE).await;
        ask(&club, PHONE).await;
        club.code_for(PHONE, 1).await;
        let messages = club.messages_to(PHONE);
        assert_eq!(messages[0]["language"], "fa");
        assert!(messages[0]["text"].as_str().is_some_and(|text| text.contains("کد ورود")), "{messages:?}");
    }

    async fn nobody_learns_whether_a_number_is_known(club: Club) {
        join(&club, PHONE).await;
        let shape = |answer: &Value| {
            let keys: Vec<String> = answer.as_object().expect("an object").keys().cloned().collect();
            (keys, answer["digits"].clone(), answer["expires_at"].clone())
        };
        let known = club.anonymous().post("/v1/sign-in/codes", json!({"phone": PHONE})).await.expect(202);
        let rows = (count(&club, "sign_ins").await, count(&club, "code_windows").await);
        let unknown = club.anonymous().post("/v1/sign-in/codes", json!({"phone": NOBODY})).await.expect(202);
        assert_eq!(shape(&known), shape(&unknown));
        // A sign-in each, two windows of the phone each; the beginning of the number and the money are shared or theirs.
        assert_eq!(rows, (1, 4));
        assert_eq!((count(&club, "sign_ins").await, count(&club, "code_windows").await), (2, 7));
        let id = unknown["sign_in_id"].as_str().expect("an id");
        for left in [4, 3, 2, 1, 0] {
            let refused = exchange(&club, id, "123456").await.refused(422, "membership.code_wrong");
            assert_eq!(refused["tries_left"], left);
        }
        exchange(&club, id, "123456").await.refused(410, "membership.code_spent");
        club.code_for(PHONE, 1).await;
        assert!(club.messages_to(NOBODY).is_empty());
    }

    async fn known_and_unknown_numbers_take_the_same_time(club: Club) {
        let club = club.with(&[("codes_per_phone_hour", "1000"), ("codes_per_phone_day", "1000")]).await;
        join(&club, PHONE).await;
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..60 {
            // In turns, so that whatever else the machine does meets both.
            for (phone, times) in [PHONE, NOBODY].iter().zip(&mut times) {
                let begun = Instant::now();
                ask(&club, phone).await;
                if round >= 10 {
                    times.push(begun.elapsed());
                }
                tokio::time::sleep(Duration::from_millis(3)).await;
            }
        }
        let [known, unknown] = times.map(|mut times| { times.sort(); times[times.len() / 2] });
        let apart = known.abs_diff(unknown);
        assert!(apart < known.min(unknown), "known {known:?}, unknown {unknown:?}");
    }

    async fn a_code_allows_five_attempts_however_many_come_at_once(club: Club) {
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let wrong = other_than(&code);
        let answers = join_all((0..20).map(|_| exchange(&club, &id, &wrong))).await;
        let refused = |code: &str| answers.iter().filter(|answer| answer.code() == code).count();
        assert_eq!((refused("membership.code_wrong"), refused("membership.code_spent")), (5, 15));
        exchange(&club, &id, &code).await.refused(410, "membership.code_spent");
    }

    async fn a_right_code_that_comes_twenty_times_at_once_signs_in_once(club: Club) {
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let answers = join_all((0..20).map(|_| exchange(&club, &id, &code))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        assert_eq!(count(&club, "sessions").await, 1);
    }

    async fn a_code_lapses_and_is_good_for_its_own_asking_only(club: Club) {
        join(&club, PHONE).await;
        let (first, second) = (ask(&club, PHONE).await, ask(&club, PHONE).await);
        club.code_for(PHONE, 2).await;
        let codes: Vec<String> = [1, 2].map(|count| club.messages_to(PHONE)[count - 1]["text"].to_string()).to_vec();
        assert_ne!(codes[0], codes[1]);
        let code = club.code_for(PHONE, 1).await;
        let theirs = [exchange(&club, &first, &code).await.status, exchange(&club, &second, &code).await.status];
        assert_eq!(theirs.iter().filter(|status| **status == 200).count(), 1, "{theirs:?}");
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 3).await;
        club.wait_s(180);
        exchange(&club, &id, &code).await.refused(410, "membership.code_spent");
        exchange(&club, "0192f3a1-7c00-7000-8000-000000000002", &code).await.refused(410, "membership.code_spent");
    }

    async fn what_a_phone_may_ask_for_is_exact_however_many_ask_at_once(club: Club) {
        join(&club, PHONE).await;
        let body = json!({"phone": PHONE});
        for phone in [PHONE, NOBODY] {
            let body = json!({"phone": phone});
            let answers = join_all((0..20).map(|_| async {
                club.anonymous().post("/v1/sign-in/codes", body.clone()).await
            })).await;
            let status = |wanted: u16| answers.iter().filter(|answer| answer.status == wanted).count();
            assert_eq!((status(202), status(429)), (5, 15), "{phone}");
        }
        club.anonymous().post("/v1/sign-in/codes", body.clone()).await.refused(429, "membership.codes_too_many");
        club.wait_s(3_600);
        club.anonymous().post("/v1/sign-in/codes", body).await.expect(202);
    }

    async fn an_address_and_a_beginning_may_ask_for_so_many(club: Club) {
        let club = club.with(&[("codes_per_address_hour", "3"), ("codes_per_prefix_hour", "5")]).await;
        let phone = |last: u32| json!({"phone": format!("+98912123456{last}")});
        for last in 0..3 {
            club.anonymous().from("2001:db8::1").post("/v1/sign-in/codes", phone(last)).await.expect(202);
        }
        // A subscriber has a whole /64.
        let neighbour = club.anonymous().from("2001:db8::2");
        neighbour.post("/v1/sign-in/codes", phone(3)).await.refused(429, "membership.codes_too_many");
        for last in 3..5 {
            club.anonymous().from("192.0.2.7").post("/v1/sign-in/codes", phone(last)).await.expect(202);
        }
        let other = club.anonymous().from("192.0.2.8");
        other.post("/v1/sign-in/codes", phone(5)).await.refused(429, "membership.codes_too_many");
        other.post("/v1/sign-in/codes", json!({"phone": "+989351234567"})).await.expect(202);
    }

    async fn no_more_is_spent_in_a_day_than_the_budget(club: Club) {
        let club = club.with(&[("code_cost", "100"), ("code_daily_budget", "250")]).await;
        let phones = [1, 2, 3].map(|last| format!("+98912123456{last}"));
        for phone in &phones {
            join(&club, phone).await;
        }
        // Numbers that nobody has cost nothing, so nobody can spend the budget on them.
        for _ in 0..5 {
            ask(&club, NOBODY).await;
        }
        ask(&club, &phones[0]).await;
        ask(&club, &phones[1]).await;
        for phone in [&phones[2], "+989351234567"] {
            let refused = club.anonymous().post("/v1/sign-in/codes", json!({"phone": phone})).await;
            refused.refused(503, "membership.codes_exhausted");
        }
        club.wait_s(24 * 3_600);
        ask(&club, &phones[2]).await;
        club.code_for(&phones[2], 1).await;
    }

    async fn each_mistake_has_its_code(club: Club) {
        let post = async |path: &str, body: Value| club.anonymous().post(path, body).await;
        let id = "0192f3a1-7c00-7000-8000-000000000002";
        let codes = "/v1/sign-in/codes";
        post(codes, json!({"phone": "+971501234567"})).await.refused(422, "membership.phone_country_closed");
        post(codes, json!({"phone": "12"})).await.refused(422, "membership.phone_invalid");
        post(codes, json!({"phone": "02188776655"})).await.refused(422, "membership.phone_not_mobile");
        let tokens = "/v1/sign-in/tokens";
        for code in ["", "12345", "1234567", "abcdef"] {
            let body = json!({"sign_in_id": id, "code": code});
            post(tokens, body).await.refused(422, "membership.code_malformed");
        }
        for device in ["", "a\u{202E}b", &"x".repeat(61)] {
            let body = json!({"sign_in_id": id, "code": "123456", "device": device});
            post(tokens, body).await.refused(422, "membership.device_invalid");
        }
        post("/v1/sign-in/refresh", json!({"refresh_token": "vr_none"})).await.refused(401, "membership.refresh_refused");
        assert_eq!(count(&club, "sign_ins").await, 0);
    }

    async fn another_country_is_open_when_the_chain_says_so(club: Club) {
        let club = club.with(&[("code_countries", "IR,AE")]).await;
        ask(&club, "+971501234567").await;
    }

    async fn what_is_over_is_forgotten_and_codes_are_in_no_row(club: Club) {
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        exchange(&club, &id, &other_than(&code)).await.refused(422, "membership.code_wrong");
        for _ in 0..200 {
            if count(&club, "sign_in_messages").await == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(count(&club, "sign_in_messages").await, 0, "a message that was handed over leaves no row");
    }
}
