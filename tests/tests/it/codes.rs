//! One-time codes by the providers that bring everything else, past every queue (J6, N5).

use journeys::{Stage, alone_in_both_shapes, programme};
use serde_json::json;
use vafa::client::Call;

alone_in_both_shapes!(&[("membership.carrier", "notifications")];
    a_member_signs_in_by_a_code_that_a_provider_brings,
);

async fn a_member_signs_in_by_a_code_that_a_provider_brings(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let (phone, member) = operator.open_shop().await.welcome().await;
    let asked = stage.call(Call::post("/v1/sign-in/codes").json(&json!({"phone": phone}))).await.with(202);
    let text = stage.told(&phone, "کد ورود").await;
    let code = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).unwrap();
    let body = json!({"sign_in_id": asked["sign_in_id"], "code": code});
    let tokens = stage.call(Call::post("/v1/sign-in/tokens").json(&body)).await.ok();
    assert_eq!(tokens["member_id"], member);
    // The log says that a code was sent, and not which.
    let log = operator.get(format!("/v1/members/{member}/messages")).await.ok();
    let kinds: Vec<&str> =
        log["messages"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert!(kinds.contains(&"one_time_code") && !log.to_string().contains(code), "{log}");
    assert!(!stage.data_folder().join("outbox").exists(), "the code lies in one place");
}
