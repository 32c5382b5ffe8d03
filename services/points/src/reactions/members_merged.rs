//! Two memberships are one person's: the account of the one goes into that of the other.

use bus::ReactionError;
use contracts::{Fact, membership::MembersMerged};
use store::Tx;

use crate::{
    commands::{
        merge_members::{Merge, merge_members},
        record_purchases::Recorder,
    },
    store::projections,
};

pub(super) async fn apply(
    recorder: &Recorder,
    tx: &Tx,
    facts: impl Iterator<Item = &Fact> + Send,
) -> Result<(), ReactionError> {
    for fact in facts {
        let MembersMerged { survivor, absorbed, guarded_until } = fact.read()?;
        if survivor == absorbed {
            return Err(ReactionError::Poison(format!("{survivor} merged with themself")));
        }
        // Whom membership speaks of is a member, even where the fact of joining has not been applied yet.
        projections::insert_members(tx, &[(survivor, None), (absorbed, None)]).await?;
        let merge = Merge {
            survivor,
            absorbed,
            merged_at: fact.time,
            guarded_until,
            traceparent: fact.traceparent.clone(),
        };
        merge_members(recorder, tx, merge).await?;
    }
    Ok(())
}
