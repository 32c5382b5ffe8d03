//! The bus's figures, under the global meter `vafa`. Instruments are made once, each bound to its labels.

use std::time::Duration;

use kernel::Timestamp;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge, Histogram},
};

/// Seconds, for the way of a fact from its commit to its effect.
const DELAY_BOUNDS: [f64; 14] =
    [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 30.0, 300.0];
const SIZE_BOUNDS: [f64; 10] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 2_048.0];

/// What a relay reports.
pub(crate) struct RelayFigures {
    labels: [KeyValue; 1],
    age: Gauge<f64>,
    batch: Histogram<u64>,
    published: Counter<u64>,
    failures: Counter<u64>,
}

impl RelayFigures {
    pub(crate) fn of(service: &str) -> Self {
        let meter = global::meter("vafa");
        Self {
            labels: [KeyValue::new("service", service.to_owned())],
            age: meter
                .f64_gauge("vafa.outbox.age")
                .with_unit("s")
                .with_description("Age of the oldest parcel that is not yet published")
                .build(),
            batch: meter
                .u64_histogram("vafa.relay.batch")
                .with_boundaries(SIZE_BOUNDS.to_vec())
                .with_description("Parcels published together")
                .build(),
            published: meter
                .u64_counter("vafa.relay.published")
                .with_description("Parcels published")
                .build(),
            failures: meter
                .u64_counter("vafa.relay.failures")
                .with_description("Attempts to relay that failed")
                .build(),
        }
    }

    pub(crate) fn waiting(&self, oldest: Option<Timestamp>, now: Timestamp) {
        self.age.record(oldest.map_or(0.0, |at| seconds_between(at, now)), &self.labels);
    }

    pub(crate) fn published(&self, parcels: usize) {
        let parcels = parcels as u64;
        self.batch.record(parcels, &self.labels);
        self.published.add(parcels, &self.labels);
    }

    pub(crate) fn failed(&self) {
        self.failures.add(1, &self.labels);
    }
}

/// What a consumer reports.
pub(crate) struct ConsumerFigures {
    labels: [KeyValue; 1],
    age: Gauge<f64>,
    pending: Gauge<u64>,
    delay: Histogram<f64>,
    batch: Histogram<u64>,
    applied: Counter<u64>,
    retried: Counter<u64>,
    dead: Counter<u64>,
    rebound: Counter<u64>,
}

impl ConsumerFigures {
    pub(crate) fn of(consumer: &str) -> Self {
        let meter = global::meter("vafa");
        let count =
            |name: &'static str, about: &'static str| meter.u64_counter(name).with_description(about).build();
        Self {
            labels: [KeyValue::new("consumer", consumer.to_owned())],
            age: meter
                .f64_gauge("vafa.consumer.age")
                .with_unit("s")
                .with_description("Age of the oldest fact that is delivered and not yet applied")
                .build(),
            pending: meter
                .u64_gauge("vafa.consumer.pending")
                .with_description("Parcels that wait for the consumer")
                .build(),
            delay: meter
                .f64_histogram("vafa.consumer.delay")
                .with_unit("s")
                .with_boundaries(DELAY_BOUNDS.to_vec())
                .with_description(
                    "From the recording of a fact to the commit of its effect, one value a parcel",
                )
                .build(),
            batch: meter
                .u64_histogram("vafa.consumer.batch")
                .with_boundaries(SIZE_BOUNDS.to_vec())
                .with_description("Facts applied in one transaction")
                .build(),
            applied: count("vafa.consumer.applied", "Facts applied"),
            retried: count("vafa.consumer.retried", "Parcels given back to come again"),
            dead: count("vafa.consumer.dead_letters", "Facts set aside as dead letters"),
            rebound: count("vafa.consumer.rebound", "Subscriptions bound again after a failure or a stall"),
        }
    }

    pub(crate) fn oldest(&self, oldest: Option<Timestamp>, now: Timestamp) {
        self.age.record(oldest.map_or(0.0, |at| seconds_between(at, now)), &self.labels);
    }

    pub(crate) fn pending(&self, parcels: u64) {
        self.pending.record(parcels, &self.labels);
    }

    pub(crate) fn applied(&self, facts: usize, recorded: impl Iterator<Item = Timestamp>, now: Timestamp) {
        let facts = facts as u64;
        self.batch.record(facts, &self.labels);
        self.applied.add(facts, &self.labels);
        for at in recorded {
            self.delay.record(seconds_between(at, now), &self.labels);
        }
    }

    pub(crate) fn retried(&self, parcels: usize) {
        self.retried.add(parcels as u64, &self.labels);
    }

    pub(crate) fn dead(&self, letters: usize) {
        self.dead.add(letters as u64, &self.labels);
    }

    pub(crate) fn rebound(&self) {
        self.rebound.add(1, &self.labels);
    }
}

fn seconds_between(earlier: Timestamp, later: Timestamp) -> f64 {
    let micros = later.micros().saturating_sub(earlier.micros());
    Duration::from_micros(u64::try_from(micros).unwrap_or(0)).as_secs_f64()
}
