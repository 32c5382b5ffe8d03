//! Contests whose days and grace are over are decided, once: who came farthest wins, of equal ones who came so far first.

use contracts::rewards::{ContestDecided, ContestWon, WhyGiven};
use kernel::{ChallengeCode, RewardCode};
use store::Tx;

use super::{Earned, reward};
use crate::{
    commands::{Desk, Telling, persistence::persistently},
    domain::{challenge::Aim, gift_rule::DAY_MS, taking::Stage},
    error::Error,
    store::{
        challenge_entries,
        challenges::{self, KeptChallenge},
    },
};

/// How many are decided together.
const BATCH: u32 = 20;
/// Marks that one transaction forgets at most.
const MARKS: u32 = 1_000;
/// What was counted is kept so many days after it closed, for whoever asks how.
const KEPT_DAYS: i64 = 90;

/// Decides some contests, and closes some challenges, whose time is over; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn decide_contests(desk: &Desk) -> Result<usize, Error> {
    let now = desk.teller.clock.now();
    let due = challenges::undecided(desk.database.connection(), now, BATCH).await?;
    for code in &due {
        persistently(|| decide(desk, code)).await?;
    }
    Ok(due.len())
}

async fn decide(desk: &Desk, code: &ChallengeCode) -> Result<(), Error> {
    let tx = desk.database.begin().await?;
    let found = challenges::hold(&tx, code).await?;
    let due = found.filter(|kept| kept.stage == Stage::Live && kept.decided_at.is_none());
    let Some(mut kept) = due else { return Ok(tx.rollback().await?) };
    let mut telling = Telling::new(&desk.teller, None);
    if let Aim::Contest { prizes } = kept.terms.aim.clone() {
        settle(desk, &tx, (&kept, &prizes), &mut telling).await?;
    }
    kept.decided_at = Some(telling.now());
    challenges::write(&tx, &kept, telling.now()).await?;
    telling.stage(&tx).await?;
    tx.commit().await?;
    desk.teller.relay.wake();
    Ok(())
}

async fn settle(
    desk: &Desk,
    tx: &Tx,
    (kept, prizes): (&KeptChallenge, &[RewardCode]),
    telling: &mut Telling<'_>,
) -> Result<(), Error> {
    let first = challenge_entries::first(tx, &kept.code, prizes.len()).await?;
    let winners = u32::try_from(first.len()).unwrap_or(u32::MAX);
    let mut told = 0;
    for ((place, mut entry), prize) in (1_u32..).zip(first).zip(prizes) {
        let earned = Earned {
            member: entry.member,
            why: WhyGiven::Contest,
            cause: "won",
            reward: prize,
            at: telling.now(),
            with: None,
        };
        entry.gift = reward(&desk.teller, tx, kept, &earned).await?;
        entry.place = Some(i64::from(place));
        challenge_entries::update(tx, &entry).await?;
        let won = ContestWon {
            contest: kept.code.clone(),
            member_id: entry.member,
            place,
            counted: entry.progress.counted,
        };
        telling.tell(kept.code.to_string(), &mut told, &won);
    }
    let (participants, _) = challenge_entries::figures(tx, &kept.code).await?;
    let decided = ContestDecided { contest: kept.code.clone(), participants, winners };
    telling.tell(kept.code.to_string(), &mut told, &decided);
    Ok(())
}

/// Forgets marks of those that closed long ago; answers how many there were.
///
/// # Errors
/// A fault of the database.
pub async fn forget_marks(desk: &Desk) -> Result<usize, Error> {
    let before = desk.teller.clock.now().plus_millis(-KEPT_DAYS * DAY_MS);
    let tx = desk.database.begin().await?;
    let gone = challenge_entries::forget_old(&tx, before, MARKS).await?;
    tx.commit().await?;
    Ok(usize::try_from(gone).unwrap_or(usize::MAX))
}
