//! A person joined: purchases may name their id.

use bus::ReactionError;
use contracts::{Fact, FactError, membership::MemberJoined};
use store::Tx;

use crate::store::projections;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    let joined = |fact: &Fact| Ok((fact.read::<MemberJoined>()?.member_id, Some(fact.time)));
    let members = facts.map(joined).collect::<Result<Vec<_>, FactError>>()?;
    projections::insert_members(tx, &members).await?;
    Ok(())
}
