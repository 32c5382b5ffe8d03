//! Batches of codes without members: asked for, made in a job, given out once, revoked.
//!
//! **Whatever dies when, a batch has each of its numbers once**: how many are made is written in the transaction of the codes.

use kernel::{BranchCode, CodeBatchId, Digest16, RewardCode, Timestamp};

use super::{Codes, Desk, persistence::persistently, redeem::usable_at};
use crate::{
    domain::{code_batch::State, reward::RewardKind},
    error::{Error, Missing},
    store::{
        bearer_codes,
        code_batches::{self, Batch},
        offers,
        redemptions::Request,
    },
};

/// How many codes one transaction makes.
const BATCH: i32 = 1_000;
/// How many are opened at a time.
const PAGE: u32 = 5_000;
/// How long the same request gets the same file, in milliseconds.
const AGAIN_MS: i64 = 60 * 60 * 1_000;
/// How many sealed codes one transaction forgets.
const FORGOTTEN: u32 = 2_000;

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// For which reward.
    pub reward: RewardCode,
    /// How many codes.
    pub count: i32,
    /// Until when they are good.
    pub valid_until: Timestamp,
    /// Who asks: `operator`, or the id of one of the staff.
    pub actor: String,
    /// Under which key it was asked.
    pub request: Request,
}

/// Begins a batch; the job makes its codes. Answers whether it had been asked for before.
///
/// # Errors
/// [`Missing::Reward`], [`Error::Pooled`] for what has no code of ours, [`Error::KeyReused`], or a fault of the database.
pub async fn begin_batch(desk: &Desk, wanted: &Wanted) -> Result<(Batch, bool), Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        if let Some((known, fingerprint)) = code_batches::asked(&tx, wanted.request.key).await? {
            if fingerprint != wanted.request.fingerprint {
                return Err(Error::KeyReused);
            }
            tx.rollback().await?;
            return Ok((known, true));
        }
        let offer = offers::hold(&tx, &wanted.reward).await?.ok_or(Missing::Reward)?;
        let seat = matches!(offer.terms.kind, RewardKind::EventSeat { .. });
        if offer.terms.kind.is_pooled() || offer.terms.kind.worth().is_none() || seat {
            return Err(Error::Codeless);
        }
        let branches: Vec<BranchCode> = usable_at(&tx, &offer, None).await?;
        let fresh = Batch {
            id: CodeBatchId::from_uuid(desk.teller.ids.uuid()),
            reward: wanted.reward.clone(),
            version: offer.version,
            wanted: wanted.count,
            made: 0,
            branches,
            state: State::Making,
            valid_until: wanted.valid_until,
            created_at: desk.teller.clock.now(),
            created_by: wanted.actor.clone(),
            made_at: None,
            fetched_at: None,
            fetched_by: None,
            fetched_key: None,
            revoked_at: None,
            revoked_by: None,
            revoked_for: None,
            used: 0,
        };
        code_batches::insert(&tx, &fresh, wanted.request).await?;
        tx.commit().await?;
        Ok((fresh, false))
    })
    .await
}

/// Makes some codes of some batch; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn make_codes(desk: &Desk) -> Result<usize, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let Some(mut batch) = code_batches::next_to_make(&tx).await? else {
            tx.rollback().await?;
            return Ok(0);
        };
        let count = (batch.wanted - batch.made).min(BATCH);
        let mut codes = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        for _ in 0..count {
            let (id, code) = (desk.teller.ids.uuid(), Codes::mint(&*desk.teller.ids));
            codes.push((id, desk.codes.row(id, code.as_str(), desk.nonce())?));
        }
        bearer_codes::insert(&tx, batch.id, batch.made + 1, &codes).await?;
        batch.made += count;
        if batch.made == batch.wanted {
            batch.state = State::Made;
            batch.made_at = Some(desk.teller.clock.now());
        }
        code_batches::update(&tx, &batch).await?;
        tx.commit().await?;
        Ok(codes.len())
    })
    .await
}

/// Gives the codes of a batch out, with their numbers: once, and for an hour to the same request.
///
/// # Errors
/// [`Missing::Batch`], [`Error::BatchUnready`], [`Error::BatchFetched`], or a fault of the database.
pub async fn fetch_codes(
    desk: &Desk,
    id: CodeBatchId,
    (actor, key): (&str, Digest16),
) -> Result<Vec<(i32, String)>, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut batch = code_batches::hold(&tx, id).await?.ok_or(Missing::Batch)?;
        let now = desk.teller.clock.now();
        if batch.state != State::Made || batch.valid_until <= now {
            return Err(Error::BatchUnready(batch.state));
        }
        if let Some(at) = batch.fetched_at
            && (batch.fetched_key != Some(key) || at.plus_millis(AGAIN_MS) <= now)
        {
            return Err(Error::BatchFetched { at });
        }
        if batch.fetched_at.is_none() {
            // Before anything is opened, so that nobody has codes of whom it is not written down.
            (batch.fetched_at, batch.fetched_key) = (Some(now), Some(key));
            batch.fetched_by = Some(actor.to_owned());
            code_batches::update(&tx, &batch).await?;
        }
        tx.commit().await?;
        Ok(())
    })
    .await?;
    let (mut codes, mut after) = (Vec::new(), 0);
    loop {
        let page = bearer_codes::sealed(desk.database.connection(), id, after, PAGE).await?;
        let Some((last, ..)) = page.last() else { return Ok(codes) };
        after = *last;
        for (number, of, sealed) in &page {
            codes.push((*number, desk.codes.open(*of, sealed)?));
        }
    }
}

/// Revokes a batch: none of its codes can be used any more. One that is revoked stays so.
///
/// # Errors
/// [`Missing::Batch`], or a fault of the database.
pub async fn revoke_batch(desk: &Desk, id: CodeBatchId, (actor, why): (&str, &str)) -> Result<Batch, Error> {
    persistently(|| async {
        let tx = desk.database.begin().await?;
        let mut batch = code_batches::hold(&tx, id).await?.ok_or(Missing::Batch)?;
        if batch.state != State::Revoked {
            batch.state = State::Revoked;
            batch.revoked_at = Some(desk.teller.clock.now());
            (batch.revoked_by, batch.revoked_for) = (Some(actor.to_owned()), Some(why.to_owned()));
            code_batches::update(&tx, &batch).await?;
        }
        tx.commit().await?;
        Ok(batch)
    })
    .await
}

/// Forgets some sealed codes that nobody is to be given any more; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn forget_codes(desk: &Desk) -> Result<usize, Error> {
    let now = desk.teller.clock.now();
    let tx = desk.database.begin().await?;
    let forgotten = bearer_codes::forget_sealed(&tx, now, now.plus_millis(-AGAIN_MS), FORGOTTEN).await?;
    tx.commit().await?;
    Ok(usize::try_from(forgotten).unwrap_or(usize::MAX))
}
