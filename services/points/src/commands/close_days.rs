//! Closes days that are over: their movements are summed once, so that reports need not read every journal.

use kernel::{Day, Timestamp};
use store::Tx;

use super::{persistence::persistently, record_purchases::Recorder};
use crate::store::money::{self, ClosedDay};

/// A day is over for good so long after its last instant: what was decided before midnight is committed by then.
const PATIENCE_MS: i64 = 3_600_000;

/// Closes every day that is over and not closed yet, oldest first; answers how many.
///
/// The sums are read outside the transaction that keeps them, so that nobody who writes waits for them; a day that two
/// replicas close at once is kept once.
///
/// # Errors
/// When the database refuses; the days before are closed then.
pub async fn close_days(recorder: &Recorder) -> anyhow::Result<u32> {
    let mut count = 0;
    while persistently("closing a day", || close_one(recorder)).await? {
        count += 1;
    }
    Ok(count)
}

/// Closes the oldest open day that is over; answers whether there was one.
async fn close_one(recorder: &Recorder) -> anyhow::Result<bool> {
    let Some(closed) = next(recorder).await? else { return Ok(false) };
    let look = recorder.database.snapshot().await?;
    let sums = money::recorded(&look, closed.begins, closed.ends).await?;
    look.rollback().await?;
    let tx = recorder.database.begin().await?;
    money::close(&tx, closed, &sums, recorder.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// The oldest day that is over for good and not closed; `None` when there is none, or nothing was ever recorded.
async fn next(recorder: &Recorder) -> anyhow::Result<Option<ClosedDay>> {
    let look = recorder.database.snapshot().await?;
    let next = match money::last_closed(&look).await? {
        Some(last) => Some((last.ends, Day::from_number(last.day.number() + 1))),
        None => first_day(recorder, &look).await?,
    };
    look.rollback().await?;
    let Some((begins, day)) = next else { return Ok(None) };
    let ends = recorder.chain.begins(Day::from_number(day.number() + 1));
    let over = ends.plus_millis(PATIENCE_MS) <= recorder.clock.now();
    Ok(over.then_some(ClosedDay { day, begins, ends }))
}

/// The day on which the first journal was recorded, after its first instant.
async fn first_day(recorder: &Recorder, look: &Tx) -> anyhow::Result<Option<(Timestamp, Day)>> {
    let day_of = |at| {
        let day = recorder.chain.local(at, None).day;
        (recorder.chain.begins(day), day)
    };
    let Some(early) = money::early(look).await?.map(day_of) else { return Ok(None) };
    let before = money::first_before(look, early.0).await?;
    Ok(Some(before.map_or(early, day_of)))
}
