//! A person joined: purchases may name their id.

use bus::ReactionError;
use contracts::{Fact, FactError, membership::MemberJoined};
use store::Tx;

use crate::store::projections;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    let joined = facts.map(Fact::read::<MemberJoined>).collect::<Result<Vec<_>, FactError>>()?;
    let members: Vec<_> = joined.iter().map(|fact| fact.member_id).collect();
    projections::insert_members(tx, &members).await?;
    Ok(())
}
