//! Sends what is due: takes messages, asks where their members are reached, decides, and hands them to providers.
//!
//! **What may have been sent is written down before it is.** A batch goes in rounds: all attempts of a round are committed, the
//! providers are called together, and what came of it is committed together. Who dies in between leaves attempts that are being handed
//! over; whoever takes the message next settles them first ([`settle`]).

mod campaign;
mod plan;
mod rounds;
mod settle;

use std::time::Duration;

use tokio::time::Instant;

use super::Desk;
use crate::{
    domain::{
        message::{Message, State, wait_after},
        trigger::Lane,
    },
    error::Error,
    store::{
        attempts,
        messages::{self, Ending},
        queue,
    },
};
use plan::Planned;

/// How long a batch is one replica's, in milliseconds: longer than rounds may begin, and the slowest calls of the last one.
const LEASE: i64 = 120_000;
/// How long a batch begins rounds.
const ROUNDS: Duration = Duration::from_secs(40);
/// How long messages wait that cannot be looked at because another service does not answer, in milliseconds.
const UNASKED: i64 = 2_000;

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sent {
    /// Messages that went.
    pub sent: u64,
    /// Messages that wait on.
    pub waiting: u64,
    /// Messages that do not go.
    pub dropped: u64,
    /// Messages that became dead letters.
    pub dead: u64,
}

impl Sent {
    fn count(&mut self, endings: &[Ending]) {
        for ending in endings {
            match ending.state {
                State::Waiting => self.waiting += 1,
                State::Sent => self.sent += 1,
                State::Dropped => self.dropped += 1,
                State::Dead => self.dead += 1,
            }
        }
    }
}

/// Takes a batch of due messages of a lane.
///
/// # Errors
/// A fault of the database.
pub async fn take(desk: &Desk, lane: Lane) -> Result<Vec<Message>, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let taken = queue::take(&tx, lane, now, now.plus_millis(LEASE), desk.settings.batch).await?;
    tx.commit().await?;
    Ok(taken)
}

/// Sends a batch that was taken.
///
/// # Errors
/// A fault of the database: what was handed over and not recorded is settled by whoever takes it next.
pub async fn send(desk: &Desk, batch: Vec<Message>) -> Result<Sent, Error> {
    let mut sent = Sent::default();
    let (late, batch): (Vec<Message>, Vec<Message>) =
        batch.into_iter().partition(|message| message.not_after <= desk.clock.now());
    let plan = match plan::plan(desk, batch).await? {
        Ok(plan) => plan,
        Err(batch) => {
            let until = desk.clock.now().plus_millis(UNASKED);
            let endings: Vec<Ending> = batch.iter().map(|message| waits(message, until)).collect();
            sent.count(&endings);
            return record(desk, &[], &endings).await.map(|()| sent);
        }
    };
    let mut endings = plan.endings;
    endings.extend(late.iter().map(|message| too_late(desk, message)));
    sent.count(&endings);
    record(desk, &[], &endings).await?;
    forget(desk, &plan.gone).await?;
    let mut open: Vec<Planned> = plan.goes;
    settle::settle(desk, &mut open).await?;
    let day = desk.chain.local(desk.clock.now(), None).day;
    desk.carriers.spent(&attempts::spent_on(desk.database.connection(), day).await?);
    let begun = Instant::now();
    while !open.is_empty() {
        let endings = rounds::round(desk, &mut open, begun.elapsed() < ROUNDS).await?;
        sent.count(&endings);
    }
    Ok(sent)
}

/// A message whose time was over before anybody could send it.
fn too_late(desk: &Desk, message: &Message) -> Ending {
    let (state, why) = match message.failures {
        0 => (State::Dropped, "too_late"),
        _ => (State::Dead, "providers"),
    };
    over(desk, message, state, Some(why))
}

fn over(desk: &Desk, message: &Message, state: State, why: Option<&str>) -> Ending {
    Ending {
        id: message.id,
        tries: message.tries,
        state,
        why: why.map(str::to_owned),
        due_at: desk.clock.now(),
        failures: message.failures,
    }
}

fn waits(message: &Message, until: kernel::Timestamp) -> Ending {
    Ending {
        id: message.id,
        tries: message.tries,
        state: State::Waiting,
        why: None,
        due_at: until,
        failures: message.failures,
    }
}

/// A message that no provider took: it waits, and longer each time, until its time is over.
fn failed(desk: &Desk, message: &Message) -> Ending {
    let failures = message.failures.saturating_add(1);
    let due_at = desk.clock.now().plus_millis(wait_after(failures));
    if due_at >= message.not_after {
        return Ending { failures, ..over(desk, message, State::Dead, Some("providers")) };
    }
    Ending { failures, why: Some("providers".to_owned()), ..waits(message, due_at) }
}

async fn record(
    desk: &Desk,
    noted: &[crate::domain::attempt::Attempt],
    endings: &[Ending],
) -> Result<(), Error> {
    if noted.is_empty() && endings.is_empty() {
        return Ok(());
    }
    let now = desk.clock.now();
    let day = desk.chain.local(now, None).day;
    let tx = desk.database.begin().await?;
    attempts::note(&tx, noted).await?;
    attempts::add_spent(&tx, day, noted).await?;
    messages::end(&tx, endings, now).await?;
    Ok(tx.commit().await?)
}

/// Deletes messages to members who are gone.
async fn forget(desk: &Desk, gone: &[Message]) -> Result<(), Error> {
    if gone.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = gone.iter().map(|message| message.id).collect();
    let tx = desk.database.begin().await?;
    messages::delete(&tx, &ids).await?;
    Ok(tx.commit().await?)
}
