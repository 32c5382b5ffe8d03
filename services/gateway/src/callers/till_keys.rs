//! Till keys: what membership said of each, whether it is sent with each call or signs it.

use std::{net::IpAddr, sync::Arc};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::Method;
use kernel::{BranchCode, KeyId, RegionCode, TillCode};
use serde::{Deserialize, Serialize};
use web::{AskError, Caller, Peer, Problem};

use crate::{
    callers::{
        Admitted, Inquiry, KeyDigest, PATIENCE, hexadecimal,
        memory::{Finding, Memory},
        signed::SignedCall,
        unauthenticated,
    },
    error,
    limits::AddressLimits,
};

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
    /// The public half of a key that signs.
    #[serde(default)]
    public_key: Option<String>,
}

/// A till whose key is live.
#[derive(Clone)]
struct Known {
    caller: Caller,
    /// The public half of a key that signs; `None` for one that is sent.
    public_key: Option<Arc<[u8]>>,
}

/// The till keys seen lately.
pub(crate) struct TillKeys {
    memory: Memory<Known>,
    peer: Peer,
    strangers: Arc<AddressLimits>,
}

impl TillKeys {
    pub(super) fn new(inquiry: &Inquiry<'_>) -> Self {
        let questions = ("gateway.till_key.questions", "Questions about till keys to membership, by outcome");
        let (memory, peer) =
            (inquiry.memory(("till", inquiry.settings.till), questions), inquiry.peer.clone());
        Self { memory, peer, strangers: Arc::clone(&inquiry.strangers) }
    }

    /// The till with this key, counted against its limit.
    pub(crate) async fn admit(&self, digest: &KeyDigest, address: IpAddr) -> Result<Admitted, Problem> {
        let (finding, entry) = self.memory.find(digest, address, || self.ask(digest)).await?;
        match finding {
            Finding::Live(Known { caller, public_key: None }) => {
                let standing = self.memory.count(&entry)?;
                Ok(Admitted { caller, standing, digest: None })
            }
            // A key that signs opens nothing by being sent.
            Finding::Live(_) | Finding::Unknown => Err(self.unknown(address)),
            Finding::Revoked => Err(unauthenticated(&error::TILL_KEY_REVOKED)),
        }
    }

    /// The till whose key signed this call, counted against its limit.
    pub(crate) async fn admit_signed(&self, call: &SignedCall, address: IpAddr) -> Result<Admitted, Problem> {
        let named = URL_SAFE_NO_PAD.decode(&call.signature.keyid).ok();
        let digest = named.and_then(|digest| KeyDigest::try_from(digest).ok());
        let digest = digest.ok_or_else(|| self.unknown(address))?;
        let (finding, entry) = self.memory.find(&digest, address, || self.ask(&digest)).await?;
        match finding {
            Finding::Live(Known { caller, public_key: Some(public_key) }) => {
                if !call.signature.is_of(&public_key, &call.base) {
                    self.strangers.check(address)?;
                    return Err(unauthenticated(&error::SIGNATURE_WRONG));
                }
                let standing = self.memory.count(&entry)?;
                Ok(Admitted { caller, standing, digest: call.digest })
            }
            Finding::Live(_) | Finding::Unknown => Err(self.unknown(address)),
            Finding::Revoked => Err(unauthenticated(&error::TILL_KEY_REVOKED)),
        }
    }

    /// Nobody has this key; an address that brings too many of them has to wait.
    fn unknown(&self, address: IpAddr) -> Problem {
        self.strangers.check(address).err().unwrap_or_else(|| unauthenticated(&error::KEY_UNKNOWN))
    }

    async fn ask(&self, digest: &KeyDigest) -> Result<Known, AskError> {
        let question = Question { digest: hexadecimal(digest) };
        let path = "/internal/v1/till-keys/resolve";
        let Answer { key_id, branch, region, till, public_key } =
            self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await?;
        let caller = Caller::Till { branch, region, till, key_id };
        let public_key = public_key.map(|text| URL_SAFE_NO_PAD.decode(text)).transpose();
        let public_key = public_key.map_err(|fault| AskError::Unreadable(fault.to_string()))?;
        Ok(Known { caller, public_key: public_key.map(Arc::from) })
    }
}
