//! Writes, changes and takes away drafts of the programme.

use std::collections::BTreeSet;

use store::Tx;

use super::{persistence::persistently, record_purchases::Recorder};
use crate::{
    domain::{Mistake, Places, Programme, ProgrammeDocument},
    store::{
        places,
        programmes::{self, StoredVersion},
        segments,
    },
};

/// Why a version of the programme was not written, announced or taken away.
#[derive(Debug)]
pub enum NotChanged {
    /// Every mistake in the document.
    Mistakes(Vec<Mistake>),
    /// There is no such version.
    Unknown,
    /// It was announced, so that it never changes.
    Fixed,
    /// It should go live at a time that is over.
    TimeOver,
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What one transaction came to.
pub type Changed<T> = Result<T, NotChanged>;

/// Checks a document and keeps it as a draft under the next number.
///
/// # Errors
/// Every mistake at once; or a fault.
pub async fn draft_programme(recorder: &Recorder, document: ProgrammeDocument) -> Changed<StoredVersion> {
    in_one(persistently("drafting a programme", || create(recorder, &document)).await)
}

/// Puts another document in the place of a draft.
///
/// # Errors
/// Every mistake at once; a version that is unknown or was announced; or a fault.
pub async fn change_draft(
    recorder: &Recorder,
    version: u32,
    document: ProgrammeDocument,
) -> Changed<StoredVersion> {
    in_one(persistently("changing a draft", || change(recorder, version, &document)).await)
}

/// Takes a draft away; its number is not used again.
///
/// # Errors
/// A version that is unknown or was announced; or a fault.
pub async fn drop_draft(recorder: &Recorder, version: u32) -> Changed<()> {
    in_one(persistently("dropping a draft", || remove(recorder, version)).await)
}

/// A fault of the machine as one more reason.
pub(super) fn in_one<T>(outcome: anyhow::Result<Changed<T>>) -> Changed<T> {
    outcome.unwrap_or_else(|fault| Err(NotChanged::Fault(fault)))
}

async fn create(recorder: &Recorder, document: &ProgrammeDocument) -> anyhow::Result<Changed<StoredVersion>> {
    let tx = recorder.database.begin().await?;
    programmes::hold(&tx, 0).await?;
    if let Err(mistakes) = check(recorder, &tx, document).await? {
        return Ok(Err(mistakes));
    }
    let draft = new_draft(recorder, &tx, document).await?;
    programmes::insert(&tx, &draft).await?;
    tx.commit().await?;
    Ok(Ok(draft))
}

/// A draft under the next number, not written yet. The programme is held.
pub(super) async fn new_draft(
    recorder: &Recorder,
    tx: &Tx,
    document: &ProgrammeDocument,
) -> anyhow::Result<StoredVersion> {
    let now = recorder.clock.now();
    let version = programmes::next_version(tx).await?;
    let programme = Programme { version, document: document.clone() };
    Ok(StoredVersion { programme, created_at: now, changed_at: now, announced: None })
}

async fn change(
    recorder: &Recorder,
    version: u32,
    document: &ProgrammeDocument,
) -> anyhow::Result<Changed<StoredVersion>> {
    let tx = recorder.database.begin().await?;
    let mut draft = match held_draft(&tx, version).await? {
        Ok(draft) => draft,
        Err(refused) => return Ok(Err(refused)),
    };
    if let Err(mistakes) = check(recorder, &tx, document).await? {
        return Ok(Err(mistakes));
    }
    draft.programme.document = document.clone();
    draft.changed_at = recorder.clock.now();
    programmes::update(&tx, &draft).await?;
    tx.commit().await?;
    Ok(Ok(draft))
}

async fn remove(recorder: &Recorder, version: u32) -> anyhow::Result<Changed<()>> {
    let tx = recorder.database.begin().await?;
    if let Err(refused) = held_draft(&tx, version).await? {
        return Ok(Err(refused));
    }
    programmes::delete(&tx, version).await?;
    tx.commit().await?;
    Ok(Ok(()))
}

/// A draft that nobody else changes until the transaction ends.
async fn held_draft(tx: &Tx, version: u32) -> anyhow::Result<Changed<StoredVersion>> {
    programmes::hold(tx, 0).await?;
    Ok(match programmes::load(tx.connection(), version).await? {
        None => Err(NotChanged::Unknown),
        Some(stored) if stored.announced.is_some() => Err(NotChanged::Fixed),
        Some(draft) => Ok(draft),
    })
}

/// Every mistake in a document, as the chain is now.
pub(super) async fn check(
    recorder: &Recorder,
    tx: &Tx,
    document: &ProgrammeDocument,
) -> anyhow::Result<Changed<()>> {
    let (branches, regions): (BTreeSet<_>, BTreeSet<_>) = places::codes(tx.connection()).await?;
    let segments = segments::codes(tx.connection()).await?;
    let places = Places { branches: &branches, regions: &regions, segments: &segments };
    let mistakes = document.mistakes(recorder.chain.currency, &places);
    Ok(if mistakes.is_empty() { Ok(()) } else { Err(NotChanged::Mistakes(mistakes)) })
}
