//! Writes events down.

use kernel::EventCode;

use super::{Desk, persistence::persistently};
use crate::{
    domain::{event::Event, refusal::Refusal, reward::RewardKind},
    error::{Error, Missing},
    store::{
        events::{self, KeptEvent},
        offers,
    },
};

/// Writes an event down, or what it is from now on.
///
/// # Errors
/// [`Missing::Reward`] where the reward is none for this event; [`Refusal::SeatsTooFew`]; [`Refusal::EventOver`] for
/// one that is called off; a fault of the database.
pub async fn put_event(desk: &Desk, code: &EventCode, event: &Event) -> Result<KeptEvent, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let offer = offers::load(&tx, &event.reward).await?.ok_or(Missing::Reward)?;
        if !matches!(&offer.terms.kind, RewardKind::EventSeat { event } if event == code) {
            return Err(Missing::Reward.into());
        }
        let known = events::hold(&tx, code).await?;
        if known.as_ref().is_some_and(|known| known.cancelled.is_some()) {
            return Err(Refusal::EventOver.into());
        }
        if !events::write(&tx, code, event, desk.teller.clock.now()).await? {
            return Err(Refusal::SeatsTooFew { taken: known.map_or(0, |known| known.taken) }.into());
        }
        let kept = events::load(&tx, code).await?.ok_or(Missing::Event)?;
        tx.commit().await?;
        Ok(kept)
    })
    .await
}
