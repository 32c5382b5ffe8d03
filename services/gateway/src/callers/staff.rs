//! Access tokens of the staff: what membership said of each, and which roles it leads to.
//!
//! A token is a secret without meaning, so everything about it is asked for: whose it is, which roles they have now, until
//! when it is good. **A role that was given or taken away, and a person who was shut out, act within 5 s**, as that long an
//! answer is believed.

use std::{net::IpAddr, sync::Arc};

use http::Method;
use kernel::{BranchCode, Grant, Reach, RegionCode, Role, SessionId, StaffId, Timestamp};
use serde::{Deserialize, Serialize};
use web::{AskError, Caller, CallerKey, Peer, Problem};

use crate::{
    callers::{
        Admitted, Inquiry, KeyDigest, PATIENCE, hexadecimal,
        memory::{Finding, Memory},
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
struct Granted {
    role: Role,
    #[serde(default)]
    region: Option<RegionCode>,
    #[serde(default)]
    branch: Option<BranchCode>,
}

#[derive(Deserialize)]
struct Answer {
    staff_id: StaffId,
    session_id: SessionId,
    expires_at: Timestamp,
    grants: Vec<Granted>,
}

/// A person whose token is good.
#[derive(Clone)]
struct Known {
    caller: Caller,
    until: Timestamp,
}

/// The staff whose tokens were seen lately.
pub(crate) struct Staff {
    memory: Memory<Known>,
    peer: Peer,
    caller_key: CallerKey,
    strangers: Arc<AddressLimits>,
}

impl Staff {
    pub(super) fn new(inquiry: &Inquiry<'_>) -> Self {
        let questions = (
            "gateway.staff_token.questions",
            "Questions about tokens of the staff to membership, by outcome",
        );
        let (memory, peer) =
            (inquiry.memory(("staff", inquiry.settings.staff), questions), inquiry.peer.clone());
        let (caller_key, strangers) = (inquiry.caller_key.clone(), Arc::clone(&inquiry.strangers));
        Self { memory, peer, caller_key, strangers }
    }

    /// The person with this token, counted against the limit of the token.
    pub(crate) async fn admit(&self, digest: &KeyDigest, address: IpAddr) -> Result<Admitted, Problem> {
        let (finding, entry) = self.memory.find(digest, address, || self.ask(digest)).await?;
        match finding {
            Finding::Live(Known { until, .. }) if until <= self.caller_key.now() => {
                Err(unauthenticated(&error::TOKEN_LAPSED))
            }
            Finding::Live(Known { caller, .. }) => {
                let standing = self.memory.count(&entry)?;
                Ok(Admitted { caller, standing, digest: None })
            }
            Finding::Unknown => {
                self.strangers.check(address)?;
                Err(unauthenticated(&error::TOKEN_INVALID))
            }
            Finding::Revoked => Err(unauthenticated(&error::SESSION_ENDED)),
        }
    }

    async fn ask(&self, digest: &KeyDigest) -> Result<Known, AskError> {
        let question = Question { digest: hexadecimal(digest) };
        let path = "/internal/v1/staff-tokens/resolve";
        let Answer { staff_id, session_id, expires_at, grants } =
            self.peer.ask::<_, Answer>(Method::POST, path, &question, PATIENCE).await?;
        let grants = grants.into_iter().map(Granted::read).collect();
        let caller = Caller::Staff { staff: staff_id, session: session_id, grants };
        Ok(Known { caller, until: expires_at })
    }
}

impl Granted {
    fn read(self) -> Grant {
        let reach = match (self.region, self.branch) {
            (_, Some(branch)) => Reach::Branch(branch),
            (Some(region), None) => Reach::Region(region),
            (None, None) => Reach::Chain,
        };
        Grant { role: self.role, reach }
    }
}
