//! The chain's operator, by one key from the settings.

use std::{
    sync::{PoisonError, RwLock},
    time::Duration,
};

use http::HeaderValue;
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use web::{Caller, CallerKey, Problem};

use crate::{
    Replicas,
    callers::{Admitted, KeyDigest, sha256},
    limits::{Limit, Policy},
    settings::Rate,
};

const SIGNED_FOR: Duration = Duration::from_mins(1);
const SIGN_AGAIN: Duration = Duration::from_secs(20);

/// The operator's key and limit.
pub(crate) struct Operator {
    digest: Option<KeyDigest>,
    caller_key: CallerKey,
    policy: Policy,
    limit: Limit,
    signed: RwLock<(HeaderValue, Instant)>,
}

impl Operator {
    pub(crate) fn new(key: &str, caller_key: CallerKey, rate: Rate, replicas: &Replicas) -> Self {
        let policy = Policy::new("operator", rate, replicas);
        let signed = (caller_key.sign(&Caller::Operator, SIGNED_FOR), Instant::now());
        Self {
            digest: (!key.is_empty()).then(|| sha256(key.as_bytes())),
            caller_key,
            limit: Limit::new(&policy),
            policy,
            signed: RwLock::new(signed),
        }
    }

    /// Whether this is the operator's key; takes as long for a wrong one as for the right one.
    pub(crate) fn has(&self, digest: &KeyDigest) -> bool {
        self.digest.is_some_and(|ours| ours.ct_eq(digest).into())
    }

    pub(crate) fn admit(&self) -> Result<Admitted, Problem> {
        let standing = self.limit.check(&self.policy)?;
        Ok(Admitted { caller: Caller::Operator, header: Some(self.header()), standing, digest: None })
    }

    fn header(&self) -> HeaderValue {
        let (header, signed_at) = self.signed.read().unwrap_or_else(PoisonError::into_inner).clone();
        if signed_at.elapsed() < SIGN_AGAIN {
            return header;
        }
        let header = self.caller_key.sign(&Caller::Operator, SIGNED_FOR);
        *self.signed.write().unwrap_or_else(PoisonError::into_inner) = (header.clone(), Instant::now());
        header
    }
}
