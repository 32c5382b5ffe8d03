//! Consents: given at the till, seen and withdrawn in the app (J9).

use std::sync::Arc;

use journeys::{Goods, Stage, fresh, in_both_shapes};
use serde_json::{Value, json};
use vafa::client::Call;

in_both_shapes!(a_consent_is_given_at_the_till_and_withdrawn_in_the_app);

async fn a_consent_is_given_at_the_till_and_withdrawn_in_the_app(stage: Arc<Stage>) {
    let (operator, purpose) = (stage.as_operator(), fresh("offers"));
    let texts = json!({"fa": "پیشنهادها را بفرستید.", "ar": "أرسلوا العروض.", "en": "Send me offers."});
    let path = format!("/v1/consent-purposes/{purpose}");
    let _ = operator.put(&path, &json!({"texts": texts})).await.created();
    let asked = stage.call(Call::get("/v1/consent-purposes")).await.ok();
    let shown: Vec<&Value> = asked["purposes"].as_array().unwrap().iter().collect();
    let shown = shown.into_iter().find(|one| one["purpose"] == purpose.as_str()).unwrap();

    let till = operator.open_shop().await;
    let (phone, member) = till.welcome().await;
    let consent = format!("/v1/members/{member}/consents/{purpose}");
    let agreed = json!({"text_version": shown["text_version"], "language": "fa"});
    let given = till.send(Call::put(&consent).json(&agreed)).await.created();
    assert_eq!((&given["channel"], &given["till"]), (&json!("till"), &json!(till.code)));
    let _ = till.sell(&Goods::by_phone(&phone, 5_000)).await.created();

    let me = stage.sign_in(&phone, 1).await;
    let mine = me.get(me.own("/consents")).await.ok();
    assert_eq!(
        (&mine["consents"][0]["given"], &mine["consents"][0]["purpose"]),
        (&json!(true), &json!(purpose))
    );
    assert_eq!(me.send(Call::delete(&consent)).await.status(), 204);
    let mine = me.get(me.own("/consents")).await.ok();
    assert_eq!(mine["consents"][0]["given"], false);
    assert_eq!(mine["history"].as_array().map(Vec::len), Some(2));

    let (_, other) = till.welcome().await;
    let theirs = format!("/v1/members/{other}/consents/{purpose}");
    me.send(Call::put(&theirs).json(&agreed)).await.refused(403, "web.access_denied");
    me.send(Call::delete(&theirs)).await.refused(403, "web.access_denied");
    // Words that have changed are to be shown again.
    let other_words = json!({"fa": "پیشنهادها را هر هفته بفرستید.", "ar": "أرسلوا العروض كل أسبوع.", "en": "Send me offers every week."});
    let _ = operator.put(&path, &json!({"texts": other_words})).await.ok();
    let refused = me.send(Call::put(&consent).json(&agreed)).await;
    refused.refused(409, "membership.consent_text_outdated");
}
