//! Bad input: each flaw has a code of its own, nothing answers 500, and nothing is written.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use journeys::{Goods, Reply, Stage, Till, fresh, in_both_shapes, now};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use vafa::client::Call;

in_both_shapes!(
    every_flaw_of_a_purchase_has_a_code_of_its_own_and_writes_nothing,
    a_body_that_comes_too_slowly_is_refused_as_slow,
    every_flaw_of_a_joining_has_a_code_of_its_own,
    a_purchase_without_a_key_or_with_a_bad_one_is_refused,
);

async fn every_flaw_of_a_purchase_has_a_code_of_its_own_and_writes_nothing(stage: Arc<Stage>) {
    let operator = stage.as_operator();
    let till = operator.open_shop().await;
    let elsewhere = operator.open_branch().await;
    let (phone, member) = till.welcome().await;
    let taken = Goods::by_phone(&phone, 1_000);
    let _ = till.sell(&taken).await.created();
    let good = || Goods::by_phone(&phone, 2_000);
    let without = |field: &str| {
        let mut goods = good();
        goods.0.as_object_mut().unwrap().remove(field);
        goods
    };
    let ahead = now().plus_millis(3_600_000).to_string();
    let line =
        |amount: i64, quantity: i64| json!([{"sku": "a", "quantity_milli": quantity, "amount": amount}]);
    let lines: Vec<Value> = (0..501).map(|_| line(0, 1_000)[0].clone()).collect();
    let flaws = [
        (good().with("colour", "red"), 400, "web.field_unknown"),
        (good().with("amount", "12"), 400, "web.field_type"),
        (good().with("amount", 1.5), 400, "web.field_type"),
        (without("receipt"), 400, "web.field_missing"),
        (good().with("occurred_at", "yesterday"), 400, "web.field_invalid"),
        (good().with("amount", -1), 422, "points.amount_negative"),
        (good().with("amount", 1_000_000_000_001_i64), 422, "points.amount_too_large"),
        (good().with("currency", "XXX"), 422, "points.currency_unknown"),
        (good().with("currency", "EUR"), 422, "points.currency_other"),
        (good().with("occurred_at", ahead), 422, "points.clock_ahead"),
        (good().with("branch", fresh("nowhere")), 422, "points.branch_unknown"),
        (good().with("branch", elsewhere.code), 403, "points.branch_of_another_key"),
        (taken.clone().with("amount", 7_000), 409, "points.receipt_taken"),
        (good().with("receipt", "x".repeat(65)), 422, "points.text_invalid"),
        (good().with("lines", line(1_999, 1_000)), 422, "points.lines_do_not_add_up"),
        (good().with("lines", line(2_000, 0)), 422, "points.quantity_out_of_range"),
        (good().with("lines", lines), 422, "points.lines_too_many"),
        (good().with("member", json!({"phone": "12"})), 422, "points.phone_invalid"),
        (good().with("member", json!({"card": "12"})), 422, "points.card_invalid"),
    ];
    for (goods, status, code) in &flaws {
        till.sell(goods).await.refused(*status, code);
    }
    for (media_type, body, status, code) in [
        ("application/json", "{\"member\": {".to_owned(), 400, "web.body_malformed"),
        ("application/json", "[1]".to_owned(), 400, "web.body_not_object"),
        ("application/json", String::new(), 400, "web.body_missing"),
        ("application/json", format!("{{\"a\":\"{}\"}}", "x".repeat(300_000)), 413, "web.body_too_large"),
        ("text/plain", good().0.to_string(), 415, "web.body_media_type"),
    ] {
        let call = Call::post("/v1/purchases").idempotency_key(&fresh("key")).raw(media_type, body);
        till.send(call.once()).await.refused(status, code);
    }
    let codes: BTreeSet<_> = flaws.iter().map(|(_, _, code)| code).collect();
    assert_eq!(codes.len() + 1, flaws.len(), "only a number as text and a broken number share a code");

    let history = till.get(format!("/v1/members/{member}/history")).await.ok();
    assert_eq!(history["items"].as_array().map(Vec::len), Some(1), "nothing was written but the good one");
    assert_eq!(till.balance_of(&member).await["account_version"], 1);
}

async fn a_body_that_comes_too_slowly_is_refused_as_slow(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let address = stage.client().base().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.unwrap();
    let head = format!(
        "POST /v1/purchases HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {}\r\nIdempotency-Key: slow\r\n\
         Content-Type: application/json\r\nContent-Length: 200\r\n\r\n{{\"member\":",
        till.key
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 4096];
    let read = tokio::time::timeout(Duration::from_secs(20), stream.read(&mut answer)).await;
    let length = read.expect("an answer although the body never ends").unwrap();
    let answer = String::from_utf8_lossy(&answer[..length]).into_owned();
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
    assert!(answer.contains("web.body_too_slow"), "{answer}");
}

/// J1: each with a code of its own.
async fn every_flaw_of_a_joining_has_a_code_of_its_own(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let phone = journeys::phone();
    let join = async |body: Value| till.post("/v1/members", &body).await;
    let good = json!({"phone": phone, "first_name": "Sara"});
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for (body, status, code) in [
        (with("phone", json!("call me")), 422, "membership.phone_invalid"),
        (with("phone", json!("02188776655")), 422, "membership.phone_not_mobile"),
        (with("first_name", json!(" ")), 422, "membership.first_name_empty"),
        (with("first_name", json!("ز".repeat(41))), 422, "membership.first_name_too_long"),
        (with("first_name", json!("a\u{202e}b")), 422, "membership.first_name_forbidden"),
        (with("card", json!("4111111111111112")), 422, "membership.card_check_digit"),
        (with("card", json!("12")), 422, "membership.card_malformed"),
        (with("language", json!("de")), 400, "web.field_choice"),
        (with("birthday", json!("1990-01-01")), 400, "web.field_unknown"),
    ] {
        join(body).await.refused(status, code);
    }
    let looked_up = till.post("/v1/members/lookup", &json!({"phone": phone})).await;
    looked_up.refused(404, "membership.identifier_unknown");
}

async fn a_purchase_without_a_key_or_with_a_bad_one_is_refused(stage: Arc<Stage>) {
    let till = stage.as_operator().open_shop().await;
    let (phone, _) = till.welcome().await;
    let goods = Goods::by_phone(&phone, 1_000);
    let plain = || Call::post("/v1/purchases").json(&goods.0);
    till.send(plain()).await.refused(400, "web.idempotency_key_missing");
    let long = "k".repeat(256);
    refused_key(&till.send(plain().header("idempotency-key", &long)).await);
    refused_key(&till.send(plain().header("idempotency-key", "two words")).await);
    let _ = sold(&till, &goods).await;
}

fn refused_key(reply: &Reply) {
    reply.refused(400, "web.idempotency_key_invalid");
}

async fn sold(till: &Till, goods: &Goods) -> Value {
    till.sell_as(&"k".repeat(255), goods).await.created()
}
