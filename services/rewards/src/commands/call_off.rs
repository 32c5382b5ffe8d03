//! The chain calls an event off. From that moment on nobody books it; every seat and every place in the waiting list is then ended by a
//! job, one after the other ([`super::follow_seats`]), whatever stops meanwhile.

use kernel::EventCode;

use super::{Desk, persistence::persistently};
use crate::{
    domain::refusal::Refusal,
    error::{Error, Missing},
    store::{
        cancellations::Cancelled,
        events::{self, KeptEvent},
    },
};

/// Calls an event off; one that is called off stays so, for the first reason.
///
/// # Errors
/// [`Missing::Event`], [`Refusal::EventOver`], or a fault of the database.
pub async fn call_off(desk: &Desk, code: &EventCode, (by, why): (&str, &str)) -> Result<KeptEvent, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut kept = events::hold(&tx, code).await?.ok_or(Missing::Event)?;
        if kept.cancelled.is_some() {
            tx.rollback().await?;
            return Ok(kept);
        }
        let now = desk.teller.clock.now();
        if kept.event.ends_at <= now {
            return Err(Refusal::EventOver.into());
        }
        let called = Cancelled { at: now, by: by.to_owned(), reason: Some(why.to_owned()) };
        events::call_off(&tx, code, &called).await?;
        kept.cancelled = Some(called);
        tx.commit().await?;
        Ok(kept)
    })
    .await
}
