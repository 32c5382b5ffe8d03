//! Passwords as rows hold them: hashed with Argon2id (RFC 9106), off the async threads and only a few at a time.
//!
//! A hash is a text that names its own parameters, so that they can be raised without anybody noticing. **For somebody who
//! has no password the same work is done**, against a hash that no password fits.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, anyhow};
use argon2::{
    Algorithm, Argon2, Params, PasswordHasher as _, PasswordVerifier as _, Version,
    password_hash::{PasswordHash, SaltString},
};
use tokio::sync::Semaphore;

use crate::{
    domain::{password::Password, rejection::Rejection},
    error::Error,
    settings::PasswordRules,
};

/// How long an attempt waits for its turn.
const PATIENCE: Duration = Duration::from_secs(3);

/// Hashes passwords and compares them.
#[derive(Clone)]
pub struct Passwords {
    hasher: Argon2<'static>,
    turns: Arc<Semaphore>,
    /// A hash with the same parameters, for those who have none.
    nobodys: Arc<str>,
}

impl Passwords {
    /// By these rules; `noise` is fresh randomness.
    ///
    /// # Errors
    /// Parameters that the algorithm does not take, which the settings refuse.
    pub fn new(rules: &PasswordRules, noise: [u8; 32]) -> anyhow::Result<Self> {
        let params = Params::new(rules.memory_kib, rules.passes, 1, None)
            .map_err(|flaw| anyhow!("membership.password_memory_kib, membership.password_passes: {flaw}"))?;
        let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobodys = hash(&hasher, &noise[16..], &noise[..16])?.into();
        Ok(Self { hasher, turns: Arc::new(Semaphore::new(rules.at_once)), nobodys })
    }

    /// The hash of a new password.
    ///
    /// # Errors
    /// [`Rejection::SignInsBusy`], or a fault.
    pub async fn hash(&self, password: Password, salt: [u8; 16]) -> Result<String, Error> {
        let hasher = self.hasher.clone();
        self.apart(move || hash(&hasher, password.text().as_bytes(), &salt)).await?
    }

    /// Whether it is the password of this hash; nobody's password fits nothing, after as long a time.
    ///
    /// # Errors
    /// [`Rejection::SignInsBusy`], or a fault.
    pub async fn fits(&self, password: Password, hash: Option<String>) -> Result<bool, Error> {
        let (hasher, somebodys) = (self.hasher.clone(), hash.is_some());
        let hash = hash.unwrap_or_else(|| self.nobodys.to_string());
        let fits = move || {
            let parsed = PasswordHash::new(&hash).map_err(|flaw| anyhow!("a password's hash: {flaw}"))?;
            Ok::<_, Error>(hasher.verify_password(password.text().as_bytes(), &parsed).is_ok())
        };
        Ok(self.apart(fits).await?? && somebodys)
    }

    /// Runs where it keeps nobody waiting, when its turn comes.
    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
        let turn = tokio::time::timeout(PATIENCE, Arc::clone(&self.turns).acquire_owned()).await;
        let turn = turn.map_err(|_| Rejection::SignInsBusy)?.context("passwords are hashed to the end")?;
        let worked = tokio::task::spawn_blocking(move || {
            // Held until the work is done, also when nobody waits for it any more.
            let _turn = turn;
            work()
        });
        Ok(worked.await.context("hashing a password")?)
    }
}

fn hash(hasher: &Argon2<'_>, password: &[u8], salt: &[u8]) -> Result<String, Error> {
    let salt = SaltString::encode_b64(salt).map_err(|flaw| anyhow!("a salt: {flaw}"))?;
    let hash = hasher.hash_password(password, &salt).map_err(|flaw| anyhow!("a password: {flaw}"))?;
    Ok(hash.to_string())
}
