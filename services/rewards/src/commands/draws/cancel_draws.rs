//! The chain cancels a draw before it closes: nobody is drawn, and points that were redeemed for tickets come back. **What a list holds is
//! not known to be drawn from yet, and no value of the source of chance can be out**, so that nobody cancels what they do not like.

use contracts::rewards::WhoCancelled;
use kernel::{DrawCode, RedemptionId};

use super::{CLOCK, note};
use crate::{
    commands::{
        Desk,
        cancel_redemption::{Cancelling, cancel_redemption},
        persistence::persistently,
    },
    domain::draw::State,
    error::{Error, Missing},
    store::{
        cancellations::Cancelled,
        draw_entries,
        draws::{self, Draw},
    },
};

/// How many redemptions are looked at together.
const BATCH: u32 = 100;

/// Cancels a draw that is published and not closed; one that is cancelled stays so, for the first reason.
///
/// # Errors
/// [`Missing::Draw`] also for a draft, [`Error::DrawOver`] once its closing time is past, or a fault of the database.
pub async fn cancel_draw(desk: &Desk, code: &DrawCode, (actor, why): (&str, &str)) -> Result<Draw, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut draw = draws::hold(&tx, code).await?.ok_or(Missing::Draw)?;
        let now = desk.teller.clock.now();
        match draw.state {
            State::Draft => return Err(Missing::Draw.into()),
            State::Cancelled => {
                tx.rollback().await?;
                return Ok(draw);
            }
            State::Published if now < draw.terms.closes_at => {}
            State::Published | State::Closed | State::Settled => return Err(Error::DrawOver),
        }
        let how = Cancelled { at: now, by: actor.to_owned(), reason: Some(why.to_owned()) };
        draws::cancel(&tx, code, &how).await?;
        note(&tx, code, (actor, now), "cancelled", why.to_owned()).await?;
        (draw.state, draw.cancelled) = (State::Cancelled, Some(how));
        tx.commit().await?;
        Ok(draw)
    })
    .await
}

/// Gives points back that were redeemed for tickets of cancelled draws, some at a time; answers for how many redemptions.
///
/// # Errors
/// A fault of the database.
pub async fn refund_tickets(desk: &Desk) -> Result<usize, Error> {
    let (on, mut refunded) = (desk.database.connection(), 0);
    for code in draws::to_refund(on).await? {
        let paid = draw_entries::redeemed(on, &code, BATCH).await?;
        for id in &paid {
            refunded += usize::from(refund(desk, *id).await?);
        }
        if paid.is_empty() && !draw_entries::any_pending(on, &code).await? {
            persistently(|| async {
                let tx = desk.database.begin().await?;
                draws::refunded(&tx, &code).await?;
                note(&tx, &code, (CLOCK, desk.teller.clock.now()), "refunded", String::new()).await?;
                Ok(tx.commit().await?)
            })
            .await?;
        }
    }
    Ok(refunded)
}

/// Cancels a redemption, as the chain; `false` where it is not done, or not any more.
async fn refund(desk: &Desk, id: RedemptionId) -> Result<bool, Error> {
    let (who, actor) = (WhoCancelled::Chain, CLOCK.to_owned());
    let wanted = Cancelling { id, who, actor, reason: None, traceparent: None };
    match cancel_redemption(desk, &wanted).await {
        Ok(_) => Ok(true),
        Err(Error::Refused(_) | Error::Missing(_)) => Ok(false),
        Err(fault) => Err(fault),
    }
}
