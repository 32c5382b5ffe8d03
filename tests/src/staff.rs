//! A person of the chain's staff, from the day they are taken in until they are signed in.

use ring::hmac;
use serde_json::{Value, json};
use vafa::client::{Call, Client};

use crate::{Operator, Reply, fresh, now};

const PASSWORD: &str = "correct horse battery";

/// A person with an account.
#[derive(Clone)]
pub struct Person {
    client: Client,
    /// Their id.
    pub id: String,
    /// By which they sign in.
    pub user_name: String,
    secret: Vec<u8>,
    /// What signing in, or the last refresh, was answered with.
    pub tokens: Value,
}

impl Operator {
    /// Takes a person into the staff, with these roles, and lets them make their account and sign in.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn hire(&self, roles: &[Value]) -> Person {
        let user_name = fresh("person");
        let body = json!({"user_name": user_name, "name": "زهرا کریمی"});
        let staff = self.send(Call::post("/v1/staff").json(&body)).await.created();
        let id = staff["staff_id"].as_str().expect("an id").to_owned();
        for role in roles {
            let _ = self.send(Call::post(format!("/v1/staff/{id}/grants")).json(role)).await.created();
        }
        let invited = self.send(Call::post(format!("/v1/staff/{id}/invitations"))).await.created();
        self.follow(&user_name, &invited["invitation"]).await
    }

    /// Lets whoever has this user name follow their invitation and sign in.
    ///
    /// # Panics
    /// When the API refuses.
    pub async fn follow(&self, user_name: &str, invitation: &Value) -> Person {
        let client = self.client().clone();
        let account = json!({"invitation": invitation, "password": PASSWORD});
        let begun = send(&client, Call::post("/v1/staff-sign-in/accounts").json(&account)).await.ok();
        let secret = bytes_of(begun["secret"].as_str().expect("a secret"));
        let mut person = Person {
            client,
            id: String::new(),
            user_name: user_name.to_owned(),
            secret,
            tokens: Value::Null,
        };
        let confirm = json!({"invitation": invitation, "code": person.code(0)});
        let call = Call::post("/v1/staff-sign-in/accounts/confirm").json(&confirm);
        let _ = send(&person.client, call).await.ok();
        person.tokens = person.sign_in(1).await.ok();
        person.id = person.text("staff_id").to_owned();
        person
    }
}

impl Person {
    /// One of the texts among the tokens.
    ///
    /// # Panics
    /// When there is none of this name.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.tokens[name].as_str().unwrap_or_else(|| panic!("no {name} among {}", self.tokens))
    }

    /// The code that their app shows so many steps from now.
    #[must_use]
    pub fn code(&self, steps: i64) -> String {
        let step = now().micros().div_euclid(30_000_000) + steps;
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let mac = hmac::sign(&key, &step.to_be_bytes());
        let mac = mac.as_ref();
        let at = usize::from(mac[19] & 15);
        let four = [mac[at] & 0x7f, mac[at + 1], mac[at + 2], mac[at + 3]];
        format!("{:06}", u32::from_be_bytes(four) % 1_000_000)
    }

    /// Signs in with the code that the app shows so many steps from now.
    pub async fn sign_in(&self, steps: i64) -> Reply {
        let body = json!({"user_name": self.user_name, "password": PASSWORD, "code": self.code(steps)});
        send(&self.client, Call::post("/v1/staff-sign-in/tokens").json(&body)).await
    }

    /// Uses the refresh token up.
    pub async fn refresh(&self) -> Reply {
        let body = json!({"refresh_token": self.text("refresh_token")});
        send(&self.client, Call::post("/v1/staff-sign-in/refresh").json(&body)).await
    }

    /// Sends a call as this person, who looks at members since they asked for it.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send(&self, call: Call) -> Reply {
        self.looking("member_asked", call).await
    }

    /// Sends a call as this person, who looks at members for this reason.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn looking(&self, reason: &str, call: Call) -> Reply {
        self.send_plain(call.header("look-reason", reason)).await
    }

    /// Sends a call as this person, who says no reason.
    ///
    /// # Panics
    /// When nobody answers.
    pub async fn send_plain(&self, call: Call) -> Reply {
        send(&self.client, call.bearer(self.text("access_token"))).await
    }

    /// Reads.
    pub async fn get(&self, path: impl Into<String>) -> Reply {
        self.send(Call::get(path)).await
    }
}

async fn send(client: &Client, call: Call) -> Reply {
    let answer = client.send(&call).await;
    Reply(answer.unwrap_or_else(|error| panic!("{error}")))
}

/// The bytes behind letters of base 32.
fn bytes_of(base32: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = base32
        .chars()
        .filter_map(|letter| letters.find(letter))
        .flat_map(|number| (0..5).rev().map(move |bit| u8::from((number >> bit) & 1 == 1)))
        .collect();
    bits.chunks_exact(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | bit)).collect()
}
