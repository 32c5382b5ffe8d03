//! How staff come in: invitations, passwords, second factors, delays, sessions (J8).

use std::fmt::Write as _;

use futures_util::future::join_all;
use membership::store::Vault;
use ring::digest::{SHA256, digest};
use serde_json::{Value, json};

use crate::{
    club::{Answer, Club, on_both},
    key_rotation::{NEW, OLD, rotate},
    secrecy::leaks,
};

const PASSWORD: &str = "correct horse battery";
const OTHER: &str = "another horse battery";
/// [`crate::club::START`] in steps of half a minute.
const STEP: i64 = 59_841_600;

/// A person with an account.
struct Person {
    id: String,
    secret: Vec<u8>,
    recovery: Vec<String>,
}

fn bytes_of(base32: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let number = |letter| letters.find(letter).expect("base 32");
    let bits: Vec<usize> =
        base32.chars().map(number).flat_map(|five| (0..5).rev().map(move |bit| five >> bit & 1)).collect();
    let byte = |eight: &[usize]| eight.iter().fold(0, |byte, bit| byte << 1 | bit);
    bits.chunks_exact(8).map(|eight| u8::try_from(byte(eight)).expect("eight bits")).collect()
}

impl Person {
    /// The code that their app shows so many steps after the start.
    fn code(&self, steps: i64) -> String {
        Vault::app_code(&self.secret, STEP + steps).digits()
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/staff/{}{rest}", self.id)
    }
}

async fn quick(club: Club) -> Club {
    club.with(&[("password_memory_kib", "1024"), ("password_passes", "1")]).await
}

async fn enrol(club: &Club, user_name: &str) -> String {
    let body = json!({"user_name": user_name, "name": "Zahra"});
    club.operator().post("/v1/staff", body).await.expect(201)["staff_id"].as_str().expect("an id").to_owned()
}

async fn invite(club: &Club, id: &str) -> String {
    let invited = club.operator().post_nothing(&format!("/v1/staff/{id}/invitations")).await.expect(201);
    invited["invitation"].as_str().expect("a text").to_owned()
}

async fn begin(club: &Club, invitation: &str, password: &str) -> Answer {
    let body = json!({"invitation": invitation, "password": password});
    club.anonymous().post("/v1/staff-sign-in/accounts", body).await
}

async fn confirm(club: &Club, invitation: &str, code: &str) -> Answer {
    let body = json!({"invitation": invitation, "code": code});
    club.anonymous().post("/v1/staff-sign-in/accounts/confirm", body).await
}

/// Follows an invitation; the app's code of `steps` confirms it.
async fn follow(club: &Club, id: &str, password: &str, steps: i64) -> Person {
    let invitation = invite(club, id).await;
    let begun = begin(club, &invitation, password).await.expect(200);
    let secret = bytes_of(begun["secret"].as_str().expect("a secret"));
    let mut person = Person { id: id.to_owned(), secret, recovery: Vec::new() };
    let made = confirm(club, &invitation, &person.code(steps)).await.expect(200);
    let codes = made["recovery_codes"].as_array().expect("codes").iter();
    person.recovery = codes.map(|code| code.as_str().expect("a text").to_owned()).collect();
    person
}

async fn zahra(club: &Club) -> Person {
    let id = enrol(club, "zahra").await;
    follow(club, &id, PASSWORD, 0).await
}

async fn sign_in(club: &Club, user_name: &str, password: &str, code: &str) -> Answer {
    let body = json!({"user_name": user_name, "password": password, "code": code});
    club.anonymous().post("/v1/staff-sign-in/tokens", body).await
}

async fn refresh(club: &Club, token: &Value) -> Answer {
    club.anonymous().post("/v1/staff-sign-in/refresh", json!({"refresh_token": token})).await
}

/// Asks as the gateway does: by the SHA-256 of the token's text.
async fn resolve(club: &Club, tokens: &Value) -> Answer {
    let mut hex = String::new();
    for byte in digest(&SHA256, tokens["access_token"].as_str().expect("a token").as_bytes()).as_ref() {
        write!(hex, "{byte:02x}").expect("a String takes every text");
    }
    club.service().post("/internal/v1/staff-tokens/resolve", json!({"digest": hex})).await
}

on_both! {
    async fn an_invitation_becomes_an_account_and_the_account_opens_a_session(club: Club) {
        let club = quick(club).await;
        let id = enrol(&club, "z.karimi").await;
        club.operator().post(&format!("/v1/staff/{id}/grants"), json!({"role": "finance"})).await.expect(201);
        let invitation = invite(&club, &id).await;
        let begun = begin(&club, &invitation, PASSWORD).await.expect(200);
        assert!(begun["uri"].as_str().is_some_and(|uri| uri.starts_with("otpauth://totp/Vafa:z.karimi?secret=")));
        assert!(begun["qr"].as_str().is_some_and(|qr| qr.lines().count() > 15));
        let secret = bytes_of(begun["secret"].as_str().expect("a secret"));
        let person = Person { id: id.clone(), secret, recovery: Vec::new() };
        sign_in(&club, "z.karimi", PASSWORD, &person.code(0)).await.refused(401, "membership.sign_in_refused");
        let made = confirm(&club, &invitation, &person.code(0)).await.expect(200);
        assert_eq!(made["recovery_codes"].as_array().map(Vec::len), Some(10));
        confirm(&club, &invitation, &person.code(1)).await.refused(410, "membership.invitation_refused");
        let tokens = sign_in(&club, "Z.Karimi", PASSWORD, &person.code(1)).await.expect(200);
        assert_eq!((&tokens["staff_id"], &tokens["expires_in"]), (&json!(id), &json!(900)));
        let resolved = resolve(&club, &tokens).await.expect(200);
        assert_eq!((&resolved["staff_id"], &resolved["grants"]), (&json!(id), &json!([{"role": "finance"}])));
        let refresh_token = json!({"access_token": tokens["refresh_token"]});
        resolve(&club, &refresh_token).await.refused(404, "membership.staff_session_unknown");
    }

    async fn what_is_wrong_is_not_told_and_a_code_is_good_once(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let used = person.code(0);
        for (user_name, password, code) in [
            ("nobody", PASSWORD, person.code(1)),
            ("zahra", OTHER, person.code(1)),
            ("zahra", PASSWORD, used),
            ("zz", PASSWORD, person.code(1)),
        ] {
            let refused = sign_in(&club, user_name, password, &code).await;
            let body = refused.refused(401, "membership.sign_in_refused");
            assert!(body.get("pointer").is_none(), "{body}");
        }
        let code = person.code(1);
        sign_in(&club, "zahra", PASSWORD, &code).await.expect(200);
        sign_in(&club, "zahra", PASSWORD, &code).await.refused(401, "membership.sign_in_refused");
        sign_in(&club, "zahra", PASSWORD, "12 34").await.refused(422, "membership.factor_malformed");
    }

    async fn failures_make_everybody_wait_longer_known_or_not(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        for user_name in ["zahra", "nobody"] {
            for _ in 0..3 {
                sign_in(&club, user_name, OTHER, "000000").await.refused(401, "membership.sign_in_refused");
            }
            sign_in(&club, user_name, PASSWORD, &person.code(1)).await.refused(429, "membership.sign_in_delayed");
        }
        club.wait_s(1);
        sign_in(&club, "zahra", OTHER, "000000").await.refused(401, "membership.sign_in_refused");
        club.wait_s(1);
        sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.refused(429, "membership.sign_in_delayed");
        club.wait_s(1);
        sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        sign_in(&club, "zahra", OTHER, "000000").await.refused(401, "membership.sign_in_refused");
    }

    async fn twenty_guesses_at_once_are_three_guesses(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let codes: Vec<String> = (0..20).map(|number| format!("{number:06}")).collect();
        let guesses = join_all(codes.iter().map(|code| sign_in(&club, "zahra", PASSWORD, code))).await;
        let judged = guesses.iter().filter(|answer| answer.code() == "membership.sign_in_refused").count();
        assert!(judged <= 3, "{judged} were judged");
        sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.refused(429, "membership.sign_in_delayed");
    }

    async fn a_recovery_code_stands_for_the_app_once(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let typed = person.recovery[0].to_lowercase();
        sign_in(&club, "zahra", PASSWORD, &typed).await.expect(200);
        sign_in(&club, "zahra", PASSWORD, &typed).await.refused(401, "membership.sign_in_refused");
        sign_in(&club, "zahra", PASSWORD, &person.recovery[9]).await.expect(200);
    }

    async fn a_session_is_continued_once_a_token_and_a_second_use_ends_it(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let first = sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        let second = refresh(&club, &first["refresh_token"]).await.expect(200);
        resolve(&club, &first).await.expect(200);
        resolve(&club, &second).await.expect(200);
        refresh(&club, &second["access_token"]).await.refused(401, "membership.refresh_refused");
        refresh(&club, &first["refresh_token"]).await.refused(401, "membership.refresh_reused");
        for tokens in [&first, &second] {
            resolve(&club, tokens).await.refused(410, "membership.session_over");
        }
        refresh(&club, &second["refresh_token"]).await.refused(401, "membership.refresh_refused");
        refresh(&club, &json!("vsr_nothing")).await.refused(401, "membership.refresh_refused");
    }

    async fn a_session_that_rests_too_long_is_over(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let tokens = sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        club.wait_s(3_600);
        refresh(&club, &tokens["refresh_token"]).await.refused(401, "membership.refresh_refused");
        club.wait_s(11 * 3_600);
        resolve(&club, &tokens).await.refused(410, "membership.session_over");
    }

    async fn sessions_are_listed_and_ended_and_who_is_shut_out_has_none(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let one = sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        let two = sign_in(&club, "zahra", PASSWORD, &person.recovery[0]).await.expect(200);
        let listed = club.operator().get(&person.path("/sessions")).await.expect(200);
        assert_eq!(listed["sessions"].as_array().map(Vec::len), Some(2));
        let end = person.path(&format!("/sessions/{}", one["session_id"].as_str().expect("an id")));
        for _ in 0..2 {
            club.operator().delete(&end).await.expect(204);
        }
        resolve(&club, &one).await.refused(410, "membership.session_over");
        resolve(&club, &two).await.expect(200);
        let other = enrol(&club, "ali").await;
        let wrong = format!("/v1/staff/{other}/sessions/{}", two["session_id"].as_str().expect("an id"));
        club.operator().delete(&wrong).await.refused(404, "membership.staff_session_unknown");
        club.operator().post_nothing(&person.path("/disable")).await.expect(204);
        resolve(&club, &two).await.refused(410, "membership.session_over");
        refresh(&club, &two["refresh_token"]).await.refused(401, "membership.refresh_refused");
        sign_in(&club, "zahra", PASSWORD, &person.recovery[1]).await.refused(401, "membership.sign_in_refused");
        club.operator().post_nothing(&person.path("/invitations")).await.refused(409, "membership.staff_disabled");
        club.operator().post_nothing(&person.path("/enable")).await.expect(204);
        resolve(&club, &two).await.expect(200);
        club.operator().delete(&person.path("/sessions")).await.expect(204);
        resolve(&club, &two).await.refused(410, "membership.session_over");
    }

    async fn an_account_is_made_anew_and_the_old_one_opens_nothing(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let before = sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        let (lost, sent) = (invite(&club, &person.id).await, invite(&club, &person.id).await);
        begin(&club, &lost, OTHER).await.refused(410, "membership.invitation_refused");
        let begun = begin(&club, &sent, OTHER).await.expect(200);
        resolve(&club, &before).await.expect(200);
        let anew = Person { id: person.id.clone(), secret: bytes_of(begun["secret"].as_str().expect("a secret")), recovery: Vec::new() };
        confirm(&club, &sent, "000000").await.refused(422, "membership.factor_wrong");
        confirm(&club, &sent, "0000").await.refused(422, "membership.factor_malformed");
        confirm(&club, &sent, &anew.code(0)).await.expect(200);
        resolve(&club, &before).await.refused(410, "membership.session_over");
        for code in [person.code(1), person.recovery[3].clone()] {
            sign_in(&club, "zahra", PASSWORD, &code).await.refused(401, "membership.sign_in_refused");
        }
        sign_in(&club, "zahra", OTHER, &anew.code(1)).await.expect(200);
    }

    async fn an_invitation_lapses_and_weak_passwords_are_refused(club: Club) {
        let club = quick(club).await;
        let id = enrol(&club, "zahra").await;
        let invitation = invite(&club, &id).await;
        begin(&club, &invitation, "short").await.refused(422, "membership.password_length");
        begin(&club, &invitation, "zahra-password-1").await.refused(422, "membership.password_guessable");
        confirm(&club, &invitation, "123456").await.refused(410, "membership.invitation_refused");
        club.wait_s(3 * 86_400);
        begin(&club, &invitation, PASSWORD).await.refused(410, "membership.invitation_refused");
        begin(&club, "vi_nothing", PASSWORD).await.refused(410, "membership.invitation_refused");
    }

    async fn second_factors_are_sealed_by_the_new_master_key_in_accounts_and_half_way(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let ali = enrol(&club, "ali").await;
        let invitation = invite(&club, &ali).await;
        let begun = begin(&club, &invitation, PASSWORD).await.expect(200);
        let half = Person { id: ali, secret: bytes_of(begun["secret"].as_str().expect("a secret")), recovery: Vec::new() };
        let club = club.restarted(vec![NEW, OLD]).await;
        assert_eq!(rotate(&club).await.broken, 0);
        let club = club.restarted(vec![NEW]).await;
        sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        confirm(&club, &invitation, &half.code(0)).await.expect(200);
        sign_in(&club, "ali", PASSWORD, &half.code(1)).await.expect(200);
    }

    async fn passwords_secrets_and_tokens_lie_nowhere_in_the_open(club: Club) {
        let club = quick(club).await;
        let person = zahra(&club).await;
        let tokens = sign_in(&club, "zahra", PASSWORD, &person.code(1)).await.expect(200);
        let texts: Vec<&str> = [&tokens["access_token"], &tokens["refresh_token"]].iter().filter_map(|text| text.as_str()).collect();
        let recovery = person.recovery[0].replace('-', "");
        let hidden = [PASSWORD, texts[0], texts[1], recovery.as_str()];
        assert_eq!(leaks(&club, &hidden).await, Vec::<String>::new());
        assert_ne!(leaks(&club, &["$argon2id$v=19$m=1024,t=1,p=1$"]).await, Vec::<String>::new(), "hashes name their work");
    }
}
