//! Sessions: tokens, their rotation, what a stolen one does, signing out, stepping up (J8).

use futures_util::future::join_all;
use kernel::{MemberId, SessionId, Timestamp};
use serde_json::{Value, json};
use web::{AccessClaims, KeySet, TokenKeys};

use crate::{
    club::{Answer, Club, on_both},
    sign_in::{ask, join, sign_in},
};

const PHONE: &str = "+989121234567";
const OTHER: &str = "+989121234568";

async fn refresh(club: &Club, token: &Value) -> Answer {
    club.anonymous().post("/v1/sign-in/refresh", json!({"refresh_token": token})).await
}

async fn keys(club: &Club) -> KeySet {
    let shown = club.anonymous().get("/v1/.well-known/jwks.json").await.expect(200);
    serde_json::from_value(shown).expect("a key set")
}

async fn claims(club: &Club, tokens: &Value) -> AccessClaims {
    let token = tokens["access_token"].as_str().expect("a token");
    let now: Timestamp = kernel::Clock::now(&*club.clock);
    TokenKeys::new(&keys(club).await).verify(token.as_bytes(), now).expect("a good token")
}

async fn resolve(club: &Club, tokens: &Value) -> Answer {
    club.service().post("/internal/v1/sessions/resolve", json!({"session_id": tokens["session_id"]})).await
}

fn ids(tokens: &Value) -> (MemberId, SessionId) {
    let id = |name: &str| tokens[name].as_str().expect("an id").to_owned();
    (id("member_id").parse().expect("an id"), id("session_id").parse().expect("an id"))
}

on_both! {
    async fn an_access_token_is_verified_by_the_public_keys_alone(club: Club) {
        join(&club, PHONE).await;
        let tokens = sign_in(&club, PHONE, 1).await;
        let claims = claims(&club, &tokens).await;
        let (member, session) = ids(&tokens);
        assert_eq!((claims.sub, claims.sid, claims.exp - claims.iat), (member, session, 900));
        assert!(claims.phone_confirmed && claims.stepped_up_until.is_none());
        assert_eq!(resolve(&club, &tokens).await.expect(200)["member_id"], tokens["member_id"]);
    }

    async fn each_refresh_token_is_good_once_and_a_second_use_ends_the_family(club: Club) {
        join(&club, PHONE).await;
        let first = sign_in(&club, PHONE, 1).await;
        let elsewhere = sign_in(&club, PHONE, 2).await;
        let second = refresh(&club, &first["refresh_token"]).await.expect(200);
        assert_eq!(second["session_id"], first["session_id"]);
        let third = refresh(&club, &second["refresh_token"]).await.expect(200);
        refresh(&club, &first["refresh_token"]).await.refused(401, "membership.refresh_reused");
        refresh(&club, &third["refresh_token"]).await.refused(401, "membership.refresh_refused");
        refresh(&club, &first["refresh_token"]).await.refused(401, "membership.refresh_refused");
        resolve(&club, &third).await.refused(410, "membership.session_over");
        // The member's other session is another family.
        refresh(&club, &elsewhere["refresh_token"]).await.expect(200);
    }

    async fn a_refresh_token_that_comes_many_times_at_once_continues_the_session_at_most_once(club: Club) {
        join(&club, PHONE).await;
        let tokens = sign_in(&club, PHONE, 1).await;
        let answers = join_all((0..12).map(|_| refresh(&club, &tokens["refresh_token"]))).await;
        assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
        resolve(&club, &tokens).await.refused(410, "membership.session_over");
    }

    async fn a_session_rests_for_a_month_and_lasts_half_a_year(club: Club) {
        const DAY: i64 = 24 * 3_600;
        join(&club, PHONE).await;
        let mut tokens = sign_in(&club, PHONE, 1).await;
        let rested = sign_in(&club, PHONE, 2).await;
        for _ in 0..7 {
            club.wait_s(25 * DAY);
            tokens = refresh(&club, &tokens["refresh_token"]).await.expect(200);
        }
        refresh(&club, &rested["refresh_token"]).await.refused(401, "membership.refresh_refused");
        club.wait_s(6 * DAY);
        refresh(&club, &tokens["refresh_token"]).await.refused(401, "membership.refresh_refused");
        resolve(&club, &tokens).await.refused(410, "membership.session_over");
    }

    async fn a_member_sees_and_ends_their_own_sessions_and_nobody_elses(club: Club) {
        join(&club, PHONE).await;
        join(&club, OTHER).await;
        let (here, there, stranger) =
            (sign_in(&club, PHONE, 1).await, sign_in(&club, PHONE, 2).await, sign_in(&club, OTHER, 1).await);
        let (member, session) = ids(&here);
        let me = club.member(member, session);
        let path = format!("/v1/members/{member}/sessions");
        let listed = me.get(&path).await.expect(200);
        let current: Vec<(&Value, &Value)> =
            listed["sessions"].as_array().expect("a list").iter().map(|s| (&s["session_id"], &s["current"])).collect();
        assert_eq!(current, [(&there["session_id"], &json!(false)), (&here["session_id"], &json!(true))]);
        let (other, theirs) = ids(&stranger);
        for (path, ending) in [(format!("/v1/members/{other}/sessions"), false), (format!("/v1/members/{other}/sessions/{theirs}"), true), (format!("/v1/members/{other}"), false)] {
            let answer = if ending { me.delete(&path).await } else { me.get(&path).await };
            answer.refused(403, "web.access_denied");
        }
        me.delete(&format!("{path}/{theirs}")).await.refused(404, "membership.session_unknown");
        me.delete(&format!("{path}/{}", ids(&there).1)).await.expect(204);
        me.delete(&format!("{path}/{}", ids(&there).1)).await.expect(204);
        refresh(&club, &there["refresh_token"]).await.refused(401, "membership.refresh_refused");
        resolve(&club, &here).await.expect(200);
        me.delete(&path).await.expect(204);
        resolve(&club, &here).await.refused(410, "membership.session_over");
        resolve(&club, &stranger).await.expect(200);
        club.operator().delete(&format!("/v1/members/{other}/sessions")).await.expect(204);
        resolve(&club, &stranger).await.refused(410, "membership.session_over");
        let nobody = "0192f3a1-7c00-7000-8000-000000000002";
        for method in ["GET", "DELETE"] {
            let answer = club.operator().send(method, &format!("/v1/members/{nobody}/sessions"), None).await;
            answer.refused(404, "membership.member_unknown");
        }
    }

    async fn a_fresh_code_raises_the_session_for_some_minutes(club: Club) {
        join(&club, PHONE).await;
        join(&club, OTHER).await;
        let tokens = sign_in(&club, PHONE, 1).await;
        let (member, session) = ids(&tokens);
        let raise = async |id: &str, code: &str| {
            let path = format!("/v1/members/{member}/step-up");
            club.member(member, session).post(&path, json!({"sign_in_id": id, "code": code})).await
        };
        // Another one's code vouches for another one.
        let theirs = ask(&club, OTHER).await;
        let code = club.code_for(OTHER, 1).await;
        raise(&theirs, &code).await.refused(410, "membership.code_spent");
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 2).await;
        let raised = raise(&id, &code).await.expect(200);
        let until = claims(&club, &raised).await.stepped_up_until.expect("raised");
        assert_eq!(until - kernel::Clock::now(&*club.clock).micros() / 1_000_000, 300);
        // A refresh keeps it, and then it is over.
        let next = refresh(&club, &tokens["refresh_token"]).await.expect(200);
        assert_eq!(claims(&club, &next).await.stepped_up_until, Some(until));
        club.wait_s(300);
        let next = refresh(&club, &next["refresh_token"]).await.expect(200);
        assert_eq!(claims(&club, &next).await.stepped_up_until, None);
        club.member(member, session).delete(&format!("/v1/members/{member}/sessions")).await.expect(204);
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 3).await;
        raise(&id, &code).await.refused(410, "membership.session_over");
    }

    async fn a_device_is_known_by_the_name_that_the_app_gave(club: Club) {
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let code = club.code_for(PHONE, 1).await;
        let body = json!({"sign_in_id": id, "code": code, "device": "گوشی زهرا"});
        let tokens = club.anonymous().post("/v1/sign-in/tokens", body).await.expect(200);
        let (member, session) = ids(&tokens);
        let listed = club.member(member, session).get(&format!("/v1/members/{member}/sessions")).await.expect(200);
        assert_eq!(listed["sessions"][0]["device"], "گوشی زهرا");
    }

    async fn keys_take_turns_and_no_good_token_is_refused(club: Club) {
        const DAY: i64 = 24 * 3_600;
        join(&club, PHONE).await;
        let old = sign_in(&club, PHONE, 1).await;
        assert_eq!(keys(&club).await.keys.len(), 1);
        // An hour before the month is over the next key is shown; it does not sign yet.
        let club = club.later(30 * DAY - 3_000).await;
        let shown = keys(&club).await;
        assert_eq!(shown.keys.len(), 2);
        let before = refresh(&club, &old["refresh_token"]).await.expect(200);
        let club = club.later(30 * DAY + 700).await;
        let after = sign_in(&club, PHONE, 2).await;
        let verified = TokenKeys::new(&shown);
        let now = kernel::Clock::now(&*club.clock);
        for tokens in [&before, &after] {
            let token = tokens["access_token"].as_str().expect("a token");
            let flaw = verified.verify(token.as_bytes(), now).err();
            assert!(flaw.is_none() || flaw == Some(web::TokenFlaw::Lapsed), "{flaw:?}");
        }
        let kid = |tokens: &Value| tokens["access_token"].as_str().and_then(|t| t.split('.').next()).map(str::to_owned);
        assert_ne!(kid(&before), kid(&after));
        let club = club.later(31 * DAY).await;
        assert_eq!(keys(&club).await.keys.len(), 1);
    }

    async fn a_member_gets_a_card_for_the_phone_and_links_none_in_hand(club: Club) {
        let member = join(&club, PHONE).await;
        let tokens = sign_in(&club, PHONE, 1).await;
        let (id, session) = ids(&tokens);
        let me = club.member(id, session);
        let path = format!("/v1/members/{member}/cards");
        me.post(&path, json!({})).await.expect(201);
        me.post(&path, json!({"number": "4111111111111111"})).await.refused(403, "web.access_denied");
        assert_eq!(me.get(&format!("/v1/members/{member}")).await.expect(200)["cards"].as_array().map(Vec::len), Some(1));
        me.post("/v1/members/lookup", json!({"phone": PHONE})).await.refused(403, "web.access_denied");
    }
}
