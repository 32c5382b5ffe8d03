//! States what points are worth from a day on.

use kernel::Day;
use store::StoreError;

use super::record_purchases::Recorder;
use crate::{
    domain::Rates,
    store::{
        places,
        rates::{self, StatedRates},
    },
};

/// Why rates were not stated.
#[derive(Debug)]
pub enum NotStated {
    /// A mistake, at this JSON pointer.
    Mistake(String),
    /// Our machine broke.
    Fault(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for NotStated {
    fn from(error: E) -> Self {
        Self::Fault(error.into())
    }
}

/// States rates; answers them with whether they are new. What was stated before stays readable.
///
/// # Errors
/// The first mistake; or a fault.
pub async fn state_rates(
    recorder: &Recorder,
    valid_from: Day,
    stated: &Rates,
) -> Result<(StatedRates, bool), NotStated> {
    loop {
        match try_once(recorder, valid_from, stated).await {
            Err(NotStated::Fault(fault))
                if fault.downcast_ref::<StoreError>().is_some_and(StoreError::is_unique_violation) => {}
            outcome => return outcome,
        }
    }
}

async fn try_once(
    recorder: &Recorder,
    valid_from: Day,
    stated: &Rates,
) -> Result<(StatedRates, bool), NotStated> {
    let tx = recorder.database.begin().await?;
    let (branches, _) = places::codes(tx.connection()).await?;
    if let Some(pointer) = stated.mistake(&branches) {
        return Err(NotStated::Mistake(pointer));
    }
    let last = rates::all(tx.connection()).await?.into_iter().find(|known| known.valid_from == valid_from);
    let revision = match last {
        Some(last) if last.rates == *stated => return Ok((last, false)),
        Some(last) => last.revision + 1,
        None => 1,
    };
    let now = recorder.clock.now();
    let stated = StatedRates { valid_from, revision, recorded_at: now, rates: stated.clone() };
    rates::insert(&tx, &stated).await?;
    tx.commit().await?;
    Ok((stated, true))
}
