//! Draws: written down, published, filled with tickets, closed, settled, claimed, or cancelled before they close. Who did what is noted with it.

pub mod cancel_draws;
pub mod claim_prizes;
pub mod close_draws;
pub mod keep_draws;
pub mod lapse_prizes;
pub mod settle_draws;
pub mod tickets;

use contracts::rewards::DrawWon;
use kernel::{DrawCode, Timestamp};
use store::Tx;

use super::Telling;
use crate::{
    domain::draw::WinState,
    error::Error,
    store::{
        draw_wins::Win,
        draws::{self, Deed, Draw},
    },
};

/// Who does what is done by the time alone.
const CLOCK: &str = "clock";
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Notes what was done with a draw.
async fn note(
    tx: &Tx,
    draw: &DrawCode,
    (actor, now): (&str, Timestamp),
    deed: &str,
    detail: String,
) -> Result<(), Error> {
    let deed = Deed { made_at: now, actor: actor.to_owned(), what: deed.to_owned(), detail };
    draws::note(tx, draw, &deed).await
}

/// Gives a place its prize, for as long as it can be claimed, and tells its member.
fn offer(draw: &mut Draw, win: &mut Win, prize: u32, telling: &mut Telling<'_>) {
    let until = telling.now().plus_millis(i64::from(draw.terms.claim_days) * DAY_MS);
    (win.prize, win.state, win.claim_until) = (Some(prize), WinState::Offered, Some(until));
    let told = DrawWon {
        draw: draw.code.clone(),
        member_id: win.member,
        place: win.place,
        prize,
        claim_until: until,
    };
    telling.tell(draw.code.to_string(), &mut draw.told, &told);
}
