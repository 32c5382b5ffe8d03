//! Till keys: what membership said of each.

use std::{net::IpAddr, sync::Arc, time::Duration};

use http::{HeaderValue, Method};
use kernel::{BranchCode, KeyId, RegionCode, TillCode};
use opentelemetry::global;
use serde::{Deserialize, Serialize};
use web::{AskError, Caller, CallerKey, Peer, Problem};

use crate::{
    callers::{
        Admitted, KeyDigest, PATIENCE,
        memory::{Finding, Memory},
        unauthenticated,
    },
    error,
    limits::{AddressLimits, Policy},
    settings::GatewaySettings,
};

/// How long a signed header outlives the memory of its key.
const SIGNED_FOR: Duration = Duration::from_secs(30);

#[derive(Serialize)]
struct Question {
    digest: String,
}

#[derive(Deserialize)]
struct Answer {
    key_id: KeyId,
    branch: BranchCode,
    region: RegionCode,
    till: TillCode,
}

/// A till whose key is live, with its signed header.
#[derive(Clone)]
struct Signed {
    caller: Caller,
    header: HeaderValue,
}

/// The till keys seen lately.
pub(crate) struct TillKeys {
    memory: Memory<Signed>,
    peer: Peer,
    caller_key: CallerKey,
    strangers: Arc<AddressLimits>,
}

impl TillKeys {
    pub(crate) fn new(
        peer: Peer,
        caller_key: CallerKey,
        strangers: Arc<AddressLimits>,
        settings: &GatewaySettings,
    ) -> Self {
        let questions = global::meter("vafa")
            .u64_counter("gateway.till_key.questions")
            .with_description("Questions about till keys to membership, by outcome")
            .build();
        let policy = Policy::new("till", settings.till);
        let memory = Memory::new(policy, Arc::clone(&strangers), settings, questions);
        Self { memory, peer, caller_key, strangers }
    }

    /// The till with this key, counted against its limit.
    pub(crate) async fn admit(&self, digest: &KeyDigest, address: IpAddr) -> Result<Admitted, Problem> {
        let (finding, entry) = self.memory.find(digest, address, || self.ask(digest)).await?;
        match finding {
            Finding::Live(Signed { caller, header }) => {
                let standing = self.memory.count(&entry)?;
                Ok(Admitted { caller, header: Some(header), standing })
            }
            Finding::Unknown => {
                self.strangers.check(address)?;
                Err(unauthenticated(&error::KEY_UNKNOWN))
            }
            Finding::Revoked => Err(unauthenticated(&error::TILL_KEY_REVOKED)),
        }
    }

    async fn ask(&self, digest: &KeyDigest) -> Result<Signed, AskError> {
        let question = Question { digest: hexadecimal(digest) };
        let path = "/internal/v1/till-keys/resolve";
        let Answer { key_id, branch, region, till } =
            self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await?;
        let caller = Caller::Till { branch, region, till, key_id };
        let header = self.caller_key.sign(&caller, self.memory.believed_for() + SIGNED_FOR);
        Ok(Signed { caller, header })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    let both = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
    bytes.iter().flat_map(both).map(char::from).collect()
}
