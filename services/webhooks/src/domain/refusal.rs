//! What cannot be done with a webhook.

use kernel::Scope;
use thiserror::Error;

/// Why not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The owner has as many webhooks as it may have.
    #[error("the owner has {limit} webhooks already")]
    TooMany {
        /// Webhooks allowed.
        limit: usize,
    },
    /// The partner may not read what it wants to hear of.
    #[error("the partner lacks the scope {}", scope.word())]
    ScopeMissing {
        /// The scope that is missing.
        scope: Scope,
    },
    /// The webhook has ended: its receiver answered that it is gone.
    #[error("the webhook has ended")]
    Ended,
    /// Only a dead letter is sent again.
    #[error("the delivery is no dead letter")]
    NotDead,
    /// Test messages came too fast.
    #[error("too many test messages; the next one in {seconds} s")]
    PingsTooMany {
        /// Seconds to wait.
        seconds: u32,
    },
}
