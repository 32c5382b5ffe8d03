//! An identifier leads to a member, or does no longer: tills find them by it.

use bus::ReactionError;
use contracts::{Fact, membership::IdentifierLinked};
use store::Tx;

use crate::store::projections::{self, Link};

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    let mut links = Vec::new();
    for fact in facts {
        let told: IdentifierLinked = fact.read()?;
        let link = |digest, active, gone| Link {
            digest,
            member: told.member_id,
            kind: told.kind,
            active,
            told_at: fact.time,
            gone,
        };
        links.push(link(told.digest, told.active, false));
        links.extend(told.former.map(|former| link(former, false, true)));
    }
    projections::link(tx, &links).await?;
    Ok(())
}
