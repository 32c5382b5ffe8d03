//! What whoever spends has shown of themselves: membership is asked, where what points knows is not enough.

use std::time::Duration;

use kernel::MemberId;
use web::{Problem, ProofPlace};

use super::Counter;
use crate::{commands::note_confirmed::note_confirmed, domain::Shown, error};

/// Asks membership, and keeps what stays so: that the phone was confirmed.
pub(super) async fn ask_what_was_shown(
    counter: &Counter,
    member: MemberId,
    place: &ProofPlace,
) -> Result<Shown, Problem> {
    let within = Duration::from_millis(counter.settings.ask_timeout_ms);
    let found = counter.membership.ask_proof(member, place, within).await;
    let found = found.map_err(|error| {
        tracing::warn!(%error, "membership gave no answer about what a member has shown");
        error::come_back(&error::PROOF_UNAVAILABLE)
    })?;
    let now = counter.clock.now();
    if found.phone_confirmed {
        note_confirmed(&counter.database, member, now).await.map_err(error::fault)?;
    }
    Ok(Shown { confirmed: found.phone_confirmed, vouched: found.vouches(now) })
}
