//! Vouchers whose members are to be reminded that their time is over soon.

use kernel::{Timestamp, VoucherId};
use store::{Backend, Tx};

use super::{at, execute, instant, micros, query};
use crate::error::Error;

/// Vouchers that are to be looked at by now, each with when it was looked at last; so many at most. They are held until the
/// transaction ends, and those that somebody else holds are passed over.
///
/// # Errors
/// A fault of the database.
pub async fn due(tx: &Tx, now: Timestamp, limit: u32) -> Result<Vec<(VoucherId, Timestamp)>, Error> {
    let skip = if tx.backend() == Backend::Postgres { " FOR UPDATE SKIP LOCKED" } else { "" };
    let sql = format!(
        "SELECT id, reminded_at FROM vouchers WHERE remind_at <= $1 \
         ORDER BY remind_at LIMIT $2{skip}"
    );
    let rows = query(tx, &sql, [now.micros().into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| Ok((VoucherId::from_uuid(at(row, 0)?), instant(at(row, 1)?)))).collect()
}

/// Writes down that a voucher was looked at, and when to look again.
///
/// # Errors
/// A fault of the database.
pub async fn looked(tx: &Tx, id: VoucherId, now: Timestamp, again: Option<Timestamp>) -> Result<(), Error> {
    let sql = "UPDATE vouchers SET reminded_at = $1, remind_at = $2 WHERE id = $3";
    execute(tx, sql, [now.micros().into(), micros(again).into(), id.as_uuid().into()]).await.map(drop)
}
