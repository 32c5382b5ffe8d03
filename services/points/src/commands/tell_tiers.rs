//! Tells of tiers that time alone has changed: a period ended, a grant or an assurance ran out.

use contracts::{parcel, points::TierChangeCause};
use kernel::{MemberId, ParcelId};
use store::outbox::{self, ParcelRow};

use super::{persistence::persistently, record_purchases::Recorder, tiers::Standings};
use crate::store::standings;

/// Members in one transaction at most.
const MOST: i64 = 500;

/// Tells of every tier that is another one by now, in bounded batches; answers how many members were looked at. A tier is
/// right without it; it is only told by it.
///
/// # Errors
/// When the database refuses; the batches before are done then.
pub async fn tell_tiers(recorder: &Recorder) -> anyhow::Result<usize> {
    let mut looked_at = 0;
    loop {
        let batch = persistently("telling of tiers", || one_batch(recorder)).await?;
        looked_at += batch;
        if i64::try_from(batch)? < MOST {
            return Ok(looked_at);
        }
    }
}

async fn one_batch(recorder: &Recorder) -> anyhow::Result<usize> {
    let now = recorder.clock.now();
    let today = recorder.chain.local(now, None).day;
    let look = recorder.database.snapshot().await?;
    let due = standings::due(&look, today, MOST).await?;
    let programme = recorder.programmes.live(look.connection(), now).await?;
    look.rollback().await?;
    let Some(programme) = programme.filter(|live| live.document.tiers.is_some() && !due.is_empty()) else {
        return Ok(0);
    };
    let members: Vec<MemberId> = due.iter().map(|(member, _)| *member).collect();
    let mut standings = Standings::of(&programme, due.into_iter().collect(), today);
    let told = members.iter().filter_map(|m| standings.settle(recorder, *m, TierChangeCause::Time, now));
    let facts: Vec<_> = told.collect();
    let tx = recorder.database.begin().await?;
    standings.write(&tx).await?;
    if !facts.is_empty() {
        let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
        let payload = parcel::encode(&facts);
        outbox::stage(&tx, &ParcelRow { parcel_id, created_at: now, payload }).await?;
    }
    tx.commit().await?;
    recorder.relay.wake();
    Ok(members.len())
}
