//! Codes of partners, imported into a pool: each goes to one voucher, those of older imports first.

use kernel::{RewardCode, Timestamp, VoucherId};
use sea_orm::ConnectionTrait;
use store::{Backend, Tx};
use uuid::Uuid;

use super::{at, execute, held, query, vouchers::CodeRow};
use crate::error::Error;

/// Puts a code into the pool; `false` when it is in it, or was.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    tx: &Tx,
    id: Uuid,
    reward: &RewardCode,
    code: &CodeRow,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "INSERT INTO coupons (id, reward, code_hash, code_sealed, sealed_by, imported_at) \
               VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (reward, code_hash) DO NOTHING";
    let values = [
        id.into(),
        reward.as_str().into(),
        Uuid::from_bytes(code.hash.0).into(),
        code.sealed.clone().into(),
        i16::from(code.sealed_by).into(),
        now.micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Takes a free code out of the pool for a voucher; nothing where there is none.
///
/// # Errors
/// A fault of the database.
pub async fn take(tx: &Tx, reward: &RewardCode, voucher: VoucherId) -> Result<Option<Uuid>, Error> {
    // Who is just being given to somebody else is passed over, so that nobody waits.
    let skip = if tx.backend() == Backend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql =
        format!("SELECT id FROM coupons WHERE reward = $1 AND voucher_id IS NULL ORDER BY id LIMIT 1{skip}");
    let rows = query(tx, &sql, [reward.as_str().into()]).await?;
    let Some(id) = rows.first().map(|row| at::<Uuid>(row, 0)).transpose()? else { return Ok(None) };
    let sql = "UPDATE coupons SET voucher_id = $1 WHERE id = $2";
    execute(tx, sql, [voucher.as_uuid().into(), id.into()]).await?;
    Ok(Some(id))
}

/// Puts the code of a voucher that nobody got back into the pool.
///
/// # Errors
/// A fault of the database.
pub async fn put_back(tx: &Tx, coupon: Uuid) -> Result<(), Error> {
    execute(tx, "UPDATE coupons SET voucher_id = NULL WHERE id = $1", [coupon.into()]).await.map(drop)
}

/// The sealed code of a coupon.
///
/// # Errors
/// A fault of the database.
pub async fn sealed(on: &impl ConnectionTrait, coupon: Uuid) -> Result<Option<Vec<u8>>, Error> {
    let rows = query(on, "SELECT code_sealed FROM coupons WHERE id = $1", [coupon.into()]).await?;
    rows.first().map(|row| at(row, 0)).transpose()
}

/// Codes that another key than this one sealed, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn sealed_by_others(tx: &Tx, key: u8, limit: u32) -> Result<Vec<(Uuid, Vec<u8>)>, Error> {
    let sql =
        format!("SELECT id, code_sealed FROM coupons WHERE sealed_by <> $1 ORDER BY id LIMIT $2{}", held(tx));
    let rows = query(tx, &sql, [i16::from(key).into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Puts a code that was sealed anew in the place of the same one.
///
/// # Errors
/// A fault of the database.
pub async fn reseal(tx: &Tx, id: Uuid, sealed: Vec<u8>, key: u8) -> Result<(), Error> {
    let sql = "UPDATE coupons SET code_sealed = $1, sealed_by = $2 WHERE id = $3";
    execute(tx, sql, [sealed.into(), i16::from(key).into(), id.into()]).await.map(drop)
}
