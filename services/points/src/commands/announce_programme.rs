//! Announces a draft: from then on it never changes, and at its time it is live.

use contracts::points::{ProgrammeAnnounced, ProgrammeWentLive};
use kernel::Timestamp;
use store::Tx;

use super::{
    edit_drafts::{Changed, NotChanged, check, in_one},
    persistence::persistently,
    programme_facts::{Told, stage},
    record_purchases::Recorder,
};
use crate::{
    domain::{changes, parts},
    store::programmes::{self, Announcement, StoredVersion},
};

/// Announces a draft that goes live at `live_from`, or at once. To announce it again for the same time changes nothing.
///
/// # Errors
/// A version that is unknown, has mistakes by now, or was announced for another time; a time that is over; or a fault.
pub async fn announce_programme(
    recorder: &Recorder,
    version: u32,
    live_from: Option<Timestamp>,
) -> Changed<StoredVersion> {
    in_one(persistently("announcing a programme", || run(recorder, version, live_from)).await)
}

async fn run(
    recorder: &Recorder,
    version: u32,
    live_from: Option<Timestamp>,
) -> anyhow::Result<Changed<StoredVersion>> {
    let tx = recorder.database.begin().await?;
    programmes::hold(&tx, 0).await?;
    let Some(stored) = programmes::load(tx.connection(), version).await? else {
        return Ok(Err(NotChanged::Unknown));
    };
    if let Some(before) = stored.announced {
        let same = live_from.is_some_and(|time| time == before.live_from);
        return Ok(if same { Ok(stored) } else { Err(NotChanged::Fixed) });
    }
    if let Err(mistakes) = check(recorder, &tx, &stored.programme.document).await? {
        return Ok(Err(mistakes));
    }
    let now = recorder.clock.now();
    let live_from = live_from.unwrap_or(now);
    if live_from < now {
        return Ok(Err(NotChanged::TimeOver));
    }
    let announced = announce(recorder, &tx, stored, live_from, now).await?;
    programmes::update(&tx, &announced).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Ok(announced))
}

/// The draft with its announcement, which is staged. The programme is held, and the caller writes the version.
pub(super) async fn announce(
    recorder: &Recorder,
    tx: &Tx,
    draft: StoredVersion,
    live_from: Timestamp,
    now: Timestamp,
) -> anyhow::Result<StoredVersion> {
    let version = draft.programme.version;
    let changed = changed_parts(tx, &draft, live_from).await?;
    let mut told = vec![Told::Announced(ProgrammeAnnounced { version, live_from, changed })];
    if live_from <= now {
        told.push(Told::WentLive(ProgrammeWentLive { version }));
    }
    stage(recorder, tx, &told, now).await?;
    let announcement = Announcement {
        number: programmes::latest_announcement(tx.connection()).await? + 1,
        at: now,
        live_from,
        live_told_at: (live_from <= now).then_some(now),
    };
    Ok(StoredVersion { announced: Some(announcement), ..draft })
}

/// What differs from the version that will be live until then.
async fn changed_parts(tx: &Tx, draft: &StoredVersion, live_from: Timestamp) -> anyhow::Result<Vec<String>> {
    let before = match programmes::schedule(tx.connection()).await?.live_at(live_from) {
        Some(version) => programmes::load(tx.connection(), version).await?,
        None => None,
    };
    let old = match before {
        Some(before) => serde_json::to_value(before.programme.document)?,
        None => serde_json::json!({}),
    };
    Ok(parts(&changes(&old, &serde_json::to_value(&draft.programme.document)?)))
}
