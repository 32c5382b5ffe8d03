//! What whoever spends has shown of themselves: membership is asked, where what points knows is not enough.

use std::time::Duration;

use http::Method;
use kernel::{BranchCode, MemberId, StaffId, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use web::{Caller, Problem};

use super::Counter;
use crate::{commands::note_confirmed::note_confirmed, domain::Shown, error};

/// Where points are to be spent: a code vouches for a member there, and nowhere else. Nothing is named for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Place {
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<BranchCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    till: Option<TillCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    staff_id: Option<StaffId>,
}

impl Place {
    /// Where the caller is.
    #[must_use]
    pub fn of(caller: &Caller) -> Self {
        match caller {
            Caller::Till { branch, till, .. } => {
                Self { branch: Some(branch.clone()), till: Some(till.clone()), staff_id: None }
            }
            Caller::Staff { staff, .. } => Self { staff_id: Some(*staff), ..Self::default() },
            _ => Self::default(),
        }
    }
}

#[derive(Deserialize)]
struct ProofFound {
    phone_confirmed: bool,
    #[serde(default)]
    vouched_until: Option<Timestamp>,
}

/// Asks membership, and keeps what stays so: that the phone was confirmed.
pub(super) async fn ask_what_was_shown(
    counter: &Counter,
    member: MemberId,
    place: &Place,
) -> Result<Shown, Problem> {
    let within = Duration::from_millis(counter.settings.ask_timeout_ms);
    let path = format!("/internal/v1/members/{member}/proof");
    let found = counter.membership.ask::<_, ProofFound>(Method::POST, &path, place, within).await;
    let found = found.map_err(|error| {
        tracing::warn!(%error, "membership gave no answer about what a member has shown");
        error::come_back(&error::PROOF_UNAVAILABLE)
    })?;
    let now = counter.clock.now();
    if found.phone_confirmed {
        note_confirmed(&counter.database, member, now).await.map_err(error::fault)?;
    }
    let vouched = found.vouched_until.is_some_and(|until| now < until);
    Ok(Shown { confirmed: found.phone_confirmed, vouched })
}
