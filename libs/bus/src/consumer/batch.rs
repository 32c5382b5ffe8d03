//! Parcels taken together, opened once: their facts in order, and what of them cannot be read.

use std::ops::Range;

use contracts::{Fact, parcel};
use kernel::{FactId, ParcelId, Timestamp};
use store::dead_letters::DeadLetter;

use crate::{Delivery, Reaction};

/// A parcel of a batch.
pub(super) struct Opened {
    pub(super) id: ParcelId,
    pub(super) attempt: u32,
    pub(super) stream_seq: u64,
    /// Its facts among those of the batch.
    pub(super) facts: Range<usize>,
    /// What of it cannot be read.
    pub(super) unreadable: Vec<DeadLetter>,
}

/// Parcels to be applied in one transaction.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) parcels: Vec<Opened>,
    pub(super) facts: Vec<Fact>,
}

impl Batch {
    /// Opens parcels and puts them together so that each batch has about `facts` facts that the reaction hears.
    pub(super) fn split(
        deliveries: Vec<Delivery>,
        reaction: &dyn Reaction,
        facts: usize,
        now: Timestamp,
    ) -> Vec<Self> {
        let mut batches = Vec::new();
        let mut batch = Self::default();
        for delivery in deliveries {
            batch.open(&delivery, reaction, now);
            if batch.facts.len() >= facts {
                batches.push(std::mem::take(&mut batch));
            }
        }
        if !batch.parcels.is_empty() {
            batches.push(batch);
        }
        batches
    }

    fn open(&mut self, delivery: &Delivery, reaction: &dyn Reaction, now: Timestamp) {
        let first = self.facts.len();
        let mut unreadable = Vec::new();
        let mut set_aside = |payload: Vec<u8>, reason: String| {
            unreadable.push(DeadLetter {
                consumer: reaction.consumer().to_owned(),
                stream: reaction.stream().to_owned(),
                parcel_id: delivery.parcel.id,
                fact_id: None,
                kind: None,
                reason,
                attempts: 1,
                payload,
                recorded_at: now,
            });
        };
        let hears = |kind: &str| reaction.hears().contains(&kind);
        match parcel::decode_heard(&delivery.parcel.payload, hears) {
            Err(error) => set_aside(delivery.parcel.payload.to_vec(), error.to_string()),
            Ok(facts) => {
                for fact in facts {
                    match fact {
                        Ok(fact) => self.facts.push(fact),
                        Err(bad) => set_aside(bad.text.into_bytes(), bad.error.to_string()),
                    }
                }
            }
        }
        self.parcels.push(Opened {
            id: delivery.parcel.id,
            attempt: delivery.attempt,
            stream_seq: delivery.stream_seq,
            facts: first..self.facts.len(),
            unreadable,
        });
    }

    pub(super) fn stream_seqs(&self) -> Vec<u64> {
        self.parcels.iter().map(|parcel| parcel.stream_seq).collect()
    }

    pub(super) fn ids(&self) -> Vec<ParcelId> {
        self.parcels.iter().map(|parcel| parcel.id).collect()
    }

    pub(super) fn facts_of(&self, parcel: &Opened) -> &[Fact] {
        &self.facts[parcel.facts.clone()]
    }

    /// When its first fact was recorded.
    pub(super) fn oldest(&self) -> Option<Timestamp> {
        self.facts.first().map(|fact| fact.time)
    }
}

/// A fact that cannot be applied, as a dead letter.
pub(super) fn letter(
    fact: &Fact,
    parcel: &Opened,
    reaction: &dyn Reaction,
    reason: String,
    now: Timestamp,
) -> DeadLetter {
    let payload = serde_json::to_vec(fact).expect("a fact that was read can be written");
    DeadLetter {
        consumer: reaction.consumer().to_owned(),
        stream: reaction.stream().to_owned(),
        parcel_id: parcel.id,
        fact_id: Some(FactId::from_uuid(fact.id.as_uuid())),
        kind: Some(fact.kind.to_string()),
        reason,
        attempts: i32::try_from(parcel.attempt).unwrap_or(i32::MAX),
        payload,
        recorded_at: now,
    }
}
