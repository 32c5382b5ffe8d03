//! Codes without members. A code stands in no row as it is: by its keyed hash it is found, and what is sealed is for the one file in
//! which they are given out.

use kernel::{BranchCode, CodeBatchId, Digest16, TillCode, Timestamp, VoucherUseId};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, held, instant, micros, query, redemptions::Request, vouchers::CodeRow};
use crate::error::Error;

/// A use of a code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeUse {
    /// Its id.
    pub id: VoucherUseId,
    /// When.
    pub at: Timestamp,
    /// Where.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// On which receipt, where the till said so.
    pub receipt: Option<String>,
    /// Under which key it was asked.
    pub request: Request,
    /// When it was taken back.
    pub cancelled_at: Option<Timestamp>,
}

/// A code as it is kept, without itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BearerCode {
    /// Its id.
    pub id: Uuid,
    /// The batch.
    pub batch: CodeBatchId,
    /// Which of its codes, counted from 1.
    pub number: i32,
    /// Its last use, also one that was taken back.
    pub used: Option<CodeUse>,
    /// How many facts were told of it.
    pub told: u64,
}

impl BearerCode {
    /// Whether it is used, and that was not taken back.
    #[must_use]
    pub fn is_used(&self) -> bool {
        self.used.as_ref().is_some_and(|used| used.cancelled_at.is_none())
    }
}

const COLUMNS: &str = "SELECT id, batch_id, number, use_id, used_at, branch, till, receipt, request_key, fingerprint, told, cancelled_at FROM bearer_codes";

fn read(row: &QueryResult) -> Result<BearerCode, Error> {
    let used = match at::<Option<Uuid>>(row, 3)? {
        None => None,
        Some(id) => Some(CodeUse {
            id: VoucherUseId::from_uuid(id),
            at: instant(at(row, 4)?),
            branch: BranchCode::parse(&at::<String>(row, 5)?).map_err(|_| broken("a branch"))?,
            till: TillCode::parse(&at::<String>(row, 6)?).map_err(|_| broken("a till"))?,
            receipt: at(row, 7)?,
            request: Request {
                key: Digest16(at::<Uuid>(row, 8)?.into_bytes()),
                fingerprint: Digest16(at::<Uuid>(row, 9)?.into_bytes()),
            },
            cancelled_at: at::<Option<i64>>(row, 11)?.map(instant),
        }),
    };
    Ok(BearerCode {
        id: at(row, 0)?,
        batch: CodeBatchId::from_uuid(at(row, 1)?),
        number: at(row, 2)?,
        used,
        told: u64::try_from(at::<i64>(row, 10)?).map_err(|_| broken("a count"))?,
    })
}

async fn one(on: &impl ConnectionTrait, which: &str, value: Uuid) -> Result<Option<BearerCode>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE {which} = $1"), [value.into()]).await?;
    rows.first().map(read).transpose()
}

/// The code with this hash.
///
/// # Errors
/// A fault of the database.
pub async fn behind(on: &impl ConnectionTrait, hash: Digest16) -> Result<Option<BearerCode>, Error> {
    one(on, "code_hash", Uuid::from_bytes(hash.0)).await
}

/// The code that was used under this key.
///
/// # Errors
/// A fault of the database.
pub async fn asked(on: &impl ConnectionTrait, key: Digest16) -> Result<Option<BearerCode>, Error> {
    one(on, "request_key", Uuid::from_bytes(key.0)).await
}

/// The code that was used so.
///
/// # Errors
/// A fault of the database.
pub async fn used_by(on: &impl ConnectionTrait, id: VoucherUseId) -> Result<Option<BearerCode>, Error> {
    one(on, "use_id", id.as_uuid()).await
}

/// A code, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, id: Uuid) -> Result<Option<BearerCode>, Error> {
    let sql = format!("SELECT 1 FROM bearer_codes WHERE id = $1{}", held(tx));
    query(tx, &sql, [id.into()]).await?;
    one(tx, "id", id).await
}

/// Writes fresh codes of a batch down, numbered on from `first`.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, batch: CodeBatchId, first: i32, codes: &[(Uuid, CodeRow)]) -> Result<(), Error> {
    let mut values: Vec<Value> = Vec::with_capacity(codes.len() * 6);
    let mut rows = Vec::with_capacity(codes.len());
    for (number, (id, code)) in (first..).zip(codes) {
        let at = values.len();
        rows.push(format!(
            "(${}, ${}, ${}, ${}, ${}, ${}, 0)",
            at + 1,
            at + 2,
            at + 3,
            at + 4,
            at + 5,
            at + 6
        ));
        values.extend([
            Value::from(*id),
            batch.as_uuid().into(),
            number.into(),
            Uuid::from_bytes(code.hash.0).into(),
            code.sealed.clone().into(),
            i16::from(code.sealed_by).into(),
        ]);
    }
    let sql = format!(
        "INSERT INTO bearer_codes (id, batch_id, number, code_hash, code_sealed, sealed_by, told) VALUES {}",
        rows.join(", ")
    );
    execute(tx, &sql, values).await.map(drop)
}

/// Writes down where a code stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, changed: &BearerCode) -> Result<(), Error> {
    let sql = "UPDATE bearer_codes SET use_id = $1, used_at = $2, branch = $3, till = $4, receipt = $5, request_key = $6, \
               fingerprint = $7, told = $8, cancelled_at = $9 WHERE id = $10";
    let used = changed.used.as_ref();
    let values = [
        used.map(|used| used.id.as_uuid()).into(),
        used.map(|used| used.at.micros()).into(),
        used.map(|used| used.branch.as_str()).into(),
        used.map(|used| used.till.as_str()).into(),
        used.and_then(|used| used.receipt.as_deref()).into(),
        used.map(|used| Uuid::from_bytes(used.request.key.0)).into(),
        used.map(|used| Uuid::from_bytes(used.request.fingerprint.0)).into(),
        i64::try_from(changed.told).unwrap_or(i64::MAX).into(),
        micros(used.and_then(|used| used.cancelled_at)).into(),
        changed.id.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down that a use was taken back; the code's own row forgets it with the next use.
///
/// # Errors
/// A fault of the database.
pub async fn note_back(tx: &Tx, batch: CodeBatchId, used: &CodeUse, now: Timestamp) -> Result<(), Error> {
    let sql = "INSERT INTO code_use_backs (use_id, batch_id, used_at, cancelled_at) VALUES ($1, $2, $3, $4)";
    let values =
        [used.id.as_uuid().into(), batch.as_uuid().into(), used.at.micros().into(), now.micros().into()];
    execute(tx, sql, values).await.map(drop)
}

/// Sealed codes of a batch behind a number, by their numbers, so many at most: number, id, sealed code.
///
/// # Errors
/// A fault of the database.
pub async fn sealed(
    on: &impl ConnectionTrait,
    batch: CodeBatchId,
    after: i32,
    limit: u32,
) -> Result<Vec<(i32, Uuid, Vec<u8>)>, Error> {
    let sql = "SELECT number, id, code_sealed FROM bearer_codes \
               WHERE batch_id = $1 AND number > $2 AND code_sealed IS NOT NULL ORDER BY number LIMIT $3";
    let rows = query(on, sql, [batch.as_uuid().into(), after.into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?, at(row, 2)?))).collect()
}

/// Forgets sealed codes that nobody is to be given any more: those of batches that are revoked or over, or were given out before
/// `before`; so many at most. What is found by their hashes stays.
///
/// # Errors
/// A fault of the database.
pub async fn forget_sealed(tx: &Tx, now: Timestamp, before: Timestamp, limit: u32) -> Result<u64, Error> {
    let sql = "UPDATE bearer_codes SET code_sealed = NULL, sealed_by = NULL WHERE id IN (SELECT c.id FROM bearer_codes c \
               JOIN code_batches b ON b.id = c.batch_id WHERE c.sealed_by IS NOT NULL \
               AND (b.state = 'revoked' OR b.valid_until <= $1 OR (b.fetched_at IS NOT NULL AND b.fetched_at <= $2)) LIMIT $3)";
    execute(tx, sql, [now.micros().into(), before.micros().into(), i64::from(limit).into()]).await
}

/// Codes that another key than this one sealed, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn sealed_by_others(tx: &Tx, key: u8, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    let sql = format!(
        "SELECT id, code_sealed FROM bearer_codes WHERE sealed_by IS NOT NULL AND sealed_by <> $1 ORDER BY id LIMIT $2{}",
        held(tx)
    );
    let rows = query(tx, &sql, [i16::from(key).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Puts a code that was sealed anew in the place of the same one.
///
/// # Errors
/// A fault of the database.
pub async fn reseal(tx: &Tx, id: Uuid, sealed: Vec<u8>, key: u8) -> Result<(), Error> {
    let sql = "UPDATE bearer_codes SET code_sealed = $1, sealed_by = $2 WHERE id = $3";
    execute(tx, sql, [sealed.into(), i16::from(key).into(), id.into()]).await.map(drop)
}
