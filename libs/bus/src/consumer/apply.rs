//! Applying a batch in the database: all at once, or one by one when that fails.

use std::collections::HashSet;

use contracts::Fact;
use kernel::ParcelId;
use opentelemetry::{propagation::Extractor, trace::TraceContextExt as _};
use store::{
    Tx,
    dead_letters::{self, DeadLetter},
    inbox,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::{
    Consumer,
    batch::{Batch, Opened, letter},
};
use crate::{ReactionError, crash};

/// What became of a batch's parcels, by their places in the stream.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) done: Vec<u64>,
    /// To come again, with how often they have come.
    pub(super) again: Vec<(u64, u32)>,
}

/// Why a parcel could not be applied fact by fact.
enum Setback {
    /// It comes again later.
    Later,
    /// The database is in trouble.
    Trouble(ReactionError),
}

impl<E: Into<ReactionError>> From<E> for Setback {
    fn from(error: E) -> Self {
        Self::Trouble(error.into())
    }
}

impl Consumer {
    /// Applies a batch.
    ///
    /// # Errors
    /// Only when the database is in trouble, so that nothing was applied and everything may be tried again.
    pub(super) async fn apply(&self, batch: &Batch) -> Result<Outcome, ReactionError> {
        let spans = self.spans(&batch.facts);
        let outcome = match self.apply_together(batch).await {
            Ok(()) => Ok(Outcome { done: batch.stream_seqs(), again: Vec::new() }),
            Err(error) if error.is_transient() => Err(error),
            Err(_) => self.apply_one_by_one(batch).await,
        };
        drop(spans);
        outcome
    }

    async fn apply_together(&self, batch: &Batch) -> Result<(), ReactionError> {
        let tx = self.database.begin().await?;
        let claimed = self.claim(&tx, &batch.ids()).await?;
        let letters = if claimed.len() == batch.parcels.len() {
            self.react(&tx, &batch.facts).await?;
            batch.parcels.iter().flat_map(|parcel| parcel.unreadable.clone()).collect()
        } else {
            // Some were delivered before: the others alone, in the same order, each once.
            let mut left = claimed;
            let mut facts = Vec::new();
            let mut letters = Vec::new();
            for parcel in &batch.parcels {
                if left.remove(&parcel.id) {
                    facts.extend_from_slice(batch.facts_of(parcel));
                    letters.extend_from_slice(&parcel.unreadable);
                }
            }
            self.react(&tx, &facts).await?;
            letters
        };
        self.set_aside(&tx, &letters).await?;
        self.commit(tx).await?;
        self.report(batch, &letters);
        Ok(())
    }

    async fn apply_one_by_one(&self, batch: &Batch) -> Result<Outcome, ReactionError> {
        let tx = self.database.begin().await?;
        let mut outcome = Outcome::default();
        let mut letters = Vec::new();
        for parcel in &batch.parcels {
            tx.savepoint().await?;
            match self.apply_parcel(&tx, batch, parcel).await {
                Ok(()) => {
                    tx.release_savepoint().await?;
                    letters.extend_from_slice(&parcel.unreadable);
                    outcome.done.push(parcel.stream_seq);
                    continue;
                }
                Err(error) if error.is_transient() => return Err(error),
                Err(_) => tx.rollback_to_savepoint().await?,
            }
            tx.savepoint().await?;
            match self.apply_facts(&tx, batch, parcel).await {
                Ok(dead) => {
                    tx.release_savepoint().await?;
                    letters.extend(dead);
                    outcome.done.push(parcel.stream_seq);
                }
                Err(Setback::Later) => {
                    tx.rollback_to_savepoint().await?;
                    outcome.again.push((parcel.stream_seq, parcel.attempt));
                }
                Err(Setback::Trouble(error)) => return Err(error),
            }
        }
        self.commit(tx).await?;
        self.report(batch, &letters);
        Ok(outcome)
    }

    /// Commits, and wakes the relay when reactions told something: before the commit it would find nothing.
    async fn commit(&self, tx: Tx) -> Result<(), ReactionError> {
        let tells = tx.tells();
        crash::point("consumer.before_commit");
        tx.commit().await?;
        crash::point("consumer.after_commit");
        if tells {
            self.relay.wake();
        }
        Ok(())
    }

    async fn apply_parcel(&self, tx: &Tx, batch: &Batch, parcel: &Opened) -> Result<(), ReactionError> {
        if !self.claim(tx, &[parcel.id]).await?.contains(&parcel.id) {
            return Ok(());
        }
        self.react(tx, batch.facts_of(parcel)).await?;
        self.set_aside(tx, &parcel.unreadable).await
    }

    /// Applies a parcel's facts each by itself; answers those set aside.
    async fn apply_facts(&self, tx: &Tx, batch: &Batch, parcel: &Opened) -> Result<Vec<DeadLetter>, Setback> {
        if !self.claim(tx, &[parcel.id]).await?.contains(&parcel.id) {
            return Ok(Vec::new());
        }
        let mut letters = parcel.unreadable.clone();
        for fact in batch.facts_of(parcel) {
            tx.savepoint().await?;
            let Err(error) = self.react(tx, std::slice::from_ref(fact)).await else {
                tx.release_savepoint().await?;
                continue;
            };
            if error.is_transient() {
                return Err(Setback::Trouble(error));
            }
            // Before anything else: the parcel's own mark must be the last one again.
            tx.rollback_to_savepoint().await?;
            let reason = match error {
                ReactionError::Poison(reason) => reason,
                ReactionError::Fault(_) if parcel.attempt < self.settings.attempts => {
                    self.warn(fact, &error);
                    return Err(Setback::Later);
                }
                ReactionError::Fault(_) => {
                    self.warn(fact, &error);
                    error.to_string()
                }
            };
            letters.push(letter(fact, parcel, &*self.reaction, shortened(reason), self.clock.now()));
        }
        self.set_aside(tx, &letters).await?;
        Ok(letters)
    }

    fn warn(&self, fact: &Fact, error: &ReactionError) {
        tracing::warn!(%error, consumer = self.reaction.consumer(), fact = %fact.id, "a reaction failed");
    }

    async fn react(&self, tx: &Tx, facts: &[Fact]) -> Result<(), ReactionError> {
        if facts.is_empty() { Ok(()) } else { self.reaction.apply(tx, facts).await }
    }

    async fn claim(&self, tx: &Tx, parcels: &[ParcelId]) -> Result<HashSet<ParcelId>, ReactionError> {
        Ok(inbox::claim(tx, self.reaction.consumer(), parcels, self.clock.now()).await?)
    }

    async fn set_aside(&self, tx: &Tx, letters: &[DeadLetter]) -> Result<(), ReactionError> {
        if letters.is_empty() {
            return Ok(());
        }
        Ok(dead_letters::record(tx, letters).await?)
    }

    fn report(&self, batch: &Batch, letters: &[DeadLetter]) {
        let firsts = batch.parcels.iter().filter_map(|parcel| batch.facts_of(parcel).first());
        let facts = batch.facts.len().saturating_sub(letters.len());
        self.figures.applied(facts, firsts.map(|fact| fact.time), self.clock.now());
        self.figures.dead(letters.len());
        for letter in letters {
            tracing::error!(
                consumer = letter.consumer,
                parcel = %letter.parcel_id,
                kind = letter.kind,
                "a fact went to the dead letters"
            );
        }
    }

    /// A span for each fact whose request is sampled, as a child of what told it. They end with the commit.
    fn spans(&self, facts: &[Fact]) -> Vec<Span> {
        let consumer = self.reaction.consumer();
        let sampled = facts.iter().filter_map(|fact| Some((fact, fact.traceparent.as_deref()?)));
        let spans = sampled.map(|(fact, traceparent)| {
            let span = tracing::info_span!(target: "vafa::consumer", "apply_fact", otel.kind = "consumer", consumer, kind = %fact.kind);
            let parent = opentelemetry::global::get_text_map_propagator(|propagator| {
                propagator.extract(&Carried(traceparent))
            });
            if parent.span().span_context().is_valid() {
                // Refused only for a span that has begun already, and this one has not.
                let _ = span.set_parent(parent);
            }
            span
        });
        spans.collect()
    }
}

/// The trace context that a fact carries.
struct Carried<'a>(&'a str);

impl Extractor for Carried<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        (key == "traceparent").then_some(self.0)
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// Reasons are read by people; the first lines say it.
fn shortened(mut reason: String) -> String {
    const LONGEST: usize = 500;
    if reason.len() > LONGEST {
        let end = (0..=LONGEST).rev().find(|at| reason.is_char_boundary(*at)).unwrap_or(0);
        reason.truncate(end);
    }
    reason
}
