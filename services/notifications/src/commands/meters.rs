//! What is counted of messages.

use std::time::Duration;

use kernel::Timestamp;
use opentelemetry::{
    KeyValue, global,
    metrics::{Counter, Gauge, Histogram},
};

use crate::{
    commands::send::Sent,
    domain::{attempt::Standing, channel::Channel, heard::Ask, sending::Handed, trigger::Lane},
    store::queue::Waiting,
};

/// The meters.
#[derive(Clone)]
pub struct Meters {
    waiting: Gauge<u64>,
    oldest: Gauge<f64>,
    dead: Gauge<u64>,
    handed: Counter<u64>,
    receipts: Counter<u64>,
    ended: Counter<u64>,
    heard: Counter<u64>,
    took: Histogram<f64>,
}

impl Default for Meters {
    fn default() -> Self {
        Self::new()
    }
}

impl Meters {
    /// All of them.
    #[must_use]
    pub fn new() -> Self {
        let meter = global::meter("vafa");
        Self {
            waiting: meter
                .u64_gauge("vafa.notifications.waiting")
                .with_description("Messages to members that wait, by lane")
                .build(),
            oldest: meter
                .f64_gauge("vafa.notifications.age")
                .with_unit("s")
                .with_description("How long the message to a member is overdue that is due longest, by lane")
                .build(),
            dead: meter
                .u64_gauge("vafa.notifications.dead")
                .with_description("Messages to members that no provider took in time")
                .build(),
            handed: meter
                .u64_counter("vafa.notifications.handed")
                .with_description("Messages handed to providers, by provider, channel and what came of it")
                .build(),
            receipts: meter
                .u64_counter("vafa.notifications.receipts")
                .with_description("Receipts of providers that said something new, by provider and standing")
                .build(),
            ended: meter
                .u64_counter("vafa.notifications.ended")
                .with_description(
                    "Messages that were sent, wait on, do not go, or became dead letters, by lane",
                )
                .build(),
            heard: meter
                .u64_counter("vafa.notifications.heard")
                .with_description("Texts to the club's number, by what they ask for")
                .build(),
            took: meter
                .f64_histogram("vafa.notifications.batch")
                .with_unit("s")
                .with_description("How long a batch of messages took, by lane")
                .build(),
        }
    }

    /// Notes what waits in each lane, and how many dead letters there are.
    pub fn waits(&self, lanes: &[Waiting], dead: u64, now: Timestamp) {
        for one in lanes {
            let lane = [KeyValue::new("lane", one.lane.word())];
            self.waiting.record(one.messages, &lane);
            let overdue = one.since.map_or(0, |since| now.millis_since(since)).max(0) / 1_000;
            self.oldest.record(f64::from(u32::try_from(overdue).unwrap_or(u32::MAX)), &lane);
        }
        self.dead.record(dead, &[]);
    }

    /// Notes what came of handing a message to a provider.
    pub fn handed(&self, provider: &str, channel: Channel, handed: &Handed) {
        let outcome = match handed {
            Handed::Taken { .. } => "taken",
            Handed::Refused(_) => "refused",
            Handed::Failed { .. } => "failed",
            Handed::Uncertain { .. } => "uncertain",
        };
        let named = [
            KeyValue::new("provider", provider.to_owned()),
            KeyValue::new("channel", channel.word()),
            KeyValue::new("outcome", outcome),
        ];
        self.handed.add(1, &named);
    }

    /// Notes a text to the club's number.
    pub fn heard(&self, ask: Ask) {
        self.heard.add(1, &[KeyValue::new("asked", ask.word())]);
    }

    /// Notes that a provider said something new of a message, which stands so since.
    pub fn receipt(&self, provider: &str, standing: Standing) {
        let provider = KeyValue::new("provider", provider.to_owned());
        self.receipts.add(1, &[provider, KeyValue::new("standing", standing.word())]);
    }

    /// Notes what became of a batch, which took so long.
    pub fn sent(&self, lane: Lane, sent: Sent, took: Duration) {
        let lane = KeyValue::new("lane", lane.word());
        let all =
            [(sent.sent, "sent"), (sent.waiting, "waiting"), (sent.dropped, "dropped"), (sent.dead, "dead")];
        for (count, outcome) in all {
            self.ended.add(count, &[lane.clone(), KeyValue::new("outcome", outcome)]);
        }
        self.took.record(took.as_secs_f64(), &[lane]);
    }
}
