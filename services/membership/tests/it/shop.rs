//! A chain that sells plans in the app, with a payment provider and a member.

use membership::commands::checkouts::look_after_checkouts;
use serde_json::{Value, json};
use testkit::payments::{FakePayment, KEY, PaymentProvider, SECRETS, SignedEvent};

use crate::{
    club::{Answer, Club},
    profile::joined,
};

const A: &str = "+989121234567";
/// What a plan costs.
pub const PRICE: i64 = 500_000;
/// Where the provider tells.
pub const EVENTS: &str = "/v1/payment-events";
/// Where finance looks.
pub const STRAYS: &str = "/v1/stray-payments";

pub fn terms() -> Value {
    let words = json!({"fa": "ویژه", "ar": "مميز", "en": "Plus"});
    json!({
        "name": words, "benefits": words, "period": "month", "price": PRICE, "currency": "IRR",
        "renew_days": 7, "grace_days": 3,
    })
}

/// A member of a chain that sells plans in the app.
pub struct Shop {
    pub club: Club,
    pub provider: PaymentProvider,
    pub member: String,
}

impl Shop {
    pub async fn open(club: Club) -> Self {
        let club = club.with_places().await;
        club.operator().put("/v1/plans/plus", terms()).await.expect(201);
        Self::open_on(club).await
    }

    /// The same, where the places and a plan are there.
    pub async fn open_on(club: Club) -> Self {
        let provider = PaymentProvider::start().expect("a provider");
        let (url, secrets) = (provider.url(), SECRETS.join(","));
        let settings = [
            ("payments_url", url.as_str()),
            ("payments_key", KEY),
            ("payments_secrets", &secrets),
            ("payments_return_url", "https://app.example/paid"),
        ];
        let club = club.with(&settings).await;
        club.operator().put("/v1/plans/gold", terms()).await.expect(201);
        let member = joined(&club, A).await;
        Self { club, provider, member }
    }

    pub async fn begins(&self, key: &str, plan: &str) -> Answer {
        begins(&self.club, &self.member, key, plan).await
    }

    /// A checkout that waits for its money: its id.
    pub async fn waits(&self, key: &str) -> String {
        let begun = self.begins(key, "plus").await.expect(201);
        assert_eq!(begun["state"], "waiting", "{begun}");
        id(&begun)
    }

    pub async fn state(&self, checkout: &str) -> String {
        let path = format!("/v1/members/{}/plan-checkouts/{checkout}", self.member);
        let shown = self.club.signed_in(&self.member).get(&path).await.expect(200);
        assert_eq!(shown["page_url"].is_string(), shown["state"] == "waiting", "{shown}");
        shown["state"].as_str().expect("a state").to_owned()
    }

    /// Looks after checkouts until this one is so; another replica may be the one that does it.
    pub async fn becomes(&self, checkout: &str, state: &str) {
        for _ in 0..200 {
            look_after_checkouts(&self.club.desk, &self.club.chain).await.expect("looked after");
            if self.state(checkout).await == state {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{checkout} is {} and never {state}", self.state(checkout).await);
    }

    pub fn payment(&self, checkout: &str) -> FakePayment {
        self.provider.payment(checkout).expect("room for a payment")
    }

    pub fn now_s(&self) -> i64 {
        self.club.now().micros() / 1_000_000
    }

    /// What the provider tells once a payment has ended so.
    pub fn news(&self, checkout: &str, status: &'static str) -> SignedEvent {
        self.provider.ends(checkout, status);
        self.provider.tells(&self.payment(checkout), SECRETS[0], self.now_s())
    }

    pub async fn hears(&self, event: &SignedEvent) -> Answer {
        let mut provider = self.club.anonymous();
        provider.headers = event.headers.to_vec();
        provider.send("POST", EVENTS, Some(event.body.clone())).await
    }

    pub async fn strays(&self) -> Vec<Value> {
        let listed = self.club.operator().get(STRAYS).await.expect(200);
        listed["payments"].as_array().expect("a list").clone()
    }

    pub async fn standing(&self) -> Value {
        let path = format!("/v1/members/{}/plan", self.member);
        self.club.signed_in(&self.member).get(&path).await.expect(200)["subscription"]["standing"].clone()
    }

    pub async fn pays_at_a_till(&self, receipt: &str) -> Answer {
        let body = json!({"plan": "plus", "receipt": receipt, "amount": PRICE, "currency": "IRR"});
        let path = format!("/v1/members/{}/plan-payments", self.member);
        self.club.till().keyed(receipt).post(&path, body).await
    }

    pub async fn told(&self) -> usize {
        let told = self.club.told().await;
        told.iter().filter(|one| one.starts_with("plan_standing")).count()
    }
}

pub async fn begins(club: &Club, member: &str, key: &str, plan: &str) -> Answer {
    let path = format!("/v1/members/{member}/plan-checkouts");
    club.signed_in(member).keyed(key).post(&path, json!({"plan": plan})).await
}

pub fn id(checkout: &Value) -> String {
    checkout["checkout_id"].as_str().expect("an id").to_owned()
}
