//! A member's paid plan stands elsewhere: they are in the segment of its members as long as it gives anything, for rules that ask for it.

use bus::ReactionError;
use contracts::{Fact, membership::PlanStandingChanged};
use kernel::SegmentCode;
use store::Tx;

use crate::store::plans::{self, PlanTold};

/// What the segment of a plan's members is called, before the plan's code.
const PREFIX: &str = "plan-";

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        let PlanStandingChanged { member_id, plan, standing, .. } = fact.read()?;
        let segment = SegmentCode::parse(&format!("{PREFIX}{plan}"));
        let segment = segment.map_err(|error| ReactionError::Poison(error.to_string()))?;
        let told = PlanTold {
            member: member_id,
            seq: fact.seq,
            segment: standing.has_benefits().then_some(segment),
        };
        plans::note(tx, &told, fact.time).await?;
    }
    Ok(())
}
