//! The chain says something to many: a segment, a list, whoever has a birthday; and sees what that did (N4, N5).

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use journeys::{Goods, Operator, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[("chain.time_zone", "UTC"), ("notifications.quiet_from", "0"), ("notifications.quiet_until", "0"), ("notifications.unasked_a_day", "2")];
    a_campaign_reaches_whom_it_is_about_and_shows_what_it_did,
);

/// The same words in every language, with the campaign's own word in them.
fn words(word: &str) -> Value {
    let text = |text: &str| json!({"title": "{ $chain }", "text": format!("{word}: {text}")});
    json!({"fa": text("{ $name } عزیز، قهوه مهمان ماست."), "ar": text("{ $name }، القهوة علينا."), "en": text("{ $name }, coffee is on us.")})
}

/// Members with their phones, who all want offers.
async fn members(stage: &Stage, till: &Till, many: usize) -> Vec<(String, String)> {
    let operator = stage.as_operator();
    let texts = json!({"fa": "پیشنهادها را بفرستید.", "ar": "أرسلوا العروض.", "en": "Send me offers."});
    let _ = operator.put("/v1/consent-purposes/offers", &json!({"texts": texts})).await.created();
    let asked = stage.call(Call::get("/v1/consent-purposes")).await.ok();
    let agreed = json!({"text_version": asked["purposes"][0]["text_version"], "language": "fa"});
    let mut all = Vec::new();
    for _ in 0..many {
        let (phone, member) = till.welcome().await;
        let consent = format!("/v1/members/{member}/consents/offers");
        let _ = till.send(Call::put(&consent).json(&agreed)).await.created();
        let _ = till.sell(&Goods::by_phone(&phone, 20_000)).await.created();
        all.push((phone, member));
    }
    all
}

async fn schedule(operator: &Operator, code: &str) {
    let path = format!("/v1/campaigns/{code}/schedule");
    let _ = operator.send(Call::post(path).json(&json!({}))).await.ok();
}

async fn until(operator: &Operator, path: &str, is_it: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let found = operator.get(path).await.ok();
        if is_it(&found) {
            return found;
        }
        assert!(begun.elapsed() < Duration::from_secs(20), "{found}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Those who were told something with this word in it.
fn told(stage: &Stage, all: &[(String, String)], word: &str) -> Vec<usize> {
    let heard = |phone: &str| stage.sent_to(phone).iter().filter(|text| text.contains(word)).count();
    (0..all.len())
        .filter(|index| {
            let times = heard(&all[*index].0);
            assert!(times < 2, "once");
            times == 1
        })
        .collect()
}

async fn a_campaign_reaches_whom_it_is_about_and_shows_what_it_did(stage: Stage) {
    let operator = stage.as_operator();
    operator.make_live(&programme(&[])).await;
    let till = operator.open_shop().await;
    let all = members(&stage, &till, 10).await;
    let ids = |range: std::ops::Range<usize>| all[range].iter().map(|(_, id)| id.clone()).collect::<Vec<_>>();

    // Seven of ten are in a segment.
    let segment = fresh("regulars");
    let _ = operator.put(format!("/v1/segments/{segment}"), &json!({})).await.created();
    let path = format!("/v1/segments/{segment}/members");
    let _ = operator.send(Call::post(path).json(&json!({"add": ids(0..7)}))).await.ok();
    let (code, word) = (fresh("coffee"), fresh("word"));
    let terms = json!({"name": "Coffee week", "audience": {"type": "segment", "segment": segment}, "words": words(&word)});
    let _ = operator.put(format!("/v1/campaigns/{code}"), &terms).await.ok();
    let audience = operator.get(format!("/v1/campaigns/{code}/audience")).await.ok();
    assert_eq!((&audience["members"], &audience["first"]), (&json!(7), &json!(7)));
    schedule(&operator, &code).await;
    let view = until(&operator, &format!("/v1/campaigns/{code}"), |view| view["stage"] == "done").await;
    assert_eq!((&view["seen"], &view["queued"]), (&json!(7), &json!(7)));
    assert_eq!(told(&stage, &all, &word), (0..7).collect::<Vec<_>>());
    assert!(stage.told(&all[0].0, &word).await.contains("زهرا عزیز"));

    // A list is held half out, and one of each half buys.
    let (code, word) = (fresh("tea"), fresh("word"));
    let shares =
        json!({"name": "Tea", "audience": {"type": "list"}, "words": words(&word), "control_percent": 50});
    let _ = operator.put(format!("/v1/campaigns/{code}"), &shares).await.ok();
    let path = format!("/v1/campaigns/{code}/members");
    let listed = operator.send(Call::post(path).json(&json!({"members": ids(0..10)}))).await.ok();
    assert_eq!(listed, json!({"added": 10, "listed": 10}));
    schedule(&operator, &code).await;
    let view = until(&operator, &format!("/v1/campaigns/{code}"), |view| view["stage"] == "done").await;
    let got: BTreeSet<usize> = told(&stage, &all, &word).into_iter().collect();
    assert_eq!(view["held_out"], json!(10 - got.len()));
    if let Some(buyer) = got.first() {
        let _ = till.sell(&Goods::by_phone(&all[*buyer].0, 130_000)).await.created();
    }
    let path = format!("/v1/campaigns/{code}/results");
    let results = until(&operator, &path, |results| {
        let arms = results["arms"].as_array().unwrap();
        arms.iter().all(|arm| arm["arm"] == "control" || arm["buyers"] == 1)
    })
    .await;
    let arm = |name: &str| results["arms"].as_array().unwrap().iter().find(|arm| arm["arm"] == name);
    if let Some(first) = arm("first") {
        assert_eq!((&first["sent"], &first["amount"]), (&json!(got.len()), &json!(130_000)), "{results}");
    }
    assert!(arm("control").is_none_or(|control| control["buyers"] == 0 && control["sent"] == 0), "{results}");
    till.get(path).await.refused(403, "web.access_denied");
    super::redemptions::audit_is_clean(&stage).await;
}
