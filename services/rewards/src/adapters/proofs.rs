//! What members have shown of themselves: membership is asked, once for everybody who is waiting.
//!
//! Whoever asks while a question is on its way waits for the next one, which goes out as soon as the answer is there.

use std::time::Duration;

use runtime::{Committer, Lanes, Tasks};
use web::{AskError, MOST_PROOFS, Peer, ProofFound, ProofQuestion};

use crate::NAME;

/// Two questions are on their way at most, and more than a second's worth does not wait.
const LANES: Lanes = Lanes { count: 2, batch: MOST_PROOFS, queue: 2_048 };

type Answer = Result<Option<ProofFound>, AskError>;

/// Asks membership for proofs. Cheap to clone.
#[derive(Clone)]
pub struct Proofs(Committer<ProofQuestion, Answer>);

impl Proofs {
    /// Asks this membership, which has so long for an answer.
    #[must_use]
    pub fn start(membership: Peer, within: Duration, tasks: &Tasks) -> Self {
        Self(Committer::start((NAME, "proofs"), LANES, tasks, move |asked: Vec<ProofQuestion>| {
            let membership = membership.clone();
            async move {
                let size = asked.len();
                match membership.ask_proofs(asked, within).await {
                    Ok(found) => found.into_iter().map(Ok).collect(),
                    Err(error) => vec![Err(error); size],
                }
            }
        }))
    }

    /// What a member has shown there; nothing where there is no such member.
    ///
    /// # Errors
    /// [`AskError`].
    pub async fn of(&self, asked: ProofQuestion) -> Answer {
        let whose = asked.member_id;
        let waiting = self.0.take(&whose, asked).map_err(|_| AskError::Late)?;
        waiting.await.unwrap_or(Err(AskError::Late))
    }
}
