//! The chain's operator, by one key from the settings.

use subtle::ConstantTimeEq;
use web::{Caller, Problem};

use crate::{
    Replicas,
    callers::{Admitted, KeyDigest, sha256},
    limits::{Limit, Policy},
    settings::Rate,
};

/// The operator's key and limit.
pub(crate) struct Operator {
    digest: Option<KeyDigest>,
    policy: Policy,
    limit: Limit,
}

impl Operator {
    pub(crate) fn new(key: &str, rate: Rate, replicas: &Replicas) -> Self {
        let policy = Policy::new("operator", rate, replicas);
        let digest = (!key.is_empty()).then(|| sha256(key.as_bytes()));
        Self { digest, limit: Limit::new(&policy), policy }
    }

    /// Whether this is the operator's key; takes as long for a wrong one as for the right one.
    pub(crate) fn has(&self, digest: &KeyDigest) -> bool {
        self.digest.is_some_and(|ours| ours.ct_eq(digest).into())
    }

    pub(crate) fn admit(&self) -> Result<Admitted, Problem> {
        let standing = self.limit.check(&self.policy)?;
        Ok(Admitted { caller: Caller::Operator, standing, digest: None })
    }
}
