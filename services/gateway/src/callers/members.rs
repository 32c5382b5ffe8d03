//! Members' access tokens: verified here by membership's public keys, their sessions asked about like till keys.
//!
//! **A token is believed when we signed it, its time is not over, and its session is live**; what is not ours costs
//! nobody a question. The public keys are asked for again every few minutes, and at once, though not more often than once
//! a second, when a token names a key that is not known: so keys take turns without anybody being turned away.

use std::{
    net::IpAddr,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use http::Method;
use kernel::{MemberId, SessionId, Timestamp};
use serde::{Deserialize, Serialize};
use tokio::time::Instant;
use web::{AccessClaims, AskError, Caller, CallerKey, KeySet, Peer, Problem, TokenFlaw, TokenKeys};

use crate::{
    callers::{
        Admitted, Inquiry, PATIENCE,
        memory::{Finding, Memory, unavailable},
        sha256, unauthenticated,
    },
    error,
    limits::AddressLimits,
};

/// How long the public keys are believed: so late a withdrawn key is forgotten.
const KEYS_FOR: Duration = Duration::from_mins(2);
/// How long to wait before asking again for a key that was not there.
const KEYS_PAUSE: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Question {
    session_id: SessionId,
}

#[derive(Deserialize)]
struct Answer {
    member_id: MemberId,
}

#[derive(Clone)]
struct Read {
    keys: Arc<TokenKeys>,
    asked_at: Instant,
}

/// The members whose tokens were seen lately.
pub(crate) struct Members {
    sessions: Memory<MemberId>,
    keys: RwLock<Option<Read>>,
    asking: tokio::sync::Mutex<()>,
    peer: Peer,
    caller_key: CallerKey,
    strangers: Arc<AddressLimits>,
}

impl Members {
    pub(super) fn new(inquiry: &Inquiry<'_>) -> Self {
        let questions =
            ("gateway.session.questions", "Questions about members' sessions to membership, by outcome");
        let (sessions, peer) =
            (inquiry.memory(("member", inquiry.settings.member), questions), inquiry.peer.clone());
        let (caller_key, strangers) = (inquiry.caller_key.clone(), Arc::clone(&inquiry.strangers));
        let (keys, asking) = (RwLock::default(), tokio::sync::Mutex::new(()));
        Self { sessions, keys, asking, peer, caller_key, strangers }
    }

    /// The member with this token, counted against the limit of the session.
    pub(crate) async fn admit(&self, token: &[u8], address: IpAddr) -> Result<Admitted, Problem> {
        let claims = match self.verify(token).await? {
            Ok(claims) => claims,
            Err(TokenFlaw::Lapsed) => return Err(unauthenticated(&error::TOKEN_LAPSED)),
            Err(_) => {
                self.strangers.check(address)?;
                return Err(unauthenticated(&error::TOKEN_INVALID));
            }
        };
        let digest = sha256(claims.sid.as_uuid().as_bytes());
        let (finding, entry) = self.sessions.find(&digest, address, || self.ask(claims.sid)).await?;
        match finding {
            Finding::Live(member) if member == claims.sub => {
                let standing = self.sessions.count(&entry)?;
                let caller = caller(&claims, self.caller_key.now());
                Ok(Admitted { caller, standing, digest: None })
            }
            _ => Err(unauthenticated(&error::SESSION_ENDED)),
        }
    }

    async fn verify(&self, token: &[u8]) -> Result<Result<AccessClaims, TokenFlaw>, Problem> {
        let now = self.caller_key.now();
        let read = self.keys(KEYS_FOR).await?;
        match read.keys.verify(token, now) {
            Err(TokenFlaw::UnknownKey) => Ok(self.keys(KEYS_PAUSE).await?.keys.verify(token, now)),
            verified => Ok(verified),
        }
    }

    /// The public keys, not older than `most`; older ones when membership does not answer.
    async fn keys(&self, most: Duration) -> Result<Read, Problem> {
        let fresh = |read: &Read| read.asked_at.elapsed() < most;
        if let Some(read) = self.read().filter(fresh) {
            return Ok(read);
        }
        let _turn = self.asking.lock().await;
        if let Some(read) = self.read().filter(fresh) {
            return Ok(read);
        }
        let asked_at = Instant::now();
        let path = "/v1/.well-known/jwks.json";
        match self.peer.ask::<_, KeySet>(Method::GET, path, &(), PATIENCE).await {
            Ok(set) => {
                let read = Read { keys: Arc::new(TokenKeys::new(&set)), asked_at };
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(read.clone());
                Ok(read)
            }
            Err(fault) => self.read().ok_or_else(|| unavailable(&fault)),
        }
    }

    fn read(&self) -> Option<Read> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn ask(&self, session_id: SessionId) -> Result<MemberId, AskError> {
        let path = "/internal/v1/sessions/resolve";
        let question = Question { session_id };
        let answer = self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await?;
        Ok(answer.member_id)
    }
}

fn caller(claims: &AccessClaims, now: Timestamp) -> Caller {
    let until =
        claims.stepped_up_until.map(|seconds| Timestamp::from_micros(seconds.saturating_mul(1_000_000)));
    Caller::Member {
        member: claims.sub,
        session: claims.sid,
        confirmed: claims.phone_confirmed,
        stepped_up_until: until.filter(|until| *until > now),
    }
}
