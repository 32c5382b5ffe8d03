//! Publishing to JetStream: atomic batches, so that one wait for the disk serves many parcels.

use async_nats::{
    Client, HeaderMap,
    header::{NATS_BATCH_COMMIT, NATS_BATCH_ID, NATS_BATCH_SEQUENCE, NATS_MESSAGE_ID},
    jetstream::{ErrorCode, publish::PublishAck, response::Response},
};
use bytes::Bytes;

use crate::{BusError, LONGEST_PARCEL, Parcel};

/// The server takes batches up to 1,000 parcels; smaller ones keep its memory low.
const BATCH: usize = 256;
/// … and up to this many bytes, so that a slow link gets an answer in time.
const BATCH_BYTES: usize = 8 << 20;

/// How the server answered.
enum Answer {
    Kept,
    /// Parcels of the batch are there already, and the server took none of the others.
    SomeKnown,
}

/// Publishes parcels in order.
pub(super) async fn publish(client: &Client, subject: &str, parcels: &[Parcel]) -> Result<(), BusError> {
    let longest = LONGEST_PARCEL.min(client.max_payload().saturating_sub(1_024));
    if let Some(long) = parcels.iter().find(|parcel| parcel.payload.len() > longest) {
        return Err(BusError::TooLong { bytes: long.payload.len(), longest });
    }
    let mut rest = parcels;
    while !rest.is_empty() {
        let (batch, later) = rest.split_at(batch_len(rest));
        match batch {
            [one] => publish_one(client, subject, one).await?,
            many => publish_batch(client, subject, many).await?,
        }
        rest = later;
    }
    Ok(())
}

fn batch_len(parcels: &[Parcel]) -> usize {
    let mut bytes = 0;
    let fits = parcels.iter().take(BATCH).take_while(|parcel| {
        bytes += parcel.payload.len();
        bytes <= BATCH_BYTES
    });
    fits.count().max(1)
}

async fn publish_batch(client: &Client, subject: &str, parcels: &[Parcel]) -> Result<(), BusError> {
    // The name of the batch: unique among those under way, and a relay has one under way.
    let name = parcels[0].id.to_string();
    let last = parcels.len();
    for (parcel, place) in parcels.iter().zip(1..) {
        let mut headers = headers(parcel);
        headers.insert(NATS_BATCH_ID, name.as_str());
        headers.insert(NATS_BATCH_SEQUENCE, place.to_string());
        if place < last {
            let sent = client.publish_with_headers(subject.to_owned(), headers, parcel.payload.clone());
            sent.await.map_err(BusError::carrier)?;
            continue;
        }
        headers.insert(NATS_BATCH_COMMIT, "1");
        match ask(client, subject, headers, parcel.payload.clone()).await? {
            Answer::Kept => return Ok(()),
            Answer::SomeKnown => break,
        }
    }
    // An earlier attempt got through in part or in whole, and its answer was lost. One by one the server tells them apart.
    for parcel in parcels {
        publish_one(client, subject, parcel).await?;
    }
    Ok(())
}

async fn publish_one(client: &Client, subject: &str, parcel: &Parcel) -> Result<(), BusError> {
    ask(client, subject, headers(parcel), parcel.payload.clone()).await.map(drop)
}

fn headers(parcel: &Parcel) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(NATS_MESSAGE_ID, parcel.id.to_string());
    headers
}

async fn ask(client: &Client, subject: &str, headers: HeaderMap, payload: Bytes) -> Result<Answer, BusError> {
    let answer = client.request_with_headers(subject.to_owned(), headers, payload).await;
    let answer = answer.map_err(BusError::carrier)?;
    match serde_json::from_slice(&answer.payload).map_err(BusError::carrier)? {
        Response::Ok::<PublishAck>(_) => Ok(Answer::Kept),
        Response::Err { error }
            if error.error_code() == ErrorCode::ATOMIC_PUBLISH_CONTAINS_DUPLICATE_MESSAGE =>
        {
            Ok(Answer::SomeKnown)
        }
        Response::Err { error } => Err(BusError::carrier(error)),
    }
}
