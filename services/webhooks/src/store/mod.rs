//! Rows and what they mean: the only room that knows `SeaORM`.
//!
//! Functions that write take a transaction; functions that read take any connection.

pub mod deliveries;
pub mod kept;
pub mod migrations;
pub mod queue;
pub mod seal;
mod tables;
pub mod webhooks;

use anyhow::anyhow;
use kernel::Timestamp;
use sea_orm::DbErr;
use store::StoreError;

use crate::error::Error;

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        StoreError::from(error).into()
    }
}

fn instant(micros: i64) -> Timestamp {
    Timestamp::from_micros(micros)
}

/// A count that a row holds as a signed number.
fn counted(number: i32) -> Result<u32, Error> {
    u32::try_from(number).map_err(|_| Error::Fault(anyhow!("a row holds the negative count {number}")))
}

/// A count as rows hold it.
fn signed(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

fn broken(what: &str) -> Error {
    Error::Fault(anyhow!("a row holds {what} that cannot be read"))
}
