//! How services tell each other facts: out of one database, over a carrier, into another database, once.
//!
//! Owns the way from an outbox to every inbox: the [`Relay`] that publishes what is staged, two carriers under one
//! [`Carrier`] trait and one conformance suite ([`NatsCarrier`] for clusters, [`EmbeddedCarrier`] for one process), the
//! consumer loop ([`run_consumer`]) that applies facts with a [`Reaction`], dead letters and their replay, refilling.
//! Promises: delivery is at least once and effect exactly once, by the inbox row in the transaction of the effect; a fact
//! that cannot be taken stops nobody; a subscription that stalls is bound again; facts of one source arrive in the order
//! in which their transactions committed, as long as nothing must be retried.
//! Absent on purpose: any claim that a carrier keeps facts. **A stream is transport; it can be lost and filled again from
//! the outbox ([`refill`]).** Also absent: commands and questions, which go over HTTP.

mod carrier;
mod consumer;
pub mod crash;
mod dead_letters;
mod embedded;
mod error;
mod leader;
mod metrics;
mod nats;
mod parts;
mod reaction;
mod refill;
mod relay;

pub use carrier::{
    Carrier, ConsumerSpec, ConsumerState, Delivery, LONGEST_PARCEL, Parcel, StreamSpec, StreamState,
    Subscription,
};
pub use consumer::{Consumer, ConsumerSettings, run_consumer};
pub use dead_letters::{Replayed, replay_dead_letters};
pub use embedded::EmbeddedCarrier;
pub use error::BusError;
pub use nats::{NatsCarrier, NatsSettings};
pub use reaction::{Reaction, ReactionError};
pub use refill::refill;
pub use relay::{Relay, RelaySettings, Waker};
