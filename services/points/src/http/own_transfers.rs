//! What members may do with transfers by themselves.

use kernel::TransferId;
use web::{Caller, Problem};

use super::{Counter, transfers::TransferRequest};
use crate::{domain::TransferStep, error, queries, store::transfers::TransferRow};

/// Lets members send what is their own, once their phone is confirmed.
///
/// # Errors
/// `web.access_denied` about another member's points, `points.behalf_of_staff`, `points.phone_unconfirmed`.
pub(super) fn may_send(caller: &Caller, request: &TransferRequest) -> Result<(), Problem> {
    caller.owns(request.from)?;
    let Caller::Member { confirmed, .. } = caller else { return Ok(()) };
    if request.on_behalf.is_some() {
        return Err(Problem::new(&error::BEHALF_OF_STAFF).pointer("/on_behalf"));
    }
    if *confirmed { Ok(()) } else { Err(Problem::new(&error::PHONE_UNCONFIRMED)) }
}

impl Counter {
    /// A transfer, when the caller may know of it: to members there are no others than those that they sent or got.
    pub(super) async fn transfer_for(&self, caller: &Caller, id: TransferId) -> Result<TransferRow, Problem> {
        let found = queries::transfers::read(&self.database, id).await?;
        let seen = found.filter(|row| match caller {
            Caller::Member { member, .. } => [row.transfer.sender, row.transfer.receiver].contains(member),
            _ => true,
        });
        seen.ok_or_else(|| Problem::new(&error::TRANSFER_UNKNOWN))
    }

    /// Lets a member say what is theirs to say: the sender confirms, with a fresh code, and recalls; the receiver accepts and
    /// declines.
    pub(super) async fn may_step(
        &self,
        caller: &Caller,
        id: TransferId,
        step: &TransferStep,
    ) -> Result<(), Problem> {
        let Caller::Member { stepped_up_until, .. } = caller else { return Ok(()) };
        let transfer = self.transfer_for(caller, id).await?.transfer;
        let raised = stepped_up_until.is_some_and(|until| until > self.clock.now());
        match step {
            TransferStep::Confirm | TransferStep::Recall => caller.owns(transfer.sender)?,
            TransferStep::Accept | TransferStep::Decline => caller.owns(transfer.receiver)?,
            // The routes of reviews let no member in.
            TransferStep::Approve { .. } | TransferStep::Reject { .. } => {
                return Err(Problem::new(&error::TRANSFER_UNKNOWN));
            }
        }
        if matches!(step, TransferStep::Confirm) && !raised {
            return Err(Problem::new(&error::STEP_UP_NEEDED));
        }
        Ok(())
    }
}
