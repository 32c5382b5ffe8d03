//! Filling a stream again from the outbox, after the carrier lost it.

use store::{Database, outbox};

use crate::{BusError, Carrier, Parcel, StreamSpec, parts};

/// Parcels read and published together.
const PAGE: u32 = 256;

/// Publishes the whole outbox in `database` to the stream of `service`, made when missing; answers how many rows.
/// Consumers that have taken a parcel before pass it over by their inboxes. `told` hears the count as it goes.
///
/// # Errors
/// When the database or the carrier is in trouble; it can simply be run again.
pub async fn refill(
    database: &Database,
    carrier: &dyn Carrier,
    service: &str,
    mut told: impl FnMut(u64) + Send,
) -> Result<u64, BusError> {
    carrier.ensure_stream(&StreamSpec::named(service)).await?;
    let (mut after, mut published) = (0, 0);
    loop {
        let rows = outbox::page(database, after, PAGE).await?;
        let Some(last) = rows.last() else { return Ok(published) };
        after = last.id;
        published += rows.len() as u64;
        let parcels: Vec<Parcel> = rows.into_iter().flat_map(|row| parts::parcels(row.parcel)).collect();
        carrier.publish(service, &parcels).await?;
        told(published);
    }
}
