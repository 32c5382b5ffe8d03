//! The carrier for clusters: NATS JetStream.
//!
//! Streams are on file, keep by limits and refuse new parcels when full; durable consumers acknowledge one by one and are
//! never dropped silently by a count of deliveries. Servers older than 2.14 lack what the order after a restart rests on
//! (a consumer that can go back to its floor) and are refused.

mod publish;
mod subscription;

use std::{fmt, sync::Arc, time::Duration};

use async_nats::{
    Client, ConnectOptions, Event,
    jetstream::{
        self, Context, ContextBuilder,
        consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull},
        stream::{Config, DiscardPolicy, RetentionPolicy, StorageType},
    },
};
use serde::{Deserialize, Serialize};

use crate::{BusError, Carrier, ConsumerSpec, ConsumerState, Parcel, StreamSpec, StreamState, Subscription};
use subscription::NatsSubscription;

/// Carriers give up on an answer after this time.
const PATIENCE: Duration = Duration::from_secs(5);
/// A silent connection is noticed after two of these.
const PING: Duration = Duration::from_secs(5);
/// The server forgets the names of parcels it has seen after this time.
const DUPLICATES: Duration = Duration::from_mins(2);

/// How to reach NATS.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NatsSettings {
    /// `nats://user:password@host:4222`, several separated by commas.
    pub url: String,
    /// The first word of all streams and subjects, so that installations can share a server. Letters, digits, `-`.
    pub prefix: String,
    /// Copies of each stream, 1, 3 or 5.
    pub replicas: usize,
}

impl Default for NatsSettings {
    fn default() -> Self {
        Self { url: "nats://127.0.0.1:4222".to_owned(), prefix: "vafa".to_owned(), replicas: 1 }
    }
}

impl NatsSettings {
    /// Refuses settings that could not work, by name and with what is allowed.
    ///
    /// # Errors
    /// [`BusError::Settings`].
    pub fn check(&self) -> Result<(), BusError> {
        let plain = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        if self.prefix.is_empty() || self.prefix.len() > 32 || !self.prefix.chars().all(plain) {
            return Err(BusError::Settings("prefix must be 1 to 32 letters, digits and -".to_owned()));
        }
        if ![1, 3, 5].contains(&self.replicas) {
            return Err(BusError::Settings("replicas must be 1, 3 or 5".to_owned()));
        }
        Ok(())
    }
}

/// Shows the servers without user and password.
impl fmt::Debug for NatsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = self.url.split(',').map(|server| server.rsplit(['@', '/']).next().unwrap_or_default());
        f.debug_struct("NatsSettings")
            .field("hosts", &hosts.collect::<Vec<_>>())
            .field("prefix", &self.prefix)
            .field("replicas", &self.replicas)
            .finish()
    }
}

/// NATS JetStream as a carrier.
#[derive(Clone)]
pub struct NatsCarrier {
    client: Client,
    jetstream: Context,
    settings: Arc<NatsSettings>,
}

impl NatsCarrier {
    /// Connects; later losses of the connection are mended in the background.
    ///
    /// # Errors
    /// [`BusError::Settings`] for settings that cannot work; otherwise why the server cannot be reached or used.
    pub async fn connect(settings: &NatsSettings) -> Result<Self, BusError> {
        settings.check()?;
        let options = ConnectOptions::new()
            .name("vafa")
            .ping_interval(PING)
            .connection_timeout(PATIENCE)
            .request_timeout(Some(PATIENCE))
            .max_reconnects(None)
            .reconnect_delay_callback(|attempt| {
                Duration::from_millis(
                    u64::try_from(attempt).unwrap_or(u64::MAX).saturating_mul(50).min(2_000),
                )
            })
            .event_callback(|event| async move { note(&event) });
        let servers: Vec<&str> = settings.url.split(',').map(str::trim).collect();
        let client = options.connect(servers.as_slice()).await.map_err(BusError::carrier)?;
        if !client.is_server_compatible(2, 14, 0) {
            let version = client.server_info().version;
            return Err(BusError::Settings(format!("nats-server is {version}, and must be 2.14 or newer")));
        }
        let jetstream = ContextBuilder::new().timeout(PATIENCE).ack_timeout(PATIENCE).build(client.clone());
        Ok(Self { client, jetstream, settings: Arc::new(settings.clone()) })
    }

    fn stream_name(&self, stream: &str) -> String {
        format!("{}-{stream}", self.settings.prefix)
    }

    fn subject(&self, stream: &str) -> String {
        format!("{}.facts.{stream}", self.settings.prefix)
    }

    async fn stream(&self, stream: &str) -> Result<jetstream::stream::Stream, BusError> {
        self.jetstream.get_stream(self.stream_name(stream)).await.map_err(BusError::carrier)
    }

    async fn consumer(&self, spec: &ConsumerSpec) -> Result<PullConsumer, BusError> {
        let config = pull::Config {
            durable_name: Some(spec.durable.clone()),
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::Explicit,
            ack_wait: spec.ack_wait,
            max_deliver: -1,
            max_ack_pending: i64::from(spec.max_ack_pending),
            ..pull::Config::default()
        };
        self.stream(&spec.stream).await?.create_consumer(config).await.map_err(BusError::carrier)
    }
}

#[async_trait::async_trait]
impl Carrier for NatsCarrier {
    async fn ensure_stream(&self, spec: &StreamSpec) -> Result<(), BusError> {
        let config = Config {
            name: self.stream_name(&spec.name),
            subjects: vec![self.subject(&spec.name)],
            retention: RetentionPolicy::Limits,
            storage: StorageType::File,
            discard: DiscardPolicy::New,
            max_age: spec.keep,
            max_bytes: spec.max_bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
            duplicate_window: DUPLICATES.min(spec.keep),
            num_replicas: self.settings.replicas,
            allow_atomic_publish: true,
            ..Config::default()
        };
        self.jetstream.create_or_update_stream(config).await.map(drop).map_err(BusError::carrier)
    }

    async fn ensure_consumer(&self, spec: &ConsumerSpec) -> Result<(), BusError> {
        self.consumer(spec).await.map(drop)
    }

    async fn publish(&self, stream: &str, parcels: &[Parcel]) -> Result<(), BusError> {
        publish::publish(&self.client, &self.subject(stream), parcels).await
    }

    async fn consume(&self, spec: &ConsumerSpec) -> Result<Box<dyn Subscription>, BusError> {
        let mut consumer = self.consumer(spec).await?;
        // Back to the floor: what was under way when the last subscription ended comes again now and in order, not after
        // its waiting time and behind newer parcels.
        consumer.reset(None).await.map_err(BusError::carrier)?;
        let subscription = NatsSubscription::open(self.client.clone(), &consumer, spec).await?;
        Ok(Box::new(subscription))
    }

    async fn stream_state(&self, stream: &str) -> Result<StreamState, BusError> {
        let mut stream = self.stream(stream).await?;
        let state = &stream.info().await.map_err(BusError::carrier)?.state;
        Ok(StreamState { parcels: state.messages, last_seq: state.last_sequence })
    }

    async fn consumer_state(&self, stream: &str, durable: &str) -> Result<ConsumerState, BusError> {
        let stream = self.stream(stream).await?;
        let info = stream.consumer_info(durable).await.map_err(BusError::carrier)?;
        let unacknowledged = u64::try_from(info.num_ack_pending).unwrap_or(u64::MAX);
        Ok(ConsumerState { pending: info.num_pending, unacknowledged })
    }

    async fn forget_consumer(&self, stream: &str, durable: &str) -> Result<(), BusError> {
        let stream = self.stream(stream).await?;
        stream.delete_consumer(durable).await.map(drop).map_err(BusError::carrier)
    }

    async fn forget_stream(&self, stream: &str) -> Result<(), BusError> {
        self.jetstream.delete_stream(self.stream_name(stream)).await.map(drop).map_err(BusError::carrier)
    }

    async fn ping(&self) -> Result<(), BusError> {
        let answer = tokio::time::timeout(PATIENCE, self.jetstream.query_account()).await;
        answer.map_err(|_| BusError::Late("ping"))?.map(drop).map_err(BusError::carrier)
    }
}

fn note(event: &Event) {
    match event {
        Event::Disconnected | Event::SlowConsumer(_) => tracing::warn!(%event, "nats"),
        Event::ServerError(_) | Event::ClientError(_) => tracing::error!(%event, "nats"),
        _ => tracing::debug!(%event, "nats"),
    }
}
