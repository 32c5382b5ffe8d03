//! A binding to a JetStream consumer: parcels are pulled ahead, so that there is always a next one at hand.

use std::{
    collections::HashMap,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use async_nats::{
    Client, Subject,
    header::NATS_MESSAGE_ID,
    jetstream::{
        self, AckKind,
        consumer::{PullConsumer, pull},
    },
};
use bytes::Bytes;
use futures_util::{Stream as _, StreamExt as _, future::poll_fn};
use kernel::ParcelId;

use crate::{BusError, ConsumerSpec, Delivery, Parcel, Subscription};

/// Parcels pulled ahead.
const AHEAD: usize = 256;
/// Bytes pulled ahead.
const AHEAD_BYTES: usize = 8 << 20;
/// A pull request stands this long, and the server gives a sign of life this often.
const EXPIRES: Duration = Duration::from_secs(30);
const HEARTBEAT: Duration = Duration::from_secs(5);

pub(super) struct NatsSubscription {
    client: Client,
    parcels: pull::Stream,
    /// Where to acknowledge what is under way, by place in the stream.
    replies: HashMap<u64, Subject>,
    max_ack_pending: usize,
}

impl NatsSubscription {
    pub(super) async fn open(
        client: Client,
        consumer: &PullConsumer,
        spec: &ConsumerSpec,
    ) -> Result<Self, BusError> {
        let max_ack_pending = usize::try_from(spec.max_ack_pending).unwrap_or(usize::MAX);
        let parcels = consumer
            .stream()
            .max_messages_per_batch(AHEAD.min(max_ack_pending))
            .max_bytes_per_batch(AHEAD_BYTES)
            .expires(EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
            .map_err(BusError::carrier)?;
        Ok(Self { client, parcels, replies: HashMap::new(), max_ack_pending })
    }

    fn take(&mut self, message: &jetstream::Message) -> Result<Option<Delivery>, BusError> {
        let info = message.info().map_err(BusError::carrier)?;
        let stream_seq = info.stream_sequence;
        let attempt = u32::try_from(info.delivered).unwrap_or(u32::MAX);
        let name = message.headers.as_ref().and_then(|headers| headers.get(NATS_MESSAGE_ID));
        let id = name.and_then(|name| name.as_str().parse::<ParcelId>().ok());
        if let Some(reply) = &message.reply {
            self.replies.insert(stream_seq, reply.clone());
        }
        let Some(id) = id else {
            tracing::error!(stream_seq, "a message on a stream of facts is no parcel and is passed over");
            return Ok(None);
        };
        let parcel = Parcel { id, payload: message.payload.clone() };
        Ok(Some(Delivery { parcel, attempt, stream_seq }))
    }

    async fn answer(&mut self, stream_seqs: &[u64], kind: AckKind, keep: bool) -> Result<(), BusError> {
        let word: Bytes = kind.into();
        for seq in stream_seqs {
            let reply = if keep { self.replies.get(seq).cloned() } else { self.replies.remove(seq) };
            if let Some(reply) = reply {
                self.client.publish(reply, word.clone()).await.map_err(BusError::carrier)?;
            }
        }
        Ok(())
    }

    /// The next message if one is at hand.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<jetstream::Message, BusError>> {
        match Pin::new(&mut self.parcels).poll_next(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Some(Ok(message))) => Poll::Ready(Ok(message)),
            Poll::Ready(Some(Err(error))) => Poll::Ready(Err(BusError::Unbound(error.to_string()))),
            Poll::Ready(None) => {
                Poll::Ready(Err(BusError::Unbound("the stream of messages ended".to_owned())))
            }
        }
    }
}

#[async_trait::async_trait]
impl Subscription for NatsSubscription {
    async fn next(&mut self, max: usize, wait: Duration) -> Result<Vec<Delivery>, BusError> {
        let max = max.min(self.max_ack_pending);
        let mut deliveries = Vec::new();
        let first = tokio::time::timeout(wait, self.parcels.next()).await;
        let first = match first {
            Err(_) => return Ok(deliveries),
            Ok(Some(Ok(message))) => message,
            Ok(Some(Err(error))) => return Err(BusError::Unbound(error.to_string())),
            Ok(None) => return Err(BusError::Unbound("the stream of messages ended".to_owned())),
        };
        let mut passed_over = Vec::new();
        let mut message = Some(first);
        while let Some(one) = message.take() {
            match self.take(&one)? {
                Some(delivery) => deliveries.push(delivery),
                None => passed_over.extend(one.info().map(|info| info.stream_sequence)),
            }
            if deliveries.len() < max {
                // What is at hand and no more: the next batch forms while this one commits.
                message = poll_fn(|context| match self.poll(context) {
                    Poll::Ready(outcome) => Poll::Ready(outcome.ok()),
                    Poll::Pending => Poll::Ready(None),
                })
                .await;
            }
        }
        self.answer(&passed_over, AckKind::Term, false).await?;
        Ok(deliveries)
    }

    async fn ack(&mut self, stream_seqs: &[u64]) -> Result<(), BusError> {
        self.answer(stream_seqs, AckKind::Ack, false).await
    }

    async fn retry(&mut self, stream_seqs: &[u64], delay: Duration) -> Result<(), BusError> {
        self.answer(stream_seqs, AckKind::Nak(Some(delay)), false).await
    }

    async fn working(&mut self, stream_seqs: &[u64]) -> Result<(), BusError> {
        self.answer(stream_seqs, AckKind::Progress, true).await
    }
}
