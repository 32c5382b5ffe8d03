//! Closes lists of tickets once their time is over, and publishes their digests.

use kernel::DrawCode;

use super::{CLOCK, note};
use crate::{
    commands::{Desk, persistence::persistently},
    domain::draw::State,
    error::Error,
    queries::draw_record::{Listing, line},
    store::{draw_entries, draws},
};

/// Lines that are read together.
pub(super) const PAGE: u64 = 10_000;

/// Closes one list that is due; answers how many were closed.
///
/// # Errors
/// A fault of the database.
pub async fn close_draws(desk: &Desk) -> Result<usize, Error> {
    let due = |closes: kernel::Timestamp| {
        closes.plus_millis(desk.settings.draw_grace_ms) <= desk.teller.clock.now()
    };
    for draw in draws::in_state(desk.database.connection(), State::Published).await? {
        if due(draw.terms.closes_at) && persistently(|| close(desk, &draw.code)).await? {
            return Ok(1);
        }
    }
    Ok(0)
}

/// Closes a list, where nothing is on its way to it any more.
async fn close(desk: &Desk, code: &DrawCode) -> Result<bool, Error> {
    let tx = desk.database.begin().await?;
    let found = draws::hold(&tx, code).await?.filter(|draw| draw.state == State::Published);
    let Some(mut draw) = found else { return Ok(false) };
    if draw_entries::any_pending(&tx, code).await? {
        return Ok(false);
    }
    draw_entries::number(&tx, code).await?;
    let mut listing = Listing::of(code);
    loop {
        let lines = draw_entries::lines(&tx, code, draw.entries, PAGE).await?;
        for entry in &lines {
            listing.add(&line(entry.position, entry.holder, entry.tickets));
            draw.tickets = draw.tickets.saturating_add(entry.tickets);
            draw.entries = entry.position;
        }
        if lines.is_empty() {
            break;
        }
    }
    let now = desk.teller.clock.now();
    let digest = listing.digest();
    draw.digest = Some(digest.clone());
    (draw.state, draw.closed_at) = (State::Closed, Some(now));
    draws::update(&tx, &draw, None).await?;
    note(&tx, code, (CLOCK, now), "closed", digest).await?;
    tx.commit().await?;
    Ok(true)
}
