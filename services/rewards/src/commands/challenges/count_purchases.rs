//! Purchases and returns are counted in the challenges and contests that are open.
//!
//! **A goal is reached once**: what came back afterwards takes progress back, and neither the fact nor what was given.

use contracts::{
    points::{PointsEarned, PointsReturned},
    rewards::{ChallengeReached, WhyGiven},
};
use kernel::{BranchCode, JournalId, MemberId};
use store::Tx;

use super::{Earned, reward};
use crate::{
    commands::{Teller, Telling},
    domain::{
        challenge::{Aim, Mark, day_of, progress},
        taking::Stage,
    },
    error::Error,
    store::{
        challenge_entries::{self, Entry},
        challenges::{self, KeptChallenge},
        erasures, merging,
    },
};

/// A member bought something.
///
/// # Errors
/// A fault of the database.
pub async fn bought(
    teller: &Teller,
    tx: &Tx,
    open: &[KeptChallenge],
    (told, traceparent): (&PointsEarned, Option<&str>),
) -> Result<(), Error> {
    for kept in open {
        let measure = kept.terms.counts.measure(told.amount, &told.categories);
        let Some(day) = day_of(&kept.days, told.occurred_at).filter(|_| measure > 0) else { continue };
        let mark = Mark {
            id: told.journal_id,
            purchase: told.journal_id,
            day,
            branch: told.branch.clone(),
            measure,
            at: told.occurred_at,
        };
        count((teller, tx), kept, (told.member_id, &mark), traceparent).await?;
    }
    Ok(())
}

/// A purchase, or a part of it, was brought back. Whether the purchase counts is seen when both are there: it may be heard of later.
///
/// # Errors
/// A fault of the database.
pub async fn returned(
    teller: &Teller,
    tx: &Tx,
    open: &[KeptChallenge],
    (told, traceparent): (&PointsReturned, Option<&str>),
) -> Result<(), Error> {
    for kept in open {
        let measure = kept.terms.counts.measure(told.amount, &told.categories);
        if measure <= 0 || told.occurred_at < kept.starts_at() {
            continue;
        }
        let mark = Mark {
            id: told.journal_id,
            purchase: told.purchase_id,
            day: 0,
            branch: told.branch.clone(),
            measure: -measure,
            at: told.occurred_at,
        };
        count((teller, tx), kept, (told.member_id, &mark), traceparent).await?;
    }
    Ok(())
}

async fn count(
    (teller, tx): (&Teller, &Tx),
    known: &KeptChallenge,
    (named, mark): (MemberId, &Mark),
    traceparent: Option<&str>,
) -> Result<(), Error> {
    let member = merging::follow(tx, named).await?;
    if erasures::is_erased(tx, member).await? {
        return Ok(());
    }
    // Held so that it is not decided between looking and counting.
    let Some(kept) = challenges::keep(tx, &known.code).await? else { return Ok(()) };
    if kept.stage != Stage::Live || kept.decided_at.is_some() {
        return Ok(());
    }
    let mut entry = challenge_entries::hold(tx, &kept.code, member).await?;
    if !challenge_entries::mark(tx, &kept.code, member, mark).await? {
        return Ok(());
    }
    let marks = challenge_entries::marks(tx, &kept.code, member).await?;
    entry.progress = progress(&kept.terms.counts, &marks);
    let with = (mark.purchase, &mark.branch);
    reach((teller, tx), &kept, (&mut entry, with), traceparent).await?;
    challenge_entries::update(tx, &entry).await
}

/// Notes that the goal is reached, tells it, and promises what is given for it.
async fn reach(
    (teller, tx): (&Teller, &Tx),
    kept: &KeptChallenge,
    (entry, with): (&mut Entry, (JournalId, &BranchCode)),
    traceparent: Option<&str>,
) -> Result<(), Error> {
    let Aim::Goal { goal, reward: given } = &kept.terms.aim else { return Ok(()) };
    if entry.reached_at.is_some() || entry.progress.counted < *goal {
        return Ok(());
    }
    let mut telling = Telling::new(teller, traceparent);
    entry.reached_at = Some(telling.now());
    if let Some(given) = given {
        let earned = Earned {
            member: entry.member,
            why: WhyGiven::Challenge,
            cause: "reached",
            reward: &given.reward,
            at: telling.now(),
            with: Some(with),
        };
        entry.gift = reward(teller, tx, kept, &earned).await?;
    }
    let reached = ChallengeReached {
        challenge: kept.code.clone(),
        member_id: entry.member,
        counted: entry.progress.counted,
        goal: *goal,
        branch: with.1.clone(),
    };
    telling.tell(format!("{}/{}", kept.code, entry.member), &mut 0, &reached);
    telling.stage(tx).await
}
