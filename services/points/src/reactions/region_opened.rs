//! A region was opened: rules may name it.

use bus::ReactionError;
use contracts::{Fact, membership::RegionOpened};
use store::Tx;

use crate::store::places;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        let opened: RegionOpened = fact.read()?;
        places::note_region(tx, &opened.region).await?;
    }
    Ok(())
}
