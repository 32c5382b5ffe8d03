//! Another phone leads to a member: where the former one was not at hand, few points leave the account for some days.

use bus::ReactionError;
use contracts::{Fact, membership::PhoneChanged};
use store::Tx;

use crate::{commands::record_purchases::Recorder, store::guards};

pub(super) async fn apply(
    recorder: &Recorder,
    tx: &Tx,
    facts: impl Iterator<Item = &Fact> + Send,
) -> Result<(), ReactionError> {
    for fact in facts {
        let PhoneChanged { member_id, guarded_until, .. } = fact.read()?;
        if let Some(until) = guarded_until {
            guards::note(tx, member_id, (fact.time, until), recorder.guarded_points).await?;
        }
    }
    Ok(())
}
