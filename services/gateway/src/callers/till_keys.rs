//! Till keys: what membership said of each, remembered for a few seconds.
//!
//! **What membership said is believed for [`GatewaySettings::key_memory`] (4 s at most) from the moment the question
//! was sent**, so that a revocation acts within 5 s. From half of that on, one request asks again while the others go
//! on with the old answer; so a busy till never waits for its key.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use http::{HeaderValue, Method};
use kernel::{BranchCode, KeyId, RegionCode, TillCode};
use opentelemetry::{KeyValue, global, metrics::Counter};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use web::{AskError, Caller, CallerKey, Kind, Peer, Problem};

use crate::{
    callers::{Admitted, KeyDigest, unauthenticated},
    error,
    limits::{AddressLimits, Limit, Policy},
    settings::GatewaySettings,
};

/// How long a "no" is remembered.
const NO_MEMORY: Duration = Duration::from_secs(1);
/// How long membership may take to answer.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long a signed header outlives the memory of its key.
const SIGNED_FOR: Duration = Duration::from_secs(30);
/// Entries not asked about for so long are forgotten when room is needed.
const IDLE: Duration = Duration::from_mins(1);

const SHARDS: usize = 16;
const ENTRIES_PER_SHARD: usize = 8_192;

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

/// What is known of a key.
#[derive(Clone)]
enum Finding {
    Live { caller: Caller, header: HeaderValue },
    Unknown,
    Revoked,
}

#[derive(Clone)]
struct Known {
    finding: Finding,
    asked_at: Instant,
}

struct Entry {
    known: RwLock<Option<Arc<Known>>>,
    asking: tokio::sync::Mutex<()>,
    limit: Limit,
}

type Shard = RwLock<HashMap<KeyDigest, Arc<Entry>>>;

/// The keys seen lately.
pub(crate) struct TillKeys {
    shards: [Shard; SHARDS],
    peer: Peer,
    caller_key: CallerKey,
    strangers: Arc<AddressLimits>,
    policy: Policy,
    memory: Duration,
    questions: Counter<u64>,
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
        Self {
            shards: std::array::from_fn(|_| Shard::default()),
            peer,
            caller_key,
            strangers,
            policy: Policy::new("till", settings.till),
            memory: settings.key_memory,
            questions,
        }
    }

    /// The till with this key, counted against its limit.
    pub(crate) async fn admit(&self, digest: &KeyDigest, address: IpAddr) -> Result<Admitted, Problem> {
        let entry = match self.find(digest) {
            Some(entry) => entry,
            None => self.insert(digest, address)?,
        };
        let known = self.known(&entry, digest).await?;
        match &known.finding {
            Finding::Live { caller, header } => {
                let standing = entry.limit.check(&self.policy)?;
                Ok(Admitted { caller: caller.clone(), header: Some(header.clone()), standing })
            }
            Finding::Unknown => {
                self.strangers.check(address)?;
                Err(unauthenticated(&error::KEY_UNKNOWN))
            }
            Finding::Revoked => Err(unauthenticated(&error::TILL_KEY_REVOKED)),
        }
    }

    async fn known(&self, entry: &Entry, digest: &KeyDigest) -> Result<Arc<Known>, Problem> {
        let before = entry.known();
        if let Some(known) = &before {
            let age = known.asked_at.elapsed();
            if age < self.memory_of(known) / 2 {
                return Ok(Arc::clone(known));
            }
            if age < self.memory_of(known) {
                let Ok(_turn) = entry.asking.try_lock() else { return Ok(Arc::clone(known)) };
                return self.ask(entry, digest).await.or_else(|_| Ok(Arc::clone(known)));
            }
        }
        let _turn = entry.asking.lock().await;
        match entry.known() {
            // Somebody else asked while this request waited for its turn.
            Some(known) if known.asked_at.elapsed() < self.memory_of(&known) => Ok(known),
            _ => self.ask(entry, digest).await,
        }
    }

    fn memory_of(&self, known: &Known) -> Duration {
        match known.finding {
            Finding::Live { .. } => self.memory,
            Finding::Unknown | Finding::Revoked => NO_MEMORY.min(self.memory),
        }
    }

    async fn ask(&self, entry: &Entry, digest: &KeyDigest) -> Result<Arc<Known>, Problem> {
        let asked_at = Instant::now();
        let question = Question { digest: hexadecimal(digest) };
        let path = "/internal/v1/till-keys/resolve";
        let answer = self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await;
        let (finding, outcome) = match answer {
            Ok(Answer { key_id, branch, region, till }) => {
                let caller = Caller::Till { branch, region, till, key_id };
                let header = self.caller_key.sign(&caller, self.memory + SIGNED_FOR);
                (Finding::Live { caller, header }, "live")
            }
            Err(AskError::Refused { status, .. }) if status == Kind::Gone.status() => {
                (Finding::Revoked, "revoked")
            }
            Err(refused) if refused.is_missing() => (Finding::Unknown, "unknown"),
            Err(fault) => {
                self.questions.add(1, &[KeyValue::new("outcome", "failed")]);
                tracing::warn!(target: "vafa::gateway", %fault, "membership could not say whose key it is");
                return Err(Problem::new(&error::KEYS_UNAVAILABLE)
                    .header(http::header::RETRY_AFTER, HeaderValue::from_static("1")));
            }
        };
        self.questions.add(1, &[KeyValue::new("outcome", outcome)]);
        let known = Arc::new(Known { finding, asked_at });
        *entry.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    fn shard(&self, digest: &KeyDigest) -> &Shard {
        &self.shards[usize::from(digest[0]) % SHARDS]
    }

    fn find(&self, digest: &KeyDigest) -> Option<Arc<Entry>> {
        self.shard(digest).read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Makes room for a key that is new here; an address that brings too many of them has to wait.
    fn insert(&self, digest: &KeyDigest, address: IpAddr) -> Result<Arc<Entry>, Problem> {
        self.strangers.check(address)?;
        let mut shard = self.shard(digest).write().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= ENTRIES_PER_SHARD {
            shard.retain(|_, entry| entry.is_of_use());
        }
        if shard.len() >= ENTRIES_PER_SHARD {
            // All of them busy and live: forgetting costs each one question.
            shard.clear();
        }
        let entry = shard.entry(*digest).or_insert_with(|| {
            let limit = Limit::new(&self.policy);
            Arc::new(Entry { known: RwLock::new(None), asking: tokio::sync::Mutex::new(()), limit })
        });
        Ok(Arc::clone(entry))
    }
}

impl Entry {
    fn known(&self) -> Option<Arc<Known>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_of_use(&self) -> bool {
        self.known().is_some_and(|known| {
            matches!(known.finding, Finding::Live { .. }) && known.asked_at.elapsed() < IDLE
        })
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    let both = |byte: &u8| [digits[usize::from(byte >> 4)], digits[usize::from(byte & 15)]];
    bytes.iter().flat_map(both).map(char::from).collect()
}
