//! Replaying dead letters, after what was wrong has been mended.

use contracts::parcel;
use kernel::{Clock, Timestamp};
use store::{Database, StoreError, dead_letters};

use crate::{Reaction, ReactionError};

/// What a replay did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Letters applied and resolved.
    pub resolved: u64,
    /// Letters that still cannot be applied; they stay.
    pub left: u64,
}

/// Applies the dead letters of a reaction again, oldest first, each in a transaction of its own.
///
/// # Errors
/// When the database is in trouble; what was applied until then stays applied.
pub async fn replay_dead_letters(
    database: &Database,
    reaction: &dyn Reaction,
    clock: &dyn Clock,
) -> Result<Replayed, StoreError> {
    let mut replayed = Replayed::default();
    let mut after = 0;
    loop {
        let tx = database.begin().await?;
        let Some(kept) = dead_letters::take(&tx, reaction.consumer(), after).await? else {
            tx.rollback().await?;
            return Ok(replayed);
        };
        after = kept.id;
        match apply(&tx, reaction, &kept.letter.payload, kept.id, clock.now()).await {
            Ok(()) => {
                tx.commit().await?;
                replayed.resolved += 1;
            }
            Err(error) => {
                tx.rollback().await?;
                tracing::warn!(%error, letter = kept.id, consumer = reaction.consumer(), "still a dead letter");
                replayed.left += 1;
            }
        }
    }
}

async fn apply(
    tx: &store::Tx,
    reaction: &dyn Reaction,
    payload: &[u8],
    id: i64,
    now: Timestamp,
) -> Result<(), ReactionError> {
    // A letter is one fact, or a whole parcel that could not be read.
    let as_parcel =
        if payload.first() == Some(&b'[') { payload.to_vec() } else { [b"[", payload, b"]"].concat() };
    let hears = |kind: &str| reaction.hears().contains(&kind);
    let facts = parcel::decode_heard(&as_parcel, hears)?;
    let facts = facts.into_iter().collect::<Result<Vec<_>, _>>().map_err(|bad| bad.error)?;
    if !facts.is_empty() {
        reaction.apply(tx, &facts).await?;
    }
    dead_letters::resolve(tx, id, now).await?;
    Ok(())
}
