//! A member is erased: their account is closed, their points lapse, and nothing leads to them any more.

use bus::ReactionError;
use contracts::{Fact, membership::MemberErased};
use store::Tx;

use crate::commands::{
    forget_member::{Forget, forget_member},
    record_purchases::Recorder,
};

pub(super) async fn apply(
    recorder: &Recorder,
    tx: &Tx,
    facts: impl Iterator<Item = &Fact> + Send,
) -> Result<(), ReactionError> {
    for fact in facts {
        let told: MemberErased = fact.read()?;
        let forget = Forget {
            member: told.member_id,
            branch: told.branch,
            erased_at: fact.time,
            traceparent: fact.traceparent.clone(),
        };
        forget_member(recorder, tx, forget).await?;
    }
    Ok(())
}
