//! What whoever spends has shown of themselves: membership is asked, where what points knows is not enough.

use std::time::Duration;

use kernel::MemberId;
use web::{Problem, ProofPlace, ProofQuestion};

use super::Counter;
use crate::{commands::note_confirmed::note_confirmed, domain::Shown, error};

/// Asks membership, and keeps what stays so: that the phone was confirmed.
pub(super) async fn ask_what_was_shown(
    counter: &Counter,
    member: MemberId,
    place: &ProofPlace,
) -> Result<Shown, Problem> {
    let within = Duration::from_millis(counter.settings.ask_timeout_ms);
    let asked = ProofQuestion { member_id: member, place: place.clone() };
    let found = counter.membership.ask_proofs(vec![asked], within).await;
    let found = found.map(|found| found.into_iter().next().flatten());
    let Ok(Some(found)) = found else {
        tracing::warn!(answer = ?found, "membership does not say what a member has shown");
        return Err(error::come_back(&error::PROOF_UNAVAILABLE));
    };
    let now = counter.clock.now();
    if found.phone_confirmed {
        note_confirmed(&counter.database, member, now).await.map_err(error::fault)?;
    }
    Ok(Shown { confirmed: found.phone_confirmed, vouched: found.vouches(now) })
}
