//! An occasion of a member is marked: rules about it hold from that day on.

use bus::ReactionError;
use contracts::{
    Fact, FactError,
    membership::{Occasion, OccasionReached},
};
use kernel::{MemberId, Timestamp};
use store::Tx;

use crate::store::occasions;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    let told = facts.map(told).collect::<Result<Vec<_>, FactError>>()?;
    occasions::note(tx, &told).await?;
    Ok(())
}

fn told(fact: &Fact) -> Result<(MemberId, Occasion, Timestamp), FactError> {
    let OccasionReached { member_id, occasion } = fact.read()?;
    Ok((member_id, occasion, fact.time))
}
