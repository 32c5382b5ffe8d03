//! A member came into a household or left it: transfers and pools within the household go by it.

use bus::ReactionError;
use contracts::{Fact, membership::HouseholdChanged};
use store::Tx;

use crate::store::households::{self, Word};

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        let changed: HouseholdChanged = fact.read()?;
        let HouseholdChanged { member_id: member, household, role } = changed;
        households::note(tx, Word { member, household, role, told: fact.seq, since: fact.time }).await?;
    }
    Ok(())
}
