//! A member showed that the phone is theirs: their points may be spent, under programmes that ask for it.

use bus::ReactionError;
use contracts::{Fact, membership::PhoneConfirmed};
use store::Tx;

use crate::store::phones;

pub(super) async fn apply(tx: &Tx, facts: impl Iterator<Item = &Fact> + Send) -> Result<(), ReactionError> {
    for fact in facts {
        phones::confirm(tx, fact.read::<PhoneConfirmed>()?.member_id, fact.time).await?;
    }
    Ok(())
}
