//! Who does something in a journey: the back office, and a till.

use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};
use vafa::client::{Call, Client};

use crate::{Goods, Reply, fresh};

/// The chain's back office.
#[derive(Clone)]
pub struct Operator {
    client: Client,
    key: String,
}

/// A branch of the chain.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its code.
    pub code: String,
    /// Its region's code.
    pub region: String,
}

/// A till with its key.
#[derive(Clone)]
pub struct Till {
    client: Client,
    /// Its key.
    pub key: String,
    /// By which the key is revoked.
    pub key_id: String,
    /// The branch where it stands.
    pub branch: Branch,
    /// Its code.
    pub code: String,
}

impl Operator {
    /// The one with this key.
    #[must_use]
    pub fn new(client: Client, key: &str) -> Self {
        Self { client, key: key.to_owned() }
    }

    /// By which it calls.
    pub(crate) const fn client(&self) -> &Client {
        &self.client
    }

    /// Sends a call as the back office.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, call: Call) -> Reply {
        send(&self.client, call.bearer(&self.key)).await
    }

    /// Reads.
    pub async fn get(&self, path: impl Into<String>) -> Reply {
        self.send(Call::get(path)).await
    }

    /// Sets a thing at a name.
    pub async fn put(&self, path: impl Into<String>, body: &Value) -> Reply {
        self.send(Call::put(path).json(body)).await
    }

    /// Makes a programme live whose branches points hears of in a moment.
    ///
    /// # Panics
    /// When it does not hear of them.
    pub async fn make_live(&self, document: &Value) {
        let begun = Instant::now();
        while self.put("/v1/programme", document).await.status() != 201 {
            assert!(begun.elapsed() < Duration::from_secs(20), "the branch was never heard of");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Opens a branch in a region, both of them new.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn open_branch(&self) -> Branch {
        let (code, region) = (fresh("branch"), fresh("region"));
        let names = json!({"fa": "ونک", "ar": "ونك", "en": "Vanak"});
        let _ = self.put(format!("/v1/regions/{region}"), &json!({"names": names})).await.created();
        let body = json!({"region": region, "names": names});
        let _ = self.put(format!("/v1/branches/{code}"), &body).await.created();
        Branch { code, region }
    }

    /// Sets up a till at a branch and gives it a key.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn enrol_till(&self, branch: &Branch) -> Till {
        let code = fresh("till");
        let path = format!("/v1/branches/{}/tills/{code}", branch.code);
        let _ = self.send(Call::put(path.clone())).await.created();
        let issued = self.send(Call::post(format!("{path}/keys"))).await.created();
        let text = |name: &str| issued[name].as_str().expect("an issued key has an id and a text").to_owned();
        let (client, branch) = (self.client.clone(), branch.clone());
        Till { client, key: text("key"), key_id: text("key_id"), branch, code }
    }

    /// A till at a branch of its own.
    pub async fn open_shop(&self) -> Till {
        let branch = self.open_branch().await;
        self.enrol_till(&branch).await
    }
}

impl Till {
    /// Sends a call as this till.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, call: Call) -> Reply {
        send(&self.client, call.bearer(&self.key)).await
    }

    /// Reads.
    pub async fn get(&self, path: impl Into<String>) -> Reply {
        self.send(Call::get(path)).await
    }

    /// Sends a body to a route by `POST`.
    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(Call::new(Method::POST, path).json(body)).await
    }

    /// Joins a customer.
    pub async fn join(&self, phone: &str, first_name: &str) -> Reply {
        self.post("/v1/members", &json!({"phone": phone, "first_name": first_name})).await
    }

    /// Joins a customer with a phone of their own; answers the phone and the member's id.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn welcome(&self) -> (String, String) {
        let phone = crate::phone();
        let joined = self.join(&phone, "زهرا").await.created();
        (phone, joined["member_id"].as_str().expect("a member has an id").to_owned())
    }

    /// Records a purchase under a fresh key.
    pub async fn sell(&self, goods: &Goods) -> Reply {
        self.sell_as(&fresh("key"), goods).await
    }

    /// Records a purchase under this key.
    pub async fn sell_as(&self, key: &str, goods: &Goods) -> Reply {
        self.send(Call::post("/v1/purchases").idempotency_key(key).json(&goods.0)).await
    }

    /// Records a return under this key.
    pub async fn give_back(&self, key: &str, body: &Value) -> Reply {
        self.send(Call::post("/v1/returns").idempotency_key(key).json(body)).await
    }

    /// A member's balance.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn balance_of(&self, member: &str) -> Value {
        self.get(format!("/v1/members/{member}/balance")).await.ok()
    }
}

/// A member who is signed in.
#[derive(Clone)]
pub struct SignedIn {
    client: Client,
    /// What signing in, or the last refresh, was answered with.
    pub tokens: Value,
}

impl SignedIn {
    /// The one with these tokens.
    #[must_use]
    pub const fn new(client: Client, tokens: Value) -> Self {
        Self { client, tokens }
    }

    /// One of the texts among the tokens.
    ///
    /// # Panics
    /// When there is none of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap_or_else(|| panic!("no {name} among {}", self.tokens))
    }

    /// The path of what is the member's own.
    #[must_use]
    pub fn own(&self, rest: &str) -> String {
        format!("/v1/members/{}{rest}", self.text("member_id"))
    }

    /// Sends a call as the member.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, call: Call) -> Reply {
        send(&self.client, call.bearer(self.text("access_token"))).await
    }

    /// Reads.
    pub async fn get(&self, path: impl Into<String>) -> Reply {
        self.send(Call::get(path)).await
    }

    /// Uses the refresh token up.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn refresh(&self) -> Reply {
        let body = json!({"refresh_token": self.text("refresh_token")});
        send(&self.client, Call::post("/v1/sign-in/refresh").json(&body)).await
    }
}

async fn send(client: &Client, call: Call) -> Reply {
    let answer = client.send(&call).await;
    Reply(answer.unwrap_or_else(|error| panic!("{error}")))
}
