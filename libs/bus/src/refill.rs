//! Filling a stream again from the outbox, after the carrier lost it.

use store::{Database, outbox};

use crate::{BusError, Carrier, Parcel, StreamSpec};

/// Parcels read and published together.
const PAGE: u32 = 256;

/// Publishes the whole outbox in `database` to the stream of `service`, made when missing; answers how many parcels.
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
        let parcels = rows
            .into_iter()
            .map(|row| Parcel { id: row.parcel.parcel_id, payload: row.parcel.payload.into() });
        let parcels: Vec<Parcel> = parcels.collect();
        carrier.publish(service, &parcels).await?;
        published += parcels.len() as u64;
        told(published);
    }
}
