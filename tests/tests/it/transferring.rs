//! Members pass points on by themselves: a quote, a request, a fresh code, the other one's word (P4, P6).

use journeys::{Goods, SignedIn, Stage, alone_in_both_shapes, fresh, programme};
use serde_json::{Value, json};
use vafa::client::Call;

alone_in_both_shapes!(&[];
    a_large_gift_takes_a_fresh_code_and_the_receivers_word,
);

async fn says(me: &SignedIn, transfer: &str, word: &str) -> journeys::Reply {
    me.send(Call::post(format!("/v1/transfers/{transfer}/{word}"))).await
}

async fn newest(me: &SignedIn) -> Value {
    me.get(me.own("/transfers")).await.ok()["items"][0].clone()
}

/// P4, P6.
async fn a_large_gift_takes_a_fresh_code_and_the_receivers_word(stage: Stage) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let mut document = programme(&[]);
    document["transfers"] = json!({"to": "anyone", "step_up_above": 50, "acceptance": true, "fee": {"fixed": 1, "percent": 0, "rounding": "up"}});
    let _ = operator.put("/v1/programme", &document).await.created();
    let (phone, zahra) = till.welcome().await;
    let (other, ali) = till.welcome().await;
    let _ = till.sell(&Goods::by_phone(&phone, 100_000)).await.created();
    let mut me = stage.sign_in(&phone, 1).await;
    let friend = stage.sign_in(&other, 1).await;

    let gift = json!({"from": zahra, "to": {"phone": other}, "points": 60});
    let quote = me.send(Call::post("/v1/transfers/quotes").json(&gift)).await.ok();
    assert_eq!((&quote["transfer"]["fee"], &quote["transfer"]["status"]), (&json!(1), &json!("step_up")));
    let key = fresh("key");
    let send = || Call::post("/v1/transfers").idempotency_key(&key).json(&gift);
    friend.send(send()).await.refused(403, "web.access_denied");
    let sent = me.send(send()).await.created();
    let id = sent["transfer"]["transfer_id"].as_str().unwrap().to_owned();
    assert_eq!(sent["balance"], 39);
    says(&me, &id, "confirm").await.refused(403, "points.step_up_needed");
    stage.raise(&mut me, &phone, 2).await;
    assert_eq!(says(&me, &id, "confirm").await.ok()["status"], "acceptance");
    assert_eq!(newest(&friend).await["status"], "acceptance");
    says(&me, &id, "accept").await.refused(403, "web.access_denied");
    assert_eq!(says(&friend, &id, "accept").await.ok()["status"], "completed");
    assert_eq!(newest(&me).await, newest(&friend).await);
    assert_eq!(
        (&till.balance_of(&zahra).await["points"], &till.balance_of(&ali).await["points"]),
        (&json!(39), &json!(60))
    );

    let back = json!({"from": ali, "to": {"phone": phone}, "points": 5});
    let back =
        friend.send(Call::post("/v1/transfers").idempotency_key(&fresh("key")).json(&back)).await.created();
    let id = back["transfer"]["transfer_id"].as_str().unwrap().to_owned();
    assert_eq!(says(&me, &id, "decline").await.ok()["status"], "declined");
    assert_eq!(friend.get(friend.own("/balance")).await.ok()["points"], 60);
}
