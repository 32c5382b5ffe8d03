//! Sums days that are over, once: reports read the sums, and nobody who redeems or uses anything writes one.

use kernel::{Day, Timestamp};
use store::Tx;

use super::{Desk, persistence::persistently};
use crate::{
    error::Error,
    queries::money,
    store::money::{self as kept, ClosedDay},
};

/// A day is over for good so long after its last instant: what was decided before midnight is committed by then.
const PATIENCE_MS: i64 = 3_600_000;

/// Sums every day that is over and not summed yet, oldest first; answers how many.
///
/// A day is read outside the transaction that keeps its sums, so that nobody waits; one that two replicas sum at once is kept once.
///
/// # Errors
/// A fault of the database; the days before are summed then.
pub async fn close_cost_days(desk: &Desk) -> Result<usize, Error> {
    let mut count = 0;
    while persistently(|| close_one(desk)).await? {
        count += 1;
    }
    Ok(count)
}

async fn close_one(desk: &Desk) -> Result<bool, Error> {
    let look = desk.database.snapshot().await?;
    let next = next(desk, &look).await?;
    let sums = match next {
        Some(day) => money::of_day(&look, (day.begins, day.ends)).await?,
        None => return Ok(false),
    };
    look.rollback().await?;
    let Some(day) = next else { return Ok(false) };
    let tx = desk.database.begin().await?;
    kept::close(&tx, day, &sums, desk.teller.clock.now()).await?;
    tx.commit().await?;
    Ok(true)
}

/// The oldest day that is over for good and not summed; nothing when there is none, or nothing ever happened.
async fn next(desk: &Desk, look: &Tx) -> Result<Option<ClosedDay>, Error> {
    let of = |at: Timestamp| {
        let day = desk.chain.local(at, None).day;
        (desk.chain.begins(day), day)
    };
    let next = match kept::last_closed(look).await? {
        Some(last) => Some((last.ends, Day::from_number(last.day.number() + 1))),
        None => kept::first(look).await?.map(of),
    };
    let Some((begins, day)) = next else { return Ok(None) };
    let ends = desk.chain.begins(Day::from_number(day.number() + 1));
    let over = ends.plus_millis(PATIENCE_MS) <= desk.teller.clock.now();
    Ok(over.then_some(ClosedDay { day, begins, ends }))
}
