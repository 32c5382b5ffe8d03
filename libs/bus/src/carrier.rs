//! What a carrier is: streams of parcels, and durable consumers that remember how far they are.

use std::time::Duration;

use bytes::Bytes;
use kernel::ParcelId;

use crate::BusError;

/// A parcel longer than this many bytes is refused: NATS takes messages up to 1 MiB with their headers.
pub const LONGEST_PARCEL: usize = 1_000_000;

/// What one transaction tells, on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parcel {
    /// Names it for ever; carriers drop a second parcel of the same name that comes soon after.
    pub id: ParcelId,
    /// The encoded facts ([`contracts::parcel`]).
    pub payload: Bytes,
}

/// A stream: the parcels that one service publishes, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamSpec {
    /// The service's name: `points`.
    pub name: String,
    /// How long parcels are kept.
    pub keep: Duration,
    /// How many bytes are kept at most, set aside beforehand; without it, what the carrier has room for. When the room is
    /// used up, new parcels are refused, never old ones dropped.
    pub max_bytes: Option<u64>,
}

impl StreamSpec {
    /// A stream of this name that keeps parcels for seven days.
    #[must_use]
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), keep: Duration::from_hours(7 * 24), max_bytes: None }
    }
}

/// A durable consumer of a stream: the carrier remembers what it has acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsumerSpec {
    /// The stream.
    pub stream: String,
    /// Its name, unique within the stream.
    pub durable: String,
    /// A parcel that is not acknowledged within this time is delivered again.
    pub ack_wait: Duration,
    /// How many parcels may be under way.
    pub max_ack_pending: u32,
}

/// A parcel as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The parcel.
    pub parcel: Parcel,
    /// 1 for the first time.
    pub attempt: u32,
    /// Its place in the stream, by which it is acknowledged.
    pub stream_seq: u64,
}

/// What a stream holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StreamState {
    /// Parcels kept.
    pub parcels: u64,
    /// The place of the last parcel ever published; 0 when there was none.
    pub last_seq: u64,
}

/// How far a durable consumer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConsumerState {
    /// Parcels not yet delivered to it.
    pub pending: u64,
    /// Parcels delivered and not yet acknowledged.
    pub unacknowledged: u64,
}

/// Carries parcels from services to services. Two exist; both pass `tests/it/conformance.rs`.
#[async_trait::async_trait]
pub trait Carrier: Send + Sync + 'static {
    /// Makes the stream, or brings its settings up to date.
    ///
    /// # Errors
    /// When the carrier refuses or cannot be reached; so for all that follow.
    async fn ensure_stream(&self, spec: &StreamSpec) -> Result<(), BusError>;

    /// Makes the durable consumer if there is none, so that nothing published from now on passes it by.
    async fn ensure_consumer(&self, spec: &ConsumerSpec) -> Result<(), BusError>;

    /// Appends parcels to a stream, in order; when it answers, they are kept. After an error some may be.
    async fn publish(&self, stream: &str, parcels: &[Parcel]) -> Result<(), BusError>;

    /// Binds to a durable consumer, made if there is none. What was delivered before and not acknowledged comes again,
    /// first and in order. One subscription at a time works a consumer; a second one takes over.
    async fn consume(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError>;

    /// What the stream holds.
    async fn stream_state(&self, stream: &str) -> Result<StreamState, BusError>;

    /// How far the consumer is.
    async fn consumer_state(&self, stream: &str, durable: &str) -> Result<ConsumerState, BusError>;

    /// Forgets a durable consumer: the next one of its name begins at the first parcel kept (a replay).
    async fn forget_consumer(&self, stream: &str, durable: &str) -> Result<(), BusError>;

    /// Removes a stream with everything in it and its consumers.
    async fn forget_stream(&self, stream: &str) -> Result<(), BusError>;

    /// Asks for a sign of life.
    async fn ping(&self) -> Result<(), BusError>;
}

/// A binding to a durable consumer.
#[async_trait::async_trait]
pub trait Subscription: Send {
    /// The parcels that are there, `max` at most; waits up to `wait` for the first one and for none after it. Empty when
    /// none came.
    ///
    /// # Errors
    /// [`BusError::Unbound`] when it must be bound again; otherwise the way to the carrier failed.
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, BusError>;

    /// Acknowledges deliveries by their places: they are done with.
    ///
    /// # Errors
    /// When the way to the carrier failed: they will come again.
    async fn ack(&mut self, stream_seqs: &[u64]) -> Result<(), BusError>;

    /// Gives deliveries back, to come again after `delay`.
    ///
    /// # Errors
    /// As [`Subscription::ack`].
    async fn retry(&mut self, stream_seqs: &[u64], delay: Duration) -> Result<(), BusError>;

    /// Says that deliveries are still being worked on, which begins their waiting time anew.
    ///
    /// # Errors
    /// As [`Subscription::ack`].
    async fn working(&mut self, stream_seqs: &[u64]) -> Result<(), BusError>;
}
