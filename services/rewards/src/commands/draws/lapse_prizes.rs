//! What nobody claims in time goes to the next alternate.

use kernel::DrawCode;

use super::{CLOCK, note, offer};
use crate::{
    commands::{Desk, Telling, persistence::persistently},
    domain::draw::WinState,
    error::Error,
    store::{draw_wins, draws},
};

/// How many are looked at together.
const BATCH: u32 = 100;

/// Passes some prizes on; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn lapse_prizes(desk: &Desk) -> Result<usize, Error> {
    let due = draw_wins::due(desk.database.connection(), desk.teller.clock.now(), BATCH).await?;
    for (code, place) in &due {
        persistently(|| lapse(desk, code, *place)).await?;
    }
    Ok(due.len())
}

async fn lapse(desk: &Desk, code: &DrawCode, place: u32) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let mut telling = Telling::new(&desk.teller, None);
    let now = telling.now();
    let Some(mut draw) = draws::hold(&tx, code).await? else { return Ok(()) };
    let found = draw_wins::hold_place(&tx, code, place).await?;
    let over = |win: &draw_wins::Win| {
        win.state == WinState::Offered && win.claim_until.is_some_and(|until| until <= now)
    };
    let Some(mut win) = found.filter(over) else { return Ok(()) };
    (win.state, win.ended_at) = (WinState::Lapsed, Some(now));
    draw_wins::update(&tx, &win).await?;
    let mut detail = format!("place {place}, no alternate is left");
    if let Some((mut next, prize)) = draw_wins::hold_next(&tx, code).await?.zip(win.prize) {
        offer(&mut draw, &mut next, prize, &mut telling);
        draw_wins::update(&tx, &next).await?;
        detail = format!("place {place}, passed on to place {}", next.place);
    }
    note(&tx, code, (CLOCK, now), "lapsed", detail).await?;
    draws::update(&tx, &draw, None).await?;
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(())
}
