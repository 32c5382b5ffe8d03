//! A member came into a household or left it: transfers and pools within the household go by it.

use bus::ReactionError;
use contracts::{Fact, membership::HouseholdChanged};
use store::Tx;

use crate::store::households;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        let changed: HouseholdChanged = fact.read()?;
        households::note(tx, changed.member_id, changed.household, fact.seq).await?;
    }
    Ok(())
}
