//! Staff come in by the chain's identity provider: a real one, which demands PKCE and a nonce (J8).

use std::sync::Arc;

use axum::body::Body;
use http_body_util::BodyExt as _;
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use kernel::Clock as _;
use runtime::SystemClock;
use serde_json::{Value, json};
use testkit::servers::Provider;

use crate::club::{Answer, Club, on_both};

const BEGIN: &str = "/v1/staff-sign-in/provider";
const FINISH: &str = "/v1/staff-sign-in/provider/tokens";
const BACK_HERE: &str = "https://office.example/signed-in?from=id";

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}"))
}

async fn provider() -> Arc<Provider> {
    let started = tokio::task::spawn_blocking(Provider::start).await.expect("no panic");
    Arc::new(started.unwrap_or_else(|error| panic!("no provider for the tests: {error:#}")))
}

async fn with_provider(club: Club, provider: &Provider, more: &[(&str, &str)]) -> Club {
    let issuer = provider.issuer();
    let settings = [
        ("provider_issuer", issuer.as_str()),
        ("provider_client_id", "vafa"),
        ("provider_client_secret", "a secret: with / signs"),
        ("provider_redirect_uri", BACK_HERE),
    ];
    let club = club.with(&[&settings, more].concat()).await;
    // The provider goes by the machine's time.
    club.clock.advance_millis(SystemClock.now().millis_since(club.clock.now()));
    club
}

/// What the person's browser does at the provider: signs in as `subject`, and is sent back with a code and a state.
async fn at_the_provider(address: &str, subject: &str) -> (String, String) {
    let client: Client<_, Body> = Client::builder(TokioExecutor::new()).build_http();
    let request = axum::http::Request::post(address)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(format!("sub={subject}")))
        .expect("a request");
    let response = client.request(request).await.expect("the provider answers");
    let status = response.status();
    let location = response.headers().get("location").cloned();
    let page = response.into_body().collect().await.expect("a page").to_bytes();
    let page = String::from_utf8_lossy(&page).into_owned();
    let location = location.unwrap_or_else(|| panic!("{status} {page}"));
    let back = location.to_str().expect("an address");
    assert!(back.starts_with(BACK_HERE), "{back}");
    let query = back.split_once('?').expect("a query").1;
    let value = |name: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name} in {back}")).1.into_owned()
    };
    (value("code"), value("state"))
}

/// What the app sends once `subject` is back from the provider.
async fn returned(club: &Club, subject: &str) -> Value {
    let begun = club.anonymous().post_nothing(BEGIN).await.expect(200);
    let (code, state) = at_the_provider(text(&begun, "authorization_url"), subject).await;
    json!({"login": begun["login"], "state": state, "code": code})
}

async fn sign_in(club: &Club, subject: &str) -> Answer {
    let body = returned(club, subject).await;
    club.anonymous().post(FINISH, body).await
}

async fn employ(club: &Club, user_name: &str) -> String {
    let body = json!({"user_name": user_name, "name": "زهرا کریمی"});
    let person = club.operator().post("/v1/staff", body).await.expect(201);
    text(&person, "staff_id").to_owned()
}

async fn known_as(club: &Club, staff: &str, subject: &str) -> Answer {
    club.operator().put(&format!("/v1/staff/{staff}/subject"), json!({"subject": subject})).await
}

async fn invite(club: &Club, staff: &str) -> Value {
    let path = format!("/v1/staff/{staff}/invitations");
    club.operator().post_nothing(&path).await.expect(201)["invitation"].clone()
}

on_both! {
    async fn a_person_whom_the_list_knows_signs_in_and_whom_it_does_not_know_never_does(club: Club) {
        let provider = provider().await;
        let club = with_provider(club, &provider, &[]).await;
        let zahra = employ(&club, "zahra").await;
        sign_in(&club, "zahra-7").await.refused(403, "membership.subject_unknown");
        known_as(&club, &zahra, "zahra-7").await.expect(204);
        let tokens = sign_in(&club, "zahra-7").await.expect(200);
        assert_eq!(tokens["staff_id"], zahra.as_str());
        assert!(text(&tokens, "access_token").starts_with("vs_"));
        sign_in(&club, "Zahra-7").await.refused(403, "membership.subject_unknown");
        let refreshed = club.anonymous().post("/v1/staff-sign-in/refresh", json!({"refresh_token": tokens["refresh_token"]})).await;
        assert_eq!(refreshed.expect(200)["session_id"], tokens["session_id"]);
        club.operator().post_nothing(&format!("/v1/staff/{zahra}/disable")).await.expect(204);
        sign_in(&club, "zahra-7").await.refused(403, "membership.subject_unknown");
        club.operator().post_nothing(&format!("/v1/staff/{zahra}/enable")).await.expect(204);
        for _ in 0..2 {
            club.operator().delete(&format!("/v1/staff/{zahra}/subject")).await.expect(204);
        }
        sign_in(&club, "zahra-7").await.refused(403, "membership.subject_unknown");
    }

    async fn an_invitation_lets_a_subject_lead_to_whoever_was_invited(club: Club) {
        let provider = provider().await;
        let club = with_provider(club, &provider, &[]).await;
        let (zahra, ali) = (employ(&club, "zahra").await, employ(&club, "ali").await);
        let invitation = invite(&club, &zahra).await;
        let mut body = returned(&club, "zahra-7").await;
        body["invitation"] = invitation.clone();
        let tokens = club.anonymous().post(FINISH, body).await.expect(200);
        assert_eq!(tokens["staff_id"], zahra.as_str());
        sign_in(&club, "zahra-7").await.expect(200);
        let mut again = returned(&club, "other").await;
        again["invitation"] = invitation;
        club.anonymous().post(FINISH, again).await.refused(410, "membership.invitation_refused");
        let mut taken = returned(&club, "zahra-7").await;
        taken["invitation"] = invite(&club, &ali).await;
        club.anonymous().post(FINISH, taken).await.refused(409, "membership.subject_taken");
        known_as(&club, &ali, "zahra-7").await.refused(409, "membership.subject_taken");
        known_as(&club, &ali, "not visible").await.refused(422, "membership.subject_invalid");
        let nobody = "0192f3a1-7c00-7000-8000-00000000dead";
        known_as(&club, nobody, "x").await.refused(404, "membership.staff_unknown");
    }

    async fn what_comes_back_is_good_once_for_ten_minutes_and_for_who_began(club: Club) {
        let provider = provider().await;
        let club = with_provider(club, &provider, &[]).await;
        let zahra = employ(&club, "zahra").await;
        known_as(&club, &zahra, "zahra-7").await.expect(204);
        let good = returned(&club, "zahra-7").await;
        let other = club.anonymous().post_nothing(BEGIN).await.expect(200);
        for (name, value) in [
            ("login", other["login"].clone()),
            ("login", json!(text(&good, "login").replace("vl_", "vl_9"))),
            ("login", json!("vl_")),
            ("state", json!("x")),
        ] {
            let mut bad = good.clone();
            bad[name] = value;
            club.anonymous().post(FINISH, bad).await.refused(410, "membership.login_invalid");
        }
        let stolen = json!({"login": other["login"], "state": "x", "code": good["code"]});
        club.anonymous().post(FINISH, stolen).await.refused(410, "membership.login_invalid");
        club.anonymous().post(FINISH, good.clone()).await.expect(200);
        club.anonymous().post(FINISH, good).await.refused(401, "membership.provider_refused");
        let theirs = returned(&club, "zahra-7").await;
        let mut mixed = returned(&club, "zahra-7").await;
        mixed["code"] = theirs["code"].clone();
        club.anonymous().post(FINISH, mixed).await.refused(401, "membership.provider_refused");
        let late = returned(&club, "zahra-7").await;
        club.wait_s(601);
        club.anonymous().post(FINISH, late).await.refused(410, "membership.login_invalid");
    }

    async fn keys_of_the_provider_take_turns_and_its_silence_is_said(club: Club) {
        let provider = provider().await;
        let club = with_provider(club, &provider, &[]).await;
        let zahra = employ(&club, "zahra").await;
        known_as(&club, &zahra, "zahra-7").await.expect(204);
        sign_in(&club, "zahra-7").await.expect(200);
        let waiting = returned(&club, "zahra-7").await;
        provider.kill().expect("it ends");
        club.anonymous().post(FINISH, waiting).await.refused(503, "membership.provider_silent");
        provider.restart().expect("it starts");
        // Keys are not asked for more often than every ten seconds.
        tokio::time::sleep(std::time::Duration::from_secs(11)).await;
        sign_in(&club, "zahra-7").await.expect(200);
        for (language, word) in [("fa", "ورود"), ("ar", "الدخول"), ("en", "sign")] {
            let refused = club.anonymous().speaking(language).post(FINISH, json!({"login": "x", "state": "x", "code": "x"})).await;
            let refused = refused.refused(410, "membership.login_invalid");
            assert!(text(&refused, "title").contains(word), "{language}: {refused}");
        }
    }

    async fn without_a_provider_nobody_comes_in_by_one(club: Club) {
        club.anonymous().post_nothing(BEGIN).await.refused(404, "membership.provider_missing");
        let body = json!({"login": "x", "state": "x", "code": "x"});
        club.anonymous().post(FINISH, body).await.refused(404, "membership.provider_missing");
        let zahra = employ(&club, "zahra").await;
        known_as(&club, &zahra, "x").await.refused(404, "membership.provider_missing");
    }

    async fn where_passwords_are_for_emergencies_only_one_name_opens_by_one(club: Club) {
        let provider = provider().await;
        let rules = [("password_sign_in", "break_glass"), ("break_glass_user", "glass")];
        let club = with_provider(club, &provider, &rules).await;
        let sign_in = |user_name: &'static str| {
            let body = json!({"user_name": user_name, "password": "a long enough password", "code": "123456"});
            async { club.anonymous().post("/v1/staff-sign-in/tokens", body).await }
        };
        sign_in("zahra").await.refused(403, "membership.password_sign_in_closed");
        sign_in("glass").await.refused(401, "membership.sign_in_refused");
        for (user_name, expected) in [("zahra", 403), ("glass", 200)] {
            let staff = employ(&club, user_name).await;
            let body = json!({"invitation": invite(&club, &staff).await, "password": "correct horse battery"});
            let answer = club.anonymous().post("/v1/staff-sign-in/accounts", body).await;
            assert_eq!(answer.status, expected, "{user_name}: {}", answer.text);
        }
    }
}
