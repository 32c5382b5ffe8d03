//! What is counted of messages.

use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge},
};

use crate::commands::serve::Served;

/// The meters.
#[derive(Clone)]
pub(super) struct Meters {
    attempts: Counter<u64>,
    waiting: Gauge<u64>,
    oldest: Gauge<f64>,
}

impl Meters {
    pub(super) fn new() -> Self {
        let meter = global::meter("vafa");
        Self {
            attempts: meter
                .u64_counter("vafa.webhooks.attempts")
                .with_description("Attempts at messages to webhooks, by what they came to")
                .build(),
            waiting: meter
                .u64_gauge("vafa.webhooks.waiting")
                .with_description("Messages to webhooks that wait")
                .build(),
            oldest: meter
                .f64_gauge("vafa.webhooks.age")
                .with_unit("s")
                .with_description("Age of the oldest message to a webhook that waits")
                .build(),
        }
    }

    pub(super) fn served(&self, served: Served) {
        for (count, outcome) in [(served.taken, "taken"), (served.failed, "failed"), (served.dead, "dead")] {
            self.attempts.add(count, &[KeyValue::new("outcome", outcome)]);
        }
    }

    pub(super) fn given_up(&self, count: u64) {
        self.attempts.add(count, &[KeyValue::new("outcome", "given_up")]);
    }

    pub(super) fn waits(&self, messages: u64, oldest_ms: i64) {
        self.waiting.record(messages, &[]);
        let seconds = u32::try_from(oldest_ms.max(0) / 1_000).unwrap_or(u32::MAX);
        self.oldest.record(f64::from(seconds), &[]);
    }
}
