//! The value of the public source of chance is entered by one person and confirmed by another one; with it the winners are chosen, and
//! the seed is published.

use contracts::rewards::DrawSettled;
use kernel::DrawCode;
use store::Tx;
use uuid::Uuid;

use super::{close_draws::PAGE, note, offer};
use crate::{
    commands::{Desk, Telling, persistence::persistently},
    domain::{
        draw::{State, WinState},
        selection::{Pick, Tickets},
    },
    error::{Error, Missing},
    queries::draw_record::{DrawRecord, Numbers, choose, commitment, hex},
    store::{
        draw_entries,
        draw_wins::{self, Win},
        draws::{self, Draw},
        erasures,
    },
};

/// Enters the value of the source of chance, in the place of one that is not confirmed.
///
/// # Errors
/// [`Missing::Draw`], [`Error::DrawNotClosed`], or a fault of the database.
pub async fn enter_entropy(desk: &Desk, code: &DrawCode, value: &str, actor: &str) -> Result<Draw, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut draw = draws::hold(&tx, code).await?.ok_or(Missing::Draw)?;
        if draw.state != State::Closed {
            return Err(Error::DrawNotClosed);
        }
        (draw.entropy, draw.entropy_by) = (Some(value.to_owned()), Some(actor.to_owned()));
        draws::update(&tx, &draw, None).await?;
        note(&tx, code, (actor, desk.teller.clock.now()), "entropy_entered", value.to_owned()).await?;
        tx.commit().await?;
        Ok(draw)
    })
    .await
}

/// Confirms the value that somebody else entered, and chooses the winners. Done again, it changes nothing.
///
/// # Errors
/// [`Missing::Draw`], [`Error::DrawNotClosed`] also where no value is entered, [`Error::SecondPersonNeeded`], [`Error::EntropyDiffers`],
/// or a fault of the database.
pub async fn confirm_entropy(
    desk: &Desk,
    code: &DrawCode,
    value: &str,
    (actor, traceparent): (&str, Option<&str>),
) -> Result<Draw, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut draw = draws::hold(&tx, code).await?.ok_or(Missing::Draw)?;
        let Some(entered) = draw.entropy.clone().filter(|_| draw.state != State::Published) else {
            return Err(Error::DrawNotClosed);
        };
        if entered != value {
            return Err(Error::EntropyDiffers);
        }
        if draw.state == State::Settled {
            tx.rollback().await?;
            return Ok(draw);
        }
        if draw.entropy_by.as_deref() == Some(actor) {
            return Err(Error::SecondPersonNeeded);
        }
        let mut telling = Telling::new(&desk.teller, traceparent);
        note(&tx, code, (actor, telling.now()), "entropy_confirmed", value.to_owned()).await?;
        settle(desk, &tx, &mut draw, &mut telling).await?;
        draws::update(&tx, &draw, None).await?;
        telling.stage(&tx).await?;
        tx.commit().await?;
        desk.teller.relay.wake();
        Ok(draw)
    })
    .await
}

async fn settle(desk: &Desk, tx: &Tx, draw: &mut Draw, telling: &mut Telling<'_>) -> Result<(), Error> {
    let sealed = draw.seed_sealed.take().ok_or_else(|| anyhow::anyhow!("draw {} has no seed", draw.code))?;
    let seed = desk.seeds.open(draw.code.as_str().as_bytes(), &sealed)?;
    if draw.commitment.as_deref() != Some(commitment(&seed).as_str()) {
        return Err(
            anyhow::anyhow!("the seed of draw {} is not the one that was committed to", draw.code).into()
        );
    }
    draw.seed = Some(hex(&seed));
    let tickets = read(tx, draw).await?;
    let record = DrawRecord::of(draw, Vec::new()).ok_or(Missing::Draw)?;
    let (list, entropy) = (draw.digest.clone().unwrap_or_default(), draw.entropy.clone().unwrap_or_default());
    let picks = choose(&tickets, &record, &Numbers::new(&seed, &draw.code, &list, &entropy));
    (draw.state, draw.settled_at) = (State::Settled, Some(telling.now()));
    let prizes = picks.len().min(usize::try_from(draw.terms.places()).unwrap_or(usize::MAX));
    let told = DrawSettled {
        draw: draw.code.clone(),
        tickets: draw.tickets,
        prizes: u32::try_from(prizes).unwrap_or(u32::MAX),
    };
    telling.tell(draw.code.to_string(), &mut draw.told, &told);
    for (place, pick) in (1_u32..).zip(&picks) {
        let mut win = drawn(tx, draw, place, pick).await?;
        if let Some(prize) = draw.terms.prize_at(u64::from(place)) {
            offer(draw, &mut win, prize, telling);
            if erasures::is_erased(tx, win.member).await? {
                win.claim_until = Some(telling.now());
            }
        }
        draw_wins::insert(tx, &win).await?;
    }
    note(tx, &draw.code, (super::CLOCK, telling.now()), "settled", format!("{} drawn", picks.len())).await
}

/// The list, as it was closed.
async fn read(tx: &Tx, draw: &Draw) -> Result<Tickets, Error> {
    let (mut tickets, mut last) = (Tickets::default(), 0);
    loop {
        let lines = draw_entries::lines(tx, &draw.code, last, PAGE).await?;
        for line in &lines {
            if !tickets.push(line.holder.as_u128(), line.tickets) {
                return Err(anyhow::anyhow!("draw {} has a line without tickets", draw.code).into());
            }
            last = line.position;
        }
        if lines.is_empty() {
            return Ok(tickets);
        }
    }
}

async fn drawn(tx: &Tx, draw: &Draw, place: u32, pick: &Pick) -> Result<Win, Error> {
    let position = u64::try_from(pick.entry).map_err(anyhow::Error::from)? + 1;
    Ok(Win {
        draw: draw.code.clone(),
        place,
        ticket: pick.ticket,
        holder: Uuid::from_u128(pick.holder),
        member: draw_entries::whose(tx, &draw.code, position).await?,
        prize: None,
        state: WinState::Waiting,
        claim_until: None,
        claimed_at: None,
        handed_at: None,
        handed_branch: None,
        handed_by: None,
        ended_at: None,
    })
}
