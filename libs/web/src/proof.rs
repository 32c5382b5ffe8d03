//! What a member has shown of themselves where they stand: membership is asked.

use std::time::Duration;

use http::Method;
use kernel::{BranchCode, MemberId, StaffId, TillCode, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{AskError, Caller, Peer};

/// Where something is to be spent: a code vouches for a member there, and nowhere else. Nothing is named for the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofPlace {
    /// The branch of the till.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// The till.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub till: Option<TillCode>,
    /// Who of the staff it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
}

impl ProofPlace {
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

/// What the member has shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFound {
    /// Whether they showed once, by a one-time code, that the phone is theirs.
    pub phone_confirmed: bool,
    /// Until when a fresh code vouches for them at that place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vouched_until: Option<Timestamp>,
}

impl ProofFound {
    /// Whether a fresh code vouches for them at this moment.
    #[must_use]
    pub fn vouches(&self, now: Timestamp) -> bool {
        self.vouched_until.is_some_and(|until| now < until)
    }
}

/// Whose proof is asked for, and where they stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofQuestion {
    /// Whose.
    pub member_id: MemberId,
    /// Where.
    pub place: ProofPlace,
}

/// Questions about proof, as they are sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProofQuestions {
    /// [`MOST_PROOFS`] at most.
    pub asked: Vec<ProofQuestion>,
}

/// How many questions about proof fit into one request.
pub const MOST_PROOFS: usize = 256;

impl Peer {
    /// Asks membership what members have shown, [`MOST_PROOFS`] at most; answers in the order of the questions, nothing for whoever
    /// is no member.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn ask_proofs(
        &self,
        asked: Vec<ProofQuestion>,
        within: Duration,
    ) -> Result<Vec<Option<ProofFound>>, AskError> {
        let wanted = asked.len();
        let question = ProofQuestions { asked };
        let found: Vec<_> = self.ask(Method::POST, "/internal/v1/proofs", &question, within).await?;
        if found.len() == wanted {
            return Ok(found);
        }
        Err(AskError::Unreadable(format!("{} answers to {wanted} questions", found.len())))
    }
}
