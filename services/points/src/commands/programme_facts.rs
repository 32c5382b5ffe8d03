//! What is told of the programme: one sequence of facts, numbered without a gap while the programme is held.

use contracts::{
    Fact, FactData, FactHead, parcel,
    points::{ProgrammeAnnounced, ProgrammeWentLive, SOURCE},
};
use kernel::{FactId, ParcelId, Timestamp};
use store::{
    Tx,
    outbox::{self, ParcelRow},
};

use super::record_purchases::Recorder;
use crate::store::programmes;

/// Something that is told of the programme.
pub enum Told {
    /// A version was announced.
    Announced(ProgrammeAnnounced),
    /// A version came into force.
    WentLive(ProgrammeWentLive),
}

/// Stages facts about the programme, in this order, with the places that follow in their sequence.
pub async fn stage(recorder: &Recorder, tx: &Tx, told: &[Told], now: Timestamp) -> anyhow::Result<()> {
    let count = u32::try_from(told.len())?;
    let last = programmes::hold(tx, count).await?;
    let first = last + 1 - u64::from(count);
    let facts: Vec<Fact> = (first..)
        .zip(told)
        .map(|(seq, told)| match told {
            Told::Announced(data) => fact(recorder, seq, now, data),
            Told::WentLive(data) => fact(recorder, seq, now, data),
        })
        .collect();
    let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
    let row = ParcelRow { parcel_id, created_at: now, payload: parcel::encode(&facts) };
    Ok(outbox::stage(tx, &row).await?)
}

fn fact<T: FactData>(recorder: &Recorder, seq: u64, time: Timestamp, data: &T) -> Fact {
    let head = FactHead {
        id: FactId::from_uuid(recorder.ids.uuid()),
        source: SOURCE,
        subject: "programme".to_owned(),
        seq,
        time,
        traceparent: None,
    };
    Fact::new(head, data)
}
