//! Makes a programme document the live version.

use std::collections::BTreeSet;

use contracts::{
    Fact, FactHead, parcel,
    points::{ProgrammeWentLive, SOURCE},
};
use kernel::{FactId, ParcelId, Timestamp};
use store::{
    StoreError,
    outbox::{self, ParcelRow},
};

use super::record_purchases::Recorder;
use crate::{
    domain::{Mistake, Places, Programme, ProgrammeDocument},
    store::{places, programmes},
};

/// The version that is live now.
#[derive(Clone, Debug)]
pub struct Published {
    /// The version.
    pub programme: Programme,
    /// Since when.
    pub live_from: Timestamp,
    /// False when the live version said the same already, and nothing was done.
    pub changed: bool,
}

/// Why a document did not go live.
#[derive(Debug)]
pub enum NotPublished {
    /// Every mistake in it.
    Mistakes(Vec<Mistake>),
    /// Our machine broke.
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NotPublished {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// Checks the document and makes it live from now on. The document that is live already is not made live again.
///
/// # Errors
/// Every mistake in the document at once; or a fault.
pub async fn publish_programme(
    recorder: &Recorder,
    document: ProgrammeDocument,
) -> Result<Published, NotPublished> {
    loop {
        match try_once(recorder, &document).await {
            Err(NotPublished::Fault(fault)) if somebody_else_did(&fault) => {}
            outcome => return outcome,
        }
    }
}

fn somebody_else_did(fault: &anyhow::Error) -> bool {
    fault.downcast_ref::<StoreError>().is_some_and(StoreError::is_unique_violation)
}

async fn try_once(recorder: &Recorder, document: &ProgrammeDocument) -> Result<Published, NotPublished> {
    let tx = recorder.database.begin().await?;
    let (branches, regions): (BTreeSet<_>, BTreeSet<_>) = places::codes(tx.connection()).await?;
    let places = Places { branches: &branches, regions: &regions };
    let mistakes = document.mistakes(recorder.chain.currency, &places);
    if !mistakes.is_empty() {
        return Err(NotPublished::Mistakes(mistakes));
    }
    let versions = programmes::all(tx.connection()).await?;
    let next = match versions.into_iter().next() {
        Some((live, live_from)) if live.document == *document => {
            return Ok(Published { programme: live, live_from, changed: false });
        }
        Some((live, _)) => live.version + 1,
        None => 1,
    };
    let programme = Programme { version: next, document: document.clone() };
    let now = recorder.clock.now();
    programmes::insert(&tx, &programme, now).await?;
    let head = FactHead {
        id: FactId::from_uuid(recorder.ids.uuid()),
        source: SOURCE,
        subject: "programme".to_owned(),
        seq: next.into(),
        time: now,
        traceparent: None,
    };
    let payload = parcel::encode(&[Fact::new(head, &ProgrammeWentLive { version: next })]);
    let parcel_id = ParcelId::from_uuid(recorder.ids.uuid());
    outbox::stage(&tx, &ParcelRow { parcel_id, created_at: now, payload }).await?;
    tx.commit().await?;
    recorder.relay.wake();
    Ok(Published { programme, live_from: now, changed: true })
}
