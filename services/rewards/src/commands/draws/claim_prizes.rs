//! Winners claim their prizes, and branches hand them over.

use contracts::rewards::WhyGiven;
use kernel::{BranchCode, DrawCode, MemberId, Timestamp};
use store::Tx;

use super::note;
use crate::{
    commands::{
        Desk,
        persistence::persistently,
        promise_gifts::{Promise, promise},
    },
    domain::draw::{PrizeKind, WinState},
    error::{Error, Missing},
    store::{
        draw_wins::{self, Win},
        draws::{self, Draw},
    },
};

/// Claims what a member won; once more changes nothing.
///
/// # Errors
/// [`Missing::Prize`] for whoever won nothing, [`Error::ClaimOver`], or a fault of the database.
pub async fn claim_prize(
    desk: &Desk,
    code: &DrawCode,
    member: MemberId,
    actor: &str,
) -> Result<(Draw, Win), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let (draw, mut win) = won(&tx, code, member).await?;
        if !matches!(win.state, WinState::Claimed | WinState::HandedOver) {
            claim(desk, &tx, (&draw, &mut win), actor).await?;
            draw_wins::update(&tx, &win).await?;
        }
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok((draw, win))
    })
    .await
}

/// Hands a prize over at a branch, claimed before or not; once more changes nothing.
///
/// # Errors
/// [`Missing::Prize`] for whoever won nothing that is handed over, [`Error::ClaimOver`], or a fault of the database.
pub async fn hand_over(
    desk: &Desk,
    code: &DrawCode,
    member: MemberId,
    (branch, actor): (&BranchCode, &str),
) -> Result<(Draw, Win), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let (draw, mut win) = won(&tx, code, member).await?;
        let prize = win.prize.and_then(|prize| draw.terms.prize(prize));
        if prize.is_none_or(|prize| prize.what != PrizeKind::HandedOver {}) {
            return Err(Missing::Prize.into());
        }
        if win.state != WinState::HandedOver {
            if win.state != WinState::Claimed {
                claim(desk, &tx, (&draw, &mut win), actor).await?;
            }
            let now = desk.teller.clock.now();
            (win.state, win.handed_at) = (WinState::HandedOver, Some(now));
            (win.handed_branch, win.handed_by) = (Some(branch.to_string()), Some(actor.to_owned()));
            draw_wins::update(&tx, &win).await?;
            note(&tx, code, (actor, now), "handed_over", format!("place {} at {branch}", win.place)).await?;
        }
        tx.commit().await?;
        Ok((draw, win))
    })
    .await
}

/// The draw, held, and what a member won in it.
async fn won(tx: &Tx, code: &DrawCode, member: MemberId) -> Result<(Draw, Win), Error> {
    let draw = draws::hold(tx, code).await?.ok_or(Missing::Draw)?;
    let win = draw_wins::hold(tx, code, member).await?.filter(|win| win.state != WinState::Waiting);
    Ok((draw, win.ok_or(Missing::Prize)?))
}

async fn claim(desk: &Desk, tx: &Tx, (draw, win): (&Draw, &mut Win), actor: &str) -> Result<(), Error> {
    let now: Timestamp = desk.teller.clock.now();
    let open = win.state == WinState::Offered && win.claim_until.is_some_and(|until| now < until);
    let Some(prize) = win.prize.filter(|_| open) else { return Err(Error::ClaimOver) };
    draws::give_prize(tx, &draw.code, prize).await?;
    let (source, cause) = (format!("draw:{}", draw.code), format!("place {}", win.place));
    if let Some(PrizeKind::Voucher { reward }) = draw.terms.prize(prize).map(|prize| &prize.what) {
        let gift = Promise {
            source: &source,
            cause: &cause,
            member: win.member,
            why: WhyGiven::Prize,
            reward,
            branch: None,
            purchase: None,
            budgeted: false,
            caused_at: now,
            apart_ms: 0,
        };
        promise(&desk.teller, tx, &gift).await?;
    }
    (win.state, win.claimed_at) = (WinState::Claimed, Some(now));
    note(tx, &draw.code, (actor, now), "claimed", format!("place {}", win.place)).await
}
