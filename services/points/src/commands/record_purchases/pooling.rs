//! Purchases that take more points than the member has: decided again, each alone, with the accounts of the household.

use std::sync::Arc;

use super::{RecordPurchase, Recorded, Recorder, Refusal};
use crate::{
    commands::pool::{self, Reach},
    domain::Rejection,
};

impl Recorder {
    /// Decides those again that lack points, where the programme pools. A batch in which nobody lacks any costs nothing more.
    pub(super) async fn decide_again_with_households(
        &self,
        batch: &[RecordPurchase],
        keep: bool,
        outcomes: &mut [Result<Recorded, Refusal>],
    ) {
        for (command, outcome) in batch.iter().zip(outcomes) {
            if !matches!(outcome, Err(Refusal::Rejected(Rejection::BalanceTooLow { .. }))) {
                continue;
            }
            match pool::pools(self).await {
                Ok(true) => {
                    let one = std::slice::from_ref(command);
                    if let Some(again) = self.reaching(one, keep, Reach::Household).await.pop() {
                        *outcome = again;
                    }
                }
                Ok(false) => {}
                Err(fault) => *outcome = Err(Refusal::Fault(Arc::new(fault))),
            }
        }
    }
}
