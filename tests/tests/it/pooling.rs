//! A household spends its points together, and what a rule gave for one member alone stays with that member (J5, P1, P6).

use std::time::{Duration, Instant};

use journeys::{Goods, Stage, Till, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_family_spends_together_and_gifts_for_one_stay_with_that_one,
);

/// Waits until points has heard that the member has somebody to spend with.
async fn together(till: &Till, member: &str) -> Value {
    let since = Instant::now();
    loop {
        let balance = till.balance_of(member).await;
        if balance["household"].is_object() {
            return balance;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{balance}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// J5, P1, P6.
async fn a_family_spends_together_and_gifts_for_one_stay_with_that_one(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let gift = json!({
        "code": "gift", "name": {"fa": "هدیه", "ar": "هدية", "en": "A gift"}, "transferable": false,
        "when": {"minimum_basket": 100_000}, "give": {"fixed": {"points": 50}},
    });
    let mut document = programme(&[gift]);
    document["pooling"] = json!({});
    document["transfers"] = json!({"to": "household"});
    let _ = operator.put("/v1/programme", &document).await.created();
    let (phone, zahra) = till.welcome().await;
    let (other, ali) = till.welcome().await;
    let household = uuid::Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0007);
    for (member, role) in [(&zahra, "head"), (&ali, "member")] {
        let path = format!("/v1/households/{household}/members/{member}");
        let said = operator.put(&path, &json!({"role": role})).await;
        assert!(said.status() < 300, "{}", said.status());
    }
    let _ = till.sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let _ = till.sell(&Goods::by_phone(&other, 20_000)).await.created();
    assert_eq!(together(&till, &ali).await["household"], json!({"points": 120, "members": 2}));

    let redeem = |phone: &str, points: i64| {
        let body = json!({"member": {"phone": phone}, "points": points});
        till.send(Call::post("/v1/redemptions").idempotency_key(&fresh("key")).json(&body))
    };
    assert_eq!(redeem(&other, 121).await.refused(422, "points.balance_too_low")["missing"], 1);
    let spent = redeem(&other, 60).await.created();
    assert_eq!(spent["balance"], 0);
    let given = till.balance_of(&zahra).await;
    assert_eq!((&given["points"], &given["not_transferable"]), (&json!(110), &json!(50)));
    let history = till.get(format!("/v1/members/{zahra}/history")).await.ok();
    assert_eq!(
        (&history["items"][0]["kind"], &history["items"][0]["points"]),
        (&json!("pool_given"), &json!(-40))
    );

    let me = stage.sign_in(&phone, 1).await;
    let send = |points: i64| {
        let body = json!({"from": zahra, "to": {"phone": other}, "points": points});
        me.send(Call::post("/v1/transfers").idempotency_key(&fresh("key")).json(&body))
    };
    assert_eq!(send(61).await.refused(422, "points.points_not_transferable")["transferable"], 60);
    assert_eq!(send(60).await.created()["transfer"]["status"], "completed");
    assert_eq!(
        (&till.balance_of(&zahra).await["points"], &till.balance_of(&ali).await["points"]),
        (&json!(50), &json!(60))
    );
}
