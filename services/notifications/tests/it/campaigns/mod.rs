//! Campaigns go to whom they are about, once, at their pace, as long as nobody holds them; and what they did is measured.

mod measuring;
mod sending;
mod standing;
mod writing;

use serde_json::{Value, json};

use crate::{
    house::{House, member},
    world::Fake,
};
use std::sync::Arc;

use notifications::domain::channel::Channel;

/// A campaign that says this in every language.
fn terms(audience: &Value, text: &str) -> Value {
    json!({"name": "Coffee week", "audience": audience, "words": words(text)})
}

/// The same words in every language.
fn words(text: &str) -> Value {
    let text = json!({"title": "{ $chain }", "text": text});
    json!({"fa": text, "ar": text, "en": text})
}

/// The same with more, or other, fields.
fn with(mut terms: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("fields") {
        terms[name] = value.clone();
    }
    terms
}

/// A provider, and members who read English and consented to offers: from 1 to `many`.
fn peopled(house: &House, many: u128) -> Arc<Fake> {
    let sms = house.fleet.add("sms", Channel::Sms, true);
    for number in 1..=many {
        let phone = format!("+98912{number:07}");
        let contact =
            json!({"language": "en", "name": format!("M{number}"), "phone": phone, "consents": ["offers"]});
        house.club.says(member(number), contact);
    }
    sms
}

async fn put(house: &House, code: &str, terms: &Value) {
    house.operator().send("PUT", &format!("/v1/campaigns/{code}"), Some(terms.to_string())).await.expect(200);
}

async fn post(house: &House, path: &str) -> Value {
    house.operator().post_nothing(&format!("/v1/campaigns/{path}")).await.expect(200)
}

/// Puts members from 1 to `many` on a campaign's list.
async fn list(house: &House, code: &str, many: u128) -> Value {
    let members: Vec<_> = (1..=many).map(member).collect();
    house
        .operator()
        .post(&format!("/v1/campaigns/{code}/members"), json!({ "members": members }))
        .await
        .expect(200)
}

async fn schedule(house: &House, code: &str) -> Value {
    house.operator().post(&format!("/v1/campaigns/{code}/schedule"), json!({})).await.expect(200)
}

async fn read(house: &House, code: &str) -> Value {
    house.operator().get(&format!("/v1/campaigns/{code}")).await.expect(200)
}

/// What came of an arm.
async fn arm(house: &House, code: &str, arm: &str) -> Value {
    let results = house.operator().get(&format!("/v1/campaigns/{code}/results")).await.expect(200);
    let mut arms = results["arms"].as_array().expect("arms").iter();
    arms.find(|one| one["arm"] == arm).cloned().unwrap_or(Value::Null)
}
