//! Forgets what signing in leaves behind: codes and windows after a day, sessions a month after their end.

use kernel::Timestamp;

use super::Desk;
use crate::{
    domain::code_window::DAY,
    error::Error,
    store::{sessions, sign_ins, staff_accounts, staff_sessions},
};

/// How long codes and windows are kept after they are over: long enough to look into an attack.
const SIGN_INS: i64 = DAY;
/// How long sessions are kept after they are over.
const SESSIONS: i64 = 30 * DAY;

/// Forgets what is old enough; answers how many rows.
///
/// # Errors
/// A fault of the database.
pub async fn forget_sign_ins(desk: &Desk) -> Result<u64, Error> {
    let now = desk.clock.now().micros();
    let before = |age: i64| Timestamp::from_micros(now.saturating_sub(age));
    let tx = desk.vault.database.begin().await?;
    let forgotten = sign_ins::forget(&tx, before(SIGN_INS)).await?
        + sessions::forget(&tx, before(SESSIONS)).await?
        + staff_accounts::forget(&tx, before(SIGN_INS)).await?
        + staff_sessions::forget(&tx, before(SESSIONS)).await?;
    tx.commit().await?;
    Ok(forgotten)
}
