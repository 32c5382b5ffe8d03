//! Points for what no till sells: sent by the operator, or heard from membership (P1, J5).

pub(crate) mod profiles;

use std::time::{Duration, Instant};

use journeys::{Operator, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_survey_earns_once_and_joining_is_welcomed,
);

/// P1, J5.
async fn a_survey_earns_once_and_joining_is_welcomed(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let name = json!({"fa": "هدیه", "ar": "هدية", "en": "Gift"});
    let mut document = programme(&[]);
    document["actions"] = json!([
        {"code": "welcome", "name": name, "on": {"action": "joined"}, "give": {"fixed": {"points": 20}}},
        {
            "code": "survey", "name": name, "on": {"action": "survey"}, "give": {"fixed": {"points": 50}},
            "funder": till.branch.code, "limits": [{"per": "member", "every": "ever", "times": 2}],
        },
    ]);
    operator.make_live(&document).await;
    let (phone, member) = till.welcome().await;
    comes_to(&till, &member, 20).await;

    let survey = |reference: &str| json!({"member": {"phone": phone}, "action": "survey", "reference": reference, "occurred_at": journeys::now()});
    let (first, key) = (survey("autumn"), fresh("key"));
    let answer = act(&operator, &key, &first).await.created();
    assert_eq!((&answer["points"], &answer["balance"]["points"]), (&json!(50), &json!(70)));
    let again = act(&operator, &key, &first).await;
    assert_eq!((again.ok(), again.header("idempotency-replayed")), (answer.clone(), "true"));
    assert_eq!(act(&operator, &fresh("key"), &first).await.ok(), answer);
    let _ = act(&operator, &fresh("key"), &survey("winter")).await.created();
    let third = act(&operator, &fresh("key"), &survey("spring")).await.created();
    assert_eq!((&third["points"], &third["rules"][0]["skipped"]), (&json!(0), &json!("cap_reached")));
    let mut dance = survey("dance");
    dance["action"] = "dance".into();
    let _ = act(&operator, &fresh("key"), &dance).await.refused(422, "points.action_without_rule");

    let path = format!("/v1/actions/{}", answer["action_id"].as_str().unwrap());
    assert_eq!(till.get(path).await.ok()["reference"], "autumn");
    let history = till.get(format!("/v1/members/{member}/history")).await.ok();
    let did = history["items"].as_array().unwrap().iter().map(|item| item["action"].clone());
    assert_eq!(did.collect::<Vec<_>>(), ["survey", "survey", "survey", "joined"]);
    assert_eq!(till.balance_of(&member).await["points"], 120);
}

async fn act(operator: &Operator, key: &str, body: &Value) -> journeys::Reply {
    operator.send(Call::post("/v1/actions").idempotency_key(key).json(body)).await
}

/// What membership tells is on its way for a moment.
async fn comes_to(till: &Till, member: &str, points: i64) {
    let begun = Instant::now();
    while till.balance_of(member).await["points"] != points {
        assert!(begun.elapsed() < Duration::from_secs(20), "the points never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
