//! Sends what is due: webhooks take turns, and each turn sends some messages to one of them.
//!
//! **A webhook is served by one replica at a time, and a slow receiver holds up nobody but itself**: a turn is bounded in time
//! and in messages, and whoever was served longest ago is next. A process that dies between a call and its record leaves
//! the message as it was: it is sent again with the same id.

use std::{sync::Arc, time::Duration};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use kernel::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::{Desk, signing::signatures};
use crate::{
    adapters::courier::Letter,
    domain::{
        delivery::{Attempt, Delivery, Outcome, Standing},
        health::Health,
        webhook::{State, Webhook},
    },
    error::Error,
    store::{
        deliveries, queue,
        webhooks::{self, Secrets},
    },
};

/// Messages of one turn.
const BATCH: u64 = 64;
/// How long a turn begins calls.
const TURN: Duration = Duration::from_secs(20);
/// How long a webhook is a replica's, in milliseconds: longer than a turn with its slowest last calls.
const LEASE: i64 = 60_000;

/// One webhook's turn.
#[derive(Debug, Clone)]
pub struct Turn {
    /// Whose.
    pub webhook: Webhook,
    /// Until when nobody else serves it.
    pub until: Timestamp,
}

/// What a turn came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Served {
    /// Messages that were taken.
    pub taken: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that were given up.
    pub dead: u64,
}

/// Takes the turns of up to `limit` webhooks that have something to be sent.
///
/// # Errors
/// A fault of the database.
pub async fn take_turns(desk: &Desk, limit: usize) -> Result<Vec<Turn>, Error> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let now = desk.clock.now();
    let until = now.plus_millis(LEASE);
    let tx = desk.database.begin().await?;
    let taken = queue::take_turns(&tx, now, until, u64::try_from(limit).unwrap_or(u64::MAX)).await?;
    tx.commit().await?;
    Ok(taken.into_iter().map(|webhook| Turn { webhook, until }).collect())
}

/// Serves one webhook and gives it back; once `stop` is cancelled no more calls begin.
///
/// # Errors
/// A fault of the database; what was sent and not recorded is sent again.
pub async fn serve(desk: &Desk, turn: Turn, stop: &CancellationToken) -> Result<Served, Error> {
    let served = send_due(desk, &turn.webhook, stop).await;
    let tx = desk.database.begin().await?;
    queue::end_turn(&tx, turn.webhook.id, turn.until).await?;
    tx.commit().await?;
    served
}

async fn send_due(desk: &Desk, webhook: &Webhook, stop: &CancellationToken) -> Result<Served, Error> {
    let (on, now) = (desk.database.connection(), desk.clock.now());
    let doubtful = webhook.health.is_doubtful();
    let due = deliveries::due(on, webhook.id, now, if doubtful { 1 } else { BATCH }).await?;
    let secrets = Arc::new(webhooks::secrets(on, &desk.seal, webhook.id, now).await?);
    let (mut waiting, mut under_way) = (due.into_iter(), FuturesUnordered::new());
    let (begun, mut served, mut wanted) = (Instant::now(), Served::default(), true);
    loop {
        while wanted && under_way.len() < desk.settings.at_once && begun.elapsed() < TURN {
            let Some((delivery, body)) = waiting.next() else { break };
            under_way.push(send(desk, webhook, Arc::clone(&secrets), delivery, body));
        }
        let Some(sent) = under_way.next().await else { return Ok(served) };
        let (standing, outcome, health) = sent?;
        match (standing, outcome) {
            (Standing::Delivered, _) => served.taken += 1,
            (Standing::Dead, _) => served.dead += 1,
            (Standing::Waiting, _) => served.failed += 1,
        }
        wanted &= outcome != Outcome::Gone && !health.is_paused(desk.clock.now()) && !stop.is_cancelled();
    }
}

async fn send(
    desk: &Desk,
    webhook: &Webhook,
    secrets: Arc<Secrets>,
    delivery: Delivery,
    body: String,
) -> Result<(Standing, Outcome, Health), Error> {
    let (at, begun) = (desk.clock.now(), Instant::now());
    let (id, sent_at) = (delivery.id.to_string(), at.micros().div_euclid(1_000_000));
    let signature = signatures(&secrets, &id, sent_at, &body);
    let letter = Letter { url: webhook.terms.url.clone(), id, sent_at, signature, body };
    let outcome = desk.courier.send(letter, at).await;
    let took_ms = u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX);
    let after = delivery.after(outcome, desk.clock.now(), desk.chance());
    let attempt = Attempt {
        number: after.attempts,
        at,
        took_ms,
        status: outcome.status(),
        outcome: outcome.word().to_owned(),
    };
    let health = record(desk, webhook, &after, &attempt, outcome).await?;
    Ok((after.standing, outcome, health))
}

/// Records an attempt, and how the receiver does after it.
async fn record(
    desk: &Desk,
    webhook: &Webhook,
    after: &Delivery,
    attempt: &Attempt,
    outcome: Outcome,
) -> Result<Health, Error> {
    let now = desk.clock.now();
    let tx = desk.database.begin().await?;
    let known = webhooks::hold(&tx, webhook.id).await?;
    let noted = deliveries::note(&tx, after, attempt).await?;
    let mut health = Health::well();
    if let Some(known) = known.filter(|_| noted) {
        let well = matches!(outcome, Outcome::Taken(_) | Outcome::Gone);
        health = if well { Health::well() } else { known.health.after_failure(outcome.wait_s(), now) };
        // Its owner may have put another address in the place of the one that said so.
        let ends =
            outcome == Outcome::Gone && known.state == State::Active && known.terms.url == webhook.terms.url;
        let state = if ends { State::Ended } else { known.state };
        if health != known.health || state != known.state {
            webhooks::update(&tx, &Webhook { state, health, ..known }).await?;
        }
    }
    tx.commit().await?;
    Ok(health)
}
