//! Why an operation was not recorded.

use kernel::{JournalId, MemberId};

use crate::domain::Rejection;

/// Why an operation was not recorded.
#[derive(Debug)]
pub enum Refusal {
    /// The identifier leads to nobody that points has heard of.
    UnknownIdentifier,
    /// The member id names nobody that points has heard of.
    UnknownMember,
    /// There is no such hold.
    UnknownHold,
    /// There is no such redemption.
    UnknownRedemption,
    /// The points paid for this purchase: they come back when it is returned.
    PaidForPurchase(JournalId),
    /// There is no such purchase, or it is another branch's.
    UnknownPurchase,
    /// What was pending of the purchase was activated before.
    ActivatedBefore,
    /// The redemption was undone before.
    ReversedBefore,
    /// The idempotency key was used for something else.
    KeyReused,
    /// Whoever spends has to show more of themselves first, as far as is known here.
    Unproved(MemberId, Rejection),
    /// The business says no.
    Rejected(Rejection),
    /// Our machine broke; nobody knows whether it was recorded.
    Fault(anyhow::Error),
}

impl Refusal {
    /// Why nothing was recorded for this member.
    pub(super) fn of(member: MemberId, rejection: Rejection) -> Self {
        if rejection.is_about_proof() { Self::Unproved(member, rejection) } else { Self::Rejected(rejection) }
    }
}
