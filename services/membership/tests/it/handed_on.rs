//! One-time codes that the service `notifications` carries (decision 96): handed over by a call, again until it says that it did.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Json, Router,
    http::StatusCode,
    response::{IntoResponse as _, Response},
    routing,
};
use serde_json::{Value, json};

use crate::{
    club::{Club, on_both},
    sign_in::{ask, count, exchange, join},
};

const PHONE: &str = "+989121234567";

type Heard = Arc<Mutex<Vec<Value>>>;

/// A service `notifications` that answers like this, by how many texts it heard before; and what it heard.
fn notifications(answer: fn(usize) -> Response) -> (Router, Heard) {
    let heard = Heard::default();
    let hears = heard.clone();
    let answered = move |Json(text): Json<Value>| async move {
        let mut all = hears.lock().expect("no panic");
        all.push(text);
        answer(all.len() - 1)
    };
    (Router::new().route("/internal/v1/urgent-texts", routing::post(answered)), heard)
}

fn handed() -> Response {
    Json(json!({"handed": true})).into_response()
}

async fn until_heard(heard: &Heard, texts: usize) -> Vec<Value> {
    for _ in 0..500 {
        let all = heard.lock().expect("no panic").clone();
        if all.len() >= texts {
            return all;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("{texts} texts did not come");
}

async fn until_none_waits(club: &Club) {
    for _ in 0..500 {
        if count(club, "sign_in_messages").await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("a message waits still");
}

fn code_in(text: &Value) -> String {
    let said = text["text"].as_str().expect("a text");
    said.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6).expect("six digits").to_owned()
}

async fn handing_on(club: Club, answer: fn(usize) -> Response) -> (Club, Heard) {
    let (router, heard) = notifications(answer);
    let club = club.asking(router).await.with(&[("carrier", "notifications")]).await;
    (club, heard)
}

on_both! {
    async fn a_code_is_handed_on_and_lies_nowhere_else(club: Club) {
        let (club, heard) = handing_on(club, |_| handed()).await;
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        let texts = until_heard(&heard, 1).await;
        let code = code_in(&texts[0]);
        assert_eq!((&texts[0]["to"], &texts[0]["language"], &texts[0]["message_id"]), (&json!(PHONE), &json!("fa"), &json!(id)));
        assert_eq!(texts[0].as_object().map(serde_json::Map::len), Some(5), "{texts:?}");
        exchange(&club, &id, &code).await.expect(200);
        until_none_waits(&club).await;
        assert!(club.messages_to(PHONE).is_empty(), "a file has the code as well");
        assert_eq!(heard.lock().expect("no panic").len(), 1);
    }

    async fn what_was_not_handed_on_comes_again_under_its_id(club: Club) {
        let (club, heard) = handing_on(club, |before| match before {
            0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            1 => Json(json!({"handed": false})).into_response(),
            2 => Json(json!({})).into_response(),
            _ => handed(),
        }).await;
        join(&club, PHONE).await;
        let id = ask(&club, PHONE).await;
        for texts in 1..=3 {
            until_heard(&heard, texts).await;
            assert_eq!(count(&club, "sign_in_messages").await, 1, "it waits after {texts}");
            club.wait_s(16);
        }
        let texts = until_heard(&heard, 4).await;
        assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
        until_none_waits(&club).await;
        exchange(&club, &id, &code_in(&texts[3])).await.expect(200);
    }
}
