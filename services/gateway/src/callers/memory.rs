//! What membership said of a credential, remembered for a few seconds.
//!
//! **What membership said is believed for [`GatewaySettings::key_memory`] (4 s at most) from the moment the question
//! was sent**, so that a revocation acts within 5 s. From half of that on, one request asks again while the others go
//! on with the old answer; so a busy caller never waits for its credential.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use opentelemetry::{KeyValue, metrics::Counter};
use tokio::time::Instant;
use web::{AskError, Kind, Problem};

use crate::{
    callers::KeyDigest,
    error,
    limits::{AddressLimits, Limit, Policy, Standing},
    settings::GatewaySettings,
};

/// How long a "no" is remembered.
const NO_MEMORY: Duration = Duration::from_secs(1);
/// Entries not asked about for so long are forgotten when room is needed.
const IDLE: Duration = Duration::from_mins(1);

const SHARDS: usize = 16;
const ENTRIES_PER_SHARD: usize = 8_192;

/// What is known of a credential.
#[derive(Clone)]
pub(crate) enum Finding<T> {
    /// It is good, and leads to this.
    Live(T),
    /// Nobody has it.
    Unknown,
    /// It was good once.
    Revoked,
}

struct Known<T> {
    finding: Finding<T>,
    asked_at: Instant,
}

/// One credential, with the limit of whoever has it.
pub(crate) struct Entry<T> {
    known: RwLock<Option<Arc<Known<T>>>>,
    asking: tokio::sync::Mutex<()>,
    limit: Limit,
}

type Shard<T> = RwLock<HashMap<KeyDigest, Arc<Entry<T>>>>;

/// The credentials of one sort that were seen lately, by their digests.
pub(crate) struct Memory<T> {
    shards: [Shard<T>; SHARDS],
    strangers: Arc<AddressLimits>,
    policy: Policy,
    believed_for: Duration,
    questions: Counter<u64>,
}

impl<T: Clone> Memory<T> {
    /// Nothing known yet; each credential has the limit of this policy.
    pub(crate) fn new(
        policy: Policy,
        strangers: Arc<AddressLimits>,
        settings: &GatewaySettings,
        questions: Counter<u64>,
    ) -> Self {
        let shards = std::array::from_fn(|_| Shard::default());
        Self { shards, strangers, policy, believed_for: settings.key_memory, questions }
    }

    /// What is known of this credential, asked by `ask` when that is too long ago.
    pub(crate) async fn find<F>(
        &self,
        digest: &KeyDigest,
        address: IpAddr,
        ask: impl Fn() -> F,
    ) -> Result<(Finding<T>, Arc<Entry<T>>), Problem>
    where
        F: Future<Output = Result<T, AskError>>,
    {
        let entry = match self.entry(digest) {
            Some(entry) => entry,
            None => self.insert(digest, address)?,
        };
        let known = self.known(&entry, ask).await?;
        Ok((known.finding.clone(), entry))
    }

    /// Counts a request against the limit of the credential.
    pub(crate) fn count(&self, entry: &Entry<T>) -> Result<Standing, Problem> {
        entry.limit.check(&self.policy)
    }

    async fn known<F>(&self, entry: &Entry<T>, ask: impl Fn() -> F) -> Result<Arc<Known<T>>, Problem>
    where
        F: Future<Output = Result<T, AskError>>,
    {
        let before = entry.known();
        if let Some(known) = &before {
            let age = known.asked_at.elapsed();
            if age < self.memory_of(known) / 2 {
                return Ok(Arc::clone(known));
            }
            if age < self.memory_of(known) {
                let Ok(_turn) = entry.asking.try_lock() else { return Ok(Arc::clone(known)) };
                return self.ask(entry, ask).await.or_else(|_| Ok(Arc::clone(known)));
            }
        }
        let _turn = entry.asking.lock().await;
        match entry.known() {
            // Somebody else asked while this request waited for its turn.
            Some(known) if known.asked_at.elapsed() < self.memory_of(&known) => Ok(known),
            _ => self.ask(entry, ask).await,
        }
    }

    fn memory_of(&self, known: &Known<T>) -> Duration {
        match known.finding {
            Finding::Live(_) => self.believed_for,
            Finding::Unknown | Finding::Revoked => NO_MEMORY.min(self.believed_for),
        }
    }

    async fn ask<F>(&self, entry: &Entry<T>, ask: impl Fn() -> F) -> Result<Arc<Known<T>>, Problem>
    where
        F: Future<Output = Result<T, AskError>>,
    {
        let asked_at = Instant::now();
        let (finding, outcome) = match ask().await {
            Ok(found) => (Finding::Live(found), "live"),
            Err(AskError::Refused { status, .. }) if status == Kind::Gone.status() => {
                (Finding::Revoked, "revoked")
            }
            Err(refused) if refused.is_missing() => (Finding::Unknown, "unknown"),
            Err(fault) => {
                self.questions.add(1, &[KeyValue::new("outcome", "failed")]);
                return Err(unavailable(&fault));
            }
        };
        self.questions.add(1, &[KeyValue::new("outcome", outcome)]);
        let known = Arc::new(Known { finding, asked_at });
        *entry.known.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&known));
        Ok(known)
    }

    fn shard(&self, digest: &KeyDigest) -> &Shard<T> {
        &self.shards[usize::from(digest[0]) % SHARDS]
    }

    fn entry(&self, digest: &KeyDigest) -> Option<Arc<Entry<T>>> {
        self.shard(digest).read().unwrap_or_else(PoisonError::into_inner).get(digest).cloned()
    }

    /// Makes room for a credential that is new here; an address that brings too many of them has to wait.
    fn insert(&self, digest: &KeyDigest, address: IpAddr) -> Result<Arc<Entry<T>>, Problem> {
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

impl<T> Entry<T> {
    fn known(&self) -> Option<Arc<Known<T>>> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn is_of_use(&self) -> bool {
        self.known()
            .is_some_and(|known| matches!(known.finding, Finding::Live(_)) && known.asked_at.elapsed() < IDLE)
    }
}

/// Membership could not say.
pub(crate) fn unavailable(fault: &AskError) -> Problem {
    tracing::warn!(target: "vafa::gateway", %fault, "membership could not say whose credential it is");
    Problem::new(&error::KEYS_UNAVAILABLE)
        .header(http::header::RETRY_AFTER, http::HeaderValue::from_static("1"))
}
