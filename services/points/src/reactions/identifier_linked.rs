//! An identifier leads to a member, or does no longer: tills find them by it.

use bus::ReactionError;
use contracts::{Fact, FactError, membership::IdentifierLinked};
use store::Tx;

use crate::store::projections::{self, Link};

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    let links = facts.map(link).collect::<Result<Vec<_>, FactError>>()?;
    projections::link(tx, &links).await?;
    Ok(())
}

fn link(fact: &Fact) -> Result<Link, FactError> {
    let told: IdentifierLinked = fact.read()?;
    Ok(Link {
        digest: told.digest,
        member: told.member_id,
        kind: told.kind,
        active: told.active,
        told_at: fact.time,
    })
}
