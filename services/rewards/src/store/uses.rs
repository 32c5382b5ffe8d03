//! Uses of vouchers at tills, and reservations.

use kernel::{BranchCode, Digest16, TillCode, Timestamp, VoucherId, VoucherUseId};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;
use uuid::Uuid;

use super::{at, broken, execute, instant, micros, query, redemptions::Request};
use crate::{
    domain::voucher::{Use, UseState},
    error::Error,
};

/// A use as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptUse {
    /// Of which voucher.
    pub voucher: VoucherId,
    /// The use itself.
    pub own: Use,
    /// Where.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// On which receipt, where the till said so.
    pub receipt: Option<String>,
    /// When.
    pub made_at: Timestamp,
}

const COLUMNS: &str = "SELECT id, voucher_id, amount, state, until, branch, till, receipt, made_at, fingerprint FROM voucher_uses";

fn read(row: &QueryResult) -> Result<KeptUse, Error> {
    let state = UseState::from_word(&at::<String>(row, 3)?).ok_or_else(|| broken("a state"))?;
    Ok(KeptUse {
        voucher: VoucherId::from_uuid(at(row, 1)?),
        own: Use {
            id: VoucherUseId::from_uuid(at(row, 0)?),
            amount: at(row, 2)?,
            state,
            until: at::<Option<i64>>(row, 4)?.map(instant),
        },
        branch: BranchCode::parse(&at::<String>(row, 5)?).map_err(|_| broken("a branch"))?,
        till: TillCode::parse(&at::<String>(row, 6)?).map_err(|_| broken("a till"))?,
        receipt: at(row, 7)?,
        made_at: instant(at(row, 8)?),
    })
}

/// The uses of a voucher, taken back ones left out.
///
/// # Errors
/// A fault of the database.
pub async fn of(on: &impl ConnectionTrait, voucher: VoucherId) -> Result<Vec<Use>, Error> {
    let sql = format!("{COLUMNS} WHERE voucher_id = $1 AND state <> 'cancelled' ORDER BY id");
    let rows = query(on, &sql, [voucher.as_uuid().into()]).await?;
    rows.iter().map(|row| Ok(read(row)?.own)).collect()
}

/// A use.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, id: VoucherUseId) -> Result<Option<KeptUse>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE id = $1"), [id.as_uuid().into()]).await?;
    rows.first().map(read).transpose()
}

/// The use that was asked for under this key, with the digest of what was asked.
///
/// # Errors
/// A fault of the database.
pub async fn asked(on: &impl ConnectionTrait, key: Digest16) -> Result<Option<(KeptUse, Digest16)>, Error> {
    let sql = format!("{COLUMNS} WHERE request_key = $1");
    let rows = query(on, &sql, [Uuid::from_bytes(key.0).into()]).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    Ok(Some((read(row)?, Digest16(at::<Uuid>(row, 9)?.into_bytes()))))
}

/// Writes a fresh use down.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, fresh: &KeptUse, request: Request) -> Result<(), Error> {
    let sql = "INSERT INTO voucher_uses (id, voucher_id, amount, state, until, branch, till, receipt, made_at, request_key, fingerprint, used_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
    let values = [
        fresh.own.id.as_uuid().into(),
        fresh.voucher.as_uuid().into(),
        fresh.own.amount.into(),
        fresh.own.state.word().into(),
        micros(fresh.own.until).into(),
        fresh.branch.as_str().into(),
        fresh.till.as_str().into(),
        fresh.receipt.as_deref().into(),
        fresh.made_at.micros().into(),
        Uuid::from_bytes(request.key.0).into(),
        Uuid::from_bytes(request.fingerprint.0).into(),
        (fresh.own.state == UseState::Used).then_some(fresh.made_at.micros()).into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Writes down where a use stands now.
///
/// # Errors
/// A fault of the database.
pub async fn update(tx: &Tx, id: VoucherUseId, state: UseState, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE voucher_uses SET state = $1, until = NULL, ended_at = $2, used_at = COALESCE(used_at, $4) WHERE id = $3";
    let used_at = (state == UseState::Used).then_some(now.micros());
    let values = [state.word().into(), now.micros().into(), id.as_uuid().into(), used_at.into()];
    execute(tx, sql, values).await.map(drop)
}
