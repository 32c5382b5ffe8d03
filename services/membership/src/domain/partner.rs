//! Partners of the chain, whose programs call with keys of their own: a bank, a shop on the web.
//!
//! A partner's keys open what its scopes name and nothing else. Several of them are good together, so that a key is changed
//! without a stop. **A key that has ended never becomes good again**; one that is replaced ends after an overlap.

use kernel::{KeyId, PartnerCode, Scope, Timestamp};
use thiserror::Error;

use super::line::{LineFlaw, read_line};

/// The most keys of one partner that are good together.
pub const KEYS_PER_PARTNER: usize = 4;
/// The most networks on a partner's list.
pub const NETWORKS_PER_PARTNER: usize = 20;
/// The most characters of a partner's name.
pub const PARTNER_NAME_LIMIT: usize = 60;
/// How long, at most, a replaced key stays good, in seconds: 30 days.
pub const LONGEST_OVERLAP_S: u32 = 30 * 24 * 60 * 60;

/// What cannot be done with a partner's key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PartnerRefusal {
    /// The partner has as many good keys as it may have.
    #[error("the partner has {limit} good keys already")]
    KeysTooMany {
        /// Keys allowed.
        limit: usize,
    },
    /// The key has ended.
    #[error("the key has ended")]
    KeyOver,
}

/// What a partner is called: one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerName(String);

impl PartnerName {
    /// Reads a name as it was typed.
    ///
    /// # Errors
    /// [`LineFlaw`].
    pub fn parse(text: &str) -> Result<Self, LineFlaw> {
        read_line(text, PARTNER_NAME_LIMIT).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.0
    }
}

/// What a partner shall be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerTerms {
    /// What it is called.
    pub name: PartnerName,
    /// What its keys open, each once and in order.
    pub scopes: Vec<Scope>,
    /// From which networks its calls may come, as they were written; empty: from anywhere.
    pub networks: Vec<String>,
}

impl PartnerTerms {
    /// Terms with each scope once, in order.
    #[must_use]
    pub fn new(name: PartnerName, mut scopes: Vec<Scope>, networks: Vec<String>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        Self { name, scopes, networks }
    }
}

/// A partner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partner {
    /// By which the chain names it.
    pub code: PartnerCode,
    /// What it is.
    pub terms: PartnerTerms,
    /// Since when it is known.
    pub since: Timestamp,
}

/// One key of a partner, without the secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartnerKey {
    /// By which it is revoked.
    pub id: KeyId,
    /// Whose it is.
    pub partner: PartnerCode,
    /// SHA-256 of the key's text.
    pub digest: [u8; 32],
    /// When it was issued.
    pub issued_at: Timestamp,
    /// When it ends, or did; open where nothing was said of it.
    pub ends_at: Option<Timestamp>,
}

impl PartnerKey {
    /// Whether it opens anything.
    #[must_use]
    pub fn is_good(&self, now: Timestamp) -> bool {
        self.ends_at.is_none_or(|end| now < end)
    }

    /// The same key, ending at this time; nothing when it ends no later already.
    #[must_use]
    pub fn ending(&self, at: Timestamp) -> Option<Self> {
        self.is_good(at).then(|| Self { ends_at: Some(at), ..self.clone() })
    }
}

/// Decides whether a partner with these keys gets one more.
///
/// # Errors
/// [`PartnerRefusal::KeysTooMany`].
pub fn issue_key(keys: &[PartnerKey], now: Timestamp) -> Result<(), PartnerRefusal> {
    let good = keys.iter().filter(|key| key.is_good(now)).count();
    if good < KEYS_PER_PARTNER {
        Ok(())
    } else {
        Err(PartnerRefusal::KeysTooMany { limit: KEYS_PER_PARTNER })
    }
}

/// Decides until when a key that is replaced stays good: for the overlap, and never longer than it would have been.
///
/// # Errors
/// [`PartnerRefusal::KeyOver`].
pub fn replace_key(key: &PartnerKey, overlap_s: u32, now: Timestamp) -> Result<PartnerKey, PartnerRefusal> {
    if !key.is_good(now) {
        return Err(PartnerRefusal::KeyOver);
    }
    let end = now.plus_millis(i64::from(overlap_s) * 1_000);
    Ok(key.ending(end).unwrap_or_else(|| key.clone()))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    fn key(ends_at: Option<i64>) -> PartnerKey {
        PartnerKey {
            id: KeyId::from_uuid(Uuid::from_u128(1)),
            partner: PartnerCode::parse("mellat").expect("a code"),
            digest: [0; 32],
            issued_at: at(0),
            ends_at: ends_at.map(at),
        }
    }

    #[test]
    fn a_key_that_has_ended_never_becomes_good_again() {
        assert!(
            key(None).is_good(at(1_000)) && key(Some(10)).is_good(at(9)) && !key(Some(10)).is_good(at(10))
        );
        assert_eq!(key(Some(10)).ending(at(20)), None);
        assert_eq!(key(Some(10)).ending(at(10)), None);
        assert_eq!(key(Some(10)).ending(at(5)), Some(key(Some(5))));
        assert_eq!(replace_key(&key(Some(10)), 60, at(10)), Err(PartnerRefusal::KeyOver));
    }

    #[test]
    fn a_replaced_key_ends_after_the_overlap_and_no_later_than_before() {
        for (before, overlap_s, after) in
            [(None, 60, 70), (Some(100), 60, 70), (Some(50), 60, 50), (None, 0, 10)]
        {
            assert_eq!(replace_key(&key(before), overlap_s, at(10)), Ok(key(Some(after))));
        }
    }

    #[test]
    fn keys_that_have_ended_make_room() {
        let limit = KEYS_PER_PARTNER;
        let mut keys = vec![key(None); limit];
        assert_eq!(issue_key(&keys, at(10)), Err(PartnerRefusal::KeysTooMany { limit }));
        keys[0] = key(Some(10));
        assert_eq!(issue_key(&keys, at(10)), Ok(()));
    }

    #[test]
    fn a_scope_is_had_once() {
        let name = PartnerName::parse("Mellat").expect("a name");
        let twice = vec![Scope::PlacesRead, Scope::MembersRead, Scope::PlacesRead];
        assert_eq!(PartnerTerms::new(name, twice, vec![]).scopes, [Scope::MembersRead, Scope::PlacesRead]);
    }
}
