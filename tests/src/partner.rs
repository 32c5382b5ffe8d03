//! A partner of the chain, whose programs call with a key.

use serde_json::{Value, json};
use vafa::client::{Call, Client};

use crate::{Operator, Reply, fresh};

/// A partner with a key.
#[derive(Clone)]
pub struct Partner {
    client: Client,
    /// Its code.
    pub code: String,
    /// The key.
    pub key: String,
    /// By which the key is revoked, or replaced.
    pub key_id: String,
}

impl Operator {
    /// Takes a partner in whose keys open this, from these networks, and gives it a key.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn befriend(&self, scopes: &[&str], networks: &[&str]) -> Partner {
        let code = fresh("partner");
        let terms = json!({"name": "بانک", "scopes": scopes, "networks": networks});
        let _ = self.put(format!("/v1/partners/{code}"), &terms).await.created();
        let issued = self.send(Call::post(format!("/v1/partners/{code}/keys"))).await.created();
        Partner::new(self.client().clone(), code, &issued)
    }
}

impl Partner {
    fn new(client: Client, code: String, issued: &Value) -> Self {
        let text = |name: &str| issued[name].as_str().expect("an issued key has an id and a text").to_owned();
        Self { client, code, key: text("key"), key_id: text("key_id") }
    }

    /// The same partner with a key that was issued later.
    ///
    /// # Panics
    /// When the answer has no key.
    #[must_use]
    pub fn with(&self, issued: &Value) -> Self {
        Self::new(self.client.clone(), self.code.clone(), issued)
    }

    /// Sends a call as this partner.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, call: Call) -> Reply {
        let answer = self.client.send(&call.bearer(&self.key)).await;
        Reply(answer.unwrap_or_else(|error| panic!("{error}")))
    }

    /// Reads.
    pub async fn get(&self, path: impl Into<String>) -> Reply {
        self.send(Call::get(path)).await
    }
}
