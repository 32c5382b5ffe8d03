//! The gateway speaks HTTP/2 beside HTTP/1.1 on one port, and says the same over both (G1, G2).

use std::sync::Arc;

use journeys::{Goods, Http2, Stage, fresh, http2, in_both_shapes};
use serde_json::{Value, json};

in_both_shapes!(a_till_sells_and_reads_over_http2, a_packet_full_of_one_purchase_makes_one);

/// What was answered: status, kind of body, and body.
fn said(answer: &http::Response<bytes::Bytes>) -> (u16, String, Value) {
    let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
    (answer.status().as_u16(), kind, serde_json::from_slice(answer.body()).unwrap())
}

async fn a_till_sells_and_reads_over_http2(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let (key, goods) = (fresh("key"), Goods::by_phone(&phone, 70_000));
    let mut http2 = Http2::open(stage.client().base()).await.unwrap();

    let purchase = http2::post("/v1/purchases", &till.key, &key, &goods.0);
    let sold = said(&http2.at_once(vec![purchase]).await.unwrap()[0]);
    assert_eq!((sold.0, &sold.2["points"]), (201, &json!(70)), "{sold:?}");
    let again = till.sell_as(&key, &goods).await;
    assert_eq!((again.header("idempotency-replayed"), again.ok()), ("true", sold.2));

    let balance = format!("/v1/members/{member}/balance");
    let reading =
        vec![http2::get(&balance, &till.key), http2::get(&balance, "vt_nobody"), http2::get("/v1/x", "")];
    let read: Vec<_> = http2.at_once(reading).await.unwrap().iter().map(said).collect();
    assert_eq!((read[0].0, &read[0].2), (200, &till.balance_of(&member).await));
    for (answer, status, code) in
        [(&read[1], 401, "gateway.key_unknown"), (&read[2], 404, "web.route_unknown")]
    {
        let (shown, kind, problem) = answer;
        assert_eq!((*shown, kind.as_str()), (status, "application/problem+json"), "{problem}");
        assert_eq!(problem["code"], code, "{problem}");
    }
}

/// Promise 5, where all sends arrive at one instant.
async fn a_packet_full_of_one_purchase_makes_one(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, member) = till.welcome().await;
    let goods = json!({
        "member": {"phone": phone}, "receipt": fresh("R"), "occurred_at": journeys::now(), "currency": "IRR", "amount": 5_000,
    });
    let mut http2 = Http2::open(stage.client().base()).await.unwrap();
    let key = fresh("key");
    let packet = (0..20).map(|_| http2::post("/v1/purchases", &till.key, &key, &goods)).collect();
    let answers: Vec<_> = http2.at_once(packet).await.unwrap().iter().map(said).collect();
    let new = answers.iter().filter(|(status, ..)| *status == 201).count();
    assert_eq!(new, 1, "{answers:?}");
    for (status, _, body) in &answers {
        assert!(matches!(status, 200 | 201) && body["points"] == 5, "{status} {body}");
    }
    assert_eq!(till.balance_of(&member).await["points"], 5);
}
