//! Staff come in by the chain's identity provider, a real one, and do what our own list allows (J8).

use journeys::{Operator, Reply, Shape, Stage, block_on, fresh};
use serde_json::{Value, json};
use testkit::servers::Provider;
use vafa::client::{Call, Client};

mod embedded {
    #[test]
    fn the_provider_says_who_and_our_list_what_they_may() {
        super::play(super::Shape::Embedded);
    }
}

mod distributed {
    #[test]
    fn the_provider_says_who_and_our_list_what_they_may() {
        super::play(super::Shape::Distributed);
    }
}

fn play(shape: Shape) {
    let provider = Provider::start().unwrap_or_else(|error| panic!("no provider for the tests: {error:#}"));
    let issuer = provider.issuer();
    let settings = [
        ("membership.provider_issuer", issuer.as_str()),
        ("membership.provider_client_id", "vafa"),
        ("membership.provider_client_secret", "a-secret-of-the-tests"),
        ("membership.provider_redirect_uri", "https://office.example/signed-in"),
        ("membership.password_sign_in", "break_glass"),
        ("membership.break_glass_user", "glass"),
    ];
    block_on(async {
        let stage = Stage::bare(shape, &settings).await;
        the_provider_says_who_and_our_list_what_they_may(stage, &issuer).await;
    });
}

async fn the_provider_says_who_and_our_list_what_they_may(stage: Stage, issuer: &str) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let subject = fresh("subject");
    let id = take_in(&operator).await;
    let role = json!({"role": "cashier", "branch": till.branch.code});
    let _ = operator.send(Call::post(format!("/v1/staff/{id}/grants")).json(&role)).await.created();
    come_back(&stage, issuer, &subject, None).await.refused(403, "membership.subject_unknown");
    let invited = operator.send(Call::post(format!("/v1/staff/{id}/invitations"))).await.created();
    let tokens = come_back(&stage, issuer, &subject, Some(&invited["invitation"])).await.ok();
    assert_eq!(tokens["staff_id"], id.as_str());
    let (phone, _) = till.welcome().await;
    let look = || {
        Call::post("/v1/members/lookup").header("look-reason", "member_asked").json(&json!({"phone": phone}))
    };
    let token = |tokens: &Value| tokens["access_token"].as_str().unwrap().to_owned();
    let _ = stage.call(look().bearer(&token(&tokens))).await.ok();
    stage.call(Call::get("/v1/staff").bearer(&token(&tokens))).await.refused(403, "web.access_denied");

    let renewed =
        Call::post("/v1/staff-sign-in/refresh").json(&json!({"refresh_token": tokens["refresh_token"]}));
    let renewed = stage.call(renewed).await.ok();
    let _ = stage.call(look().bearer(&token(&renewed))).await.ok();
    let again = come_back(&stage, issuer, &subject, None).await.ok();
    assert_ne!(again["session_id"], tokens["session_id"]);
    let password = json!({"user_name": "anybody", "password": "correct horse battery", "code": "123456"});
    let closed = stage.call(Call::post("/v1/staff-sign-in/tokens").json(&password)).await;
    closed.refused(403, "membership.password_sign_in_closed");
    assert_eq!(operator.send(Call::delete(format!("/v1/staff/{id}/subject"))).await.status(), 204);
    come_back(&stage, issuer, &subject, None).await.refused(403, "membership.subject_unknown");
}

async fn take_in(operator: &Operator) -> String {
    let body = json!({"user_name": fresh("person"), "name": "زهرا کریمی"});
    let person = operator.send(Call::post("/v1/staff").json(&body)).await.created();
    person["staff_id"].as_str().unwrap().to_owned()
}

/// Goes to the provider, signs in there as `subject`, and comes back.
async fn come_back(stage: &Stage, issuer: &str, subject: &str, invitation: Option<&Value>) -> Reply {
    let begun = stage.call(Call::post("/v1/staff-sign-in/provider")).await.ok();
    let address = begun["authorization_url"].as_str().unwrap();
    let page = Call::post(address.strip_prefix(issuer).unwrap());
    let filled = page.raw("application/x-www-form-urlencoded", format!("sub={subject}"));
    let answer = Client::new(issuer).unwrap().send(&filled).await.unwrap();
    let back = Reply(answer);
    let location = back.header("location").to_owned();
    let value = |name: &str| {
        let query = location.split_once('?').unwrap().1;
        let pair = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        pair.unwrap_or_else(|| panic!("no {name} in {location}")).to_owned()
    };
    let mut body = json!({"login": begun["login"], "state": value("state"), "code": value("code")});
    if let Some(invitation) = invitation {
        body["invitation"] = invitation.clone();
    }
    stage.call(Call::post("/v1/staff-sign-in/provider/tokens").json(&body)).await
}
