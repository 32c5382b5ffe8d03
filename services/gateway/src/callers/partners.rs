//! Keys of the chain's partners: what membership said of each, and what it opens.
//!
//! **A key opens what its partner's scopes name, from the addresses that the partner's list names, until it ends**; what was
//! taken away counts within 5 s, as that long an answer is believed. The limit is the partner's, however many keys they have.

use std::{net::IpAddr, sync::Arc};

use http::Method;
use kernel::{KeyId, PartnerCode, Scope, Timestamp};
use runtime::settings::Network;
use serde::{Deserialize, Serialize};
use web::{AskError, Caller, CallerKey, Peer, Problem};

use crate::{
    callers::{
        Admitted, Inquiry, KeyDigest, PATIENCE, hexadecimal,
        memory::{Finding, Memory},
        unauthenticated,
    },
    error,
    limits::{AddressLimits, KeyedLimits, Policy},
};

#[derive(Serialize)]
struct Question {
    digest: String,
}

#[derive(Deserialize)]
struct Answer {
    partner: PartnerCode,
    key_id: KeyId,
    scopes: Vec<Scope>,
    /// Where calls may come from; empty: from anywhere.
    #[serde(default)]
    networks: Vec<String>,
    #[serde(default)]
    ends_at: Option<Timestamp>,
}

/// A partner whose key is good.
#[derive(Clone)]
struct Known {
    partner: PartnerCode,
    caller: Caller,
    networks: Arc<[Network]>,
    until: Option<Timestamp>,
}

/// The partners whose keys were seen lately.
pub(crate) struct Partners {
    memory: Memory<Known>,
    limits: KeyedLimits<PartnerCode>,
    peer: Peer,
    clock: CallerKey,
    strangers: Arc<AddressLimits>,
}

impl Partners {
    pub(super) fn new(inquiry: &Inquiry<'_>) -> Self {
        let questions =
            ("gateway.partner_key.questions", "Questions about partners' keys to membership, by outcome");
        let rate = inquiry.settings.partner;
        let memory = inquiry.memory(("partner", rate), questions);
        let limits = KeyedLimits::new(Policy::new("partner", rate, inquiry.replicas));
        let (peer, clock) = (inquiry.peer.clone(), inquiry.caller_key.clone());
        Self { memory, limits, peer, clock, strangers: Arc::clone(&inquiry.strangers) }
    }

    /// The partner with this key, counted against their limit.
    pub(crate) async fn admit(&self, digest: &KeyDigest, from: Option<IpAddr>) -> Result<Admitted, Problem> {
        let address = from.unwrap_or(IpAddr::from([0, 0, 0, 0]));
        let (finding, _) = self.memory.find(digest, address, || self.ask(digest)).await?;
        match finding {
            Finding::Live(Known { until: Some(until), .. }) if until <= self.clock.now() => {
                Err(unauthenticated(&error::PARTNER_KEY_REVOKED))
            }
            Finding::Live(known) => {
                let standing = self.limits.check(&known.partner)?;
                // From where a request came is not known without a connection, and what is not known is in no list.
                let listed = |from: IpAddr| known.networks.iter().any(|network| network.contains(from));
                if !known.networks.is_empty() && !from.is_some_and(listed) {
                    return Err(Problem::new(&error::ADDRESS_NOT_LISTED));
                }
                Ok(Admitted { caller: known.caller, standing, digest: None })
            }
            Finding::Unknown => {
                self.strangers.check(address)?;
                Err(unauthenticated(&error::KEY_UNKNOWN))
            }
            Finding::Revoked => Err(unauthenticated(&error::PARTNER_KEY_REVOKED)),
        }
    }

    async fn ask(&self, digest: &KeyDigest) -> Result<Known, AskError> {
        let question = Question { digest: hexadecimal(digest) };
        let path = "/internal/v1/partner-keys/resolve";
        let Answer { partner, key_id, scopes, networks, ends_at } =
            self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await?;
        let networks = networks.iter().map(|text| Network::parse(text)).collect::<Option<_>>();
        let networks = networks.ok_or_else(|| AskError::Unreadable("a network".to_owned()))?;
        let caller = Caller::Partner { partner: partner.clone(), key_id, scopes: scopes.into() };
        Ok(Known { partner, caller, networks, until: ends_at })
    }
}
