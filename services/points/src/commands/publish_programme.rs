//! Makes a programme document the live version: draft, announcement and going live in one.

use super::{
    announce_programme::announce,
    edit_drafts::{Changed, check, in_one, new_draft},
    persistence::persistently,
    record_purchases::Recorder,
};
use crate::{
    domain::ProgrammeDocument,
    store::programmes::{self, StoredVersion},
};

/// The version that is live now.
#[derive(Clone, Debug)]
pub struct Published {
    /// The version.
    pub version: StoredVersion,
    /// False when the live version said the same already, and nothing was done.
    pub changed: bool,
}

/// Checks the document and makes it live from now on. The document that is live already is not made live again.
///
/// # Errors
/// Every mistake in the document at once; or a fault.
pub async fn publish_programme(recorder: &Recorder, document: ProgrammeDocument) -> Changed<Published> {
    in_one(persistently("publishing a programme", || run(recorder, &document)).await)
}

async fn run(recorder: &Recorder, document: &ProgrammeDocument) -> anyhow::Result<Changed<Published>> {
    let tx = recorder.database.begin().await?;
    programmes::hold(&tx, 0).await?;
    if let Err(mistakes) = check(recorder, &tx, document).await? {
        return Ok(Err(mistakes));
    }
    let now = recorder.clock.now();
    let live = programmes::schedule(tx.connection()).await?.live_at(now);
    if let Some(version) = live
        && let Some(live) = programmes::load(tx.connection(), version).await?
        && live.programme.document == *document
    {
        return Ok(Ok(Published { version: live, changed: false }));
    }
    let draft = new_draft(recorder, &tx, document).await?;
    let version = announce(recorder, &tx, draft, now, now).await?;
    programmes::insert(&tx, &version).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Ok(Published { version, changed: true }))
}
