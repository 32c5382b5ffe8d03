//! A branch was opened or moved: rules may name it, and its wall clock counts.

use bus::ReactionError;
use contracts::{Fact, membership::BranchOpened};
use store::Tx;

use crate::store::places;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        let opened: BranchOpened = fact.read()?;
        let zone = opened.time_zone.as_deref();
        places::note_branch(tx, &opened.branch, &opened.region, zone, fact.seq).await?;
    }
    Ok(())
}
