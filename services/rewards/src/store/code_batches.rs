//! Batches of codes without members.

use kernel::{BranchCode, CodeBatchId, Digest16, RewardCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::{Backend, Tx};
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, offers::code, query, redemptions::Request};
use crate::{domain::code_batch::State, error::Error};

/// A batch as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Its id.
    pub id: CodeBatchId,
    /// For which reward.
    pub reward: RewardCode,
    /// By which version of its terms.
    pub version: i32,
    /// How many codes it shall have.
    pub wanted: i32,
    /// How many it has.
    pub made: i32,
    /// The branches where they can be used; all of them where none is named.
    pub branches: Vec<BranchCode>,
    /// Where it stands.
    pub state: State,
    /// Until when its codes can be used.
    pub valid_until: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// By whom: `operator`, or the id of one of the staff.
    pub created_by: String,
    /// When all were made.
    pub made_at: Option<Timestamp>,
    /// When they were given out as a file.
    pub fetched_at: Option<Timestamp>,
    /// To whom.
    pub fetched_by: Option<String>,
    /// Under which key.
    pub fetched_key: Option<Digest16>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// By whom.
    pub revoked_by: Option<String>,
    /// Why.
    pub revoked_for: Option<String>,
    /// How many codes are used.
    pub used: i64,
}

const COLUMNS: &str = "SELECT b.id, b.reward, b.version, b.wanted, b.made, b.places, b.state, b.valid_until, b.created_at, b.created_by, \
     b.made_at, b.fetched_at, b.fetched_by, b.fetched_key, b.revoked_at, b.revoked_by, b.revoked_for, \
     (SELECT COUNT(*) FROM bearer_codes c WHERE c.batch_id = b.id AND c.used_at IS NOT NULL AND c.cancelled_at IS NULL), b.fingerprint FROM code_batches b";

fn read(row: &QueryResult) -> Result<Batch, Error> {
    let places: String = at(row, 5)?;
    let branches = places.split(',').filter(|place| !place.is_empty());
    let branches =
        branches.map(BranchCode::parse).collect::<Result<_, _>>().map_err(|_| broken("a branch"))?;
    Ok(Batch {
        id: CodeBatchId::from_uuid(at(row, 0)?),
        reward: code(row, 1)?,
        version: at(row, 2)?,
        wanted: at(row, 3)?,
        made: at(row, 4)?,
        branches,
        state: State::from_word(&at::<String>(row, 6)?).ok_or_else(|| broken("a state"))?,
        valid_until: instant(at(row, 7)?),
        created_at: instant(at(row, 8)?),
        created_by: at(row, 9)?,
        made_at: at::<Option<i64>>(row, 10)?.map(instant),
        fetched_at: at::<Option<i64>>(row, 11)?.map(instant),
        fetched_by: at(row, 12)?,
        fetched_key: at::<Option<Uuid>>(row, 13)?.map(|key| Digest16(key.into_bytes())),
        revoked_at: at::<Option<i64>>(row, 14)?.map(instant),
        revoked_by: at(row, 15)?,
        revoked_for: at(row, 16)?,
        used: at(row, 17)?,
    })
}

/// A batch.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: CodeBatchId) -> Result<Option<Batch>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE b.id = $1"), [id.as_uuid().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: CodeBatchId) -> Result<Option<Batch>, Error> {
    let sql = format!("SELECT 1 FROM code_batches WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.as_uuid().into()]).await?;
    load(tx, id).await
}

/// The batch that was asked for under this key, with the digest of what was asked.
///
/// # Errors
/// A fault of the database.
pub async fn asked(on: &impl ConnectionTrait, key: Digest16) -> Result<Option<(Batch, Digest16)>, Error> {
    let sql = format!("{COLUMNS} WHERE b.request_key = $1");
    let rows = query(on, &sql, [Uuid::from_bytes(key.0).into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((read(row)?, Digest16(at::<Uuid>(row, 18)?.into_bytes()))))
}

/// Batches before the one of this id, the latest first, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    before: Option<CodeBatchId>,
    limit: u64,
) -> Result<Vec<Batch>, Error> {
    let sql = format!("{COLUMNS} WHERE b.id < $1 ORDER BY b.id DESC LIMIT $2");
    let before = before.map_or(Uuid::max(), CodeBatchId::as_uuid);
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [before.into(), limit.into()]).await?.iter().map(read).collect()
}

/// A batch whose codes are still to be made, held until the transaction ends; one that somebody else holds is passed over.
///
/// # Errors
/// A fault of the database.
pub async fn next_to_make(tx: &Tx) -> Result<Option<Batch>, Error> {
    let skip = if tx.backend() == Backend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!("SELECT id FROM code_batches WHERE state = 'making' ORDER BY id LIMIT 1{skip}");
    let rows = query(tx, &sql, []).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    load(tx, CodeBatchId::from_uuid(at(row, 0)?)).await
}

/// Writes a fresh batch down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &Batch, request: Request) -> Result<(), Error> {
    let places: Vec<&str> = fresh.branches.iter().map(BranchCode::as_str).collect();
    let sql = "INSERT INTO code_batches (id, reward, version, wanted, made, places, state, valid_until, created_at, created_by, \
               request_key, fingerprint) VALUES ($1, $2, $3, $4, 0, $5, $6, $7, $8, $9, $10, $11)";
    let values = [
        fresh.id.as_uuid().into(),
        fresh.reward.as_str().into(),
        fresh.version.into(),
        fresh.wanted.into(),
        places.join(",").into(),
        fresh.state.word().into(),
        fresh.valid_until.micros().into(),
        fresh.created_at.micros().into(),
        fresh.created_by.as_str().into(),
        Uuid::from_bytes(request.key.0).into(),
        Uuid::from_bytes(request.fingerprint.0).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a batch stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &Batch) -> Result<(), Error> {
    let sql = "UPDATE code_batches SET made = $1, state = $2, made_at = $3, fetched_at = $4, fetched_by = $5, fetched_key = $6, \
               revoked_at = $7, revoked_by = $8, revoked_for = $9 WHERE id = $10";
    let values = [
        changed.made.into(),
        changed.state.word().into(),
        micros(changed.made_at).into(),
        micros(changed.fetched_at).into(),
        changed.fetched_by.as_deref().into(),
        changed.fetched_key.map(|key| Uuid::from_bytes(key.0)).into(),
        micros(changed.revoked_at).into(),
        changed.revoked_by.as_deref().into(),
        changed.revoked_for.as_deref().into(),
        changed.id.as_uuid().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}
