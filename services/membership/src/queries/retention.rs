//! How long is what kept, and was it forgotten?

use crate::{
    domain::retention::{Kept, Retention},
    error::Error,
    store::{
        Vault,
        retention::{Forgotten, load},
    },
};

/// A line of the table with what the job did about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// What is kept.
    pub kept: Kept,
    /// How long after it is over, in microseconds.
    pub for_micros: i64,
    /// What was forgotten; `None` while the job never looked.
    pub forgotten: Option<Forgotten>,
}

/// The whole table.
///
/// # Errors
/// A fault of the database.
pub async fn retention(vault: &Vault, table: &Retention) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::with_capacity(Kept::ALL.len());
    for kept in Kept::ALL {
        let forgotten = load(vault.database.connection(), kept).await?;
        lines.push(Line { kept, for_micros: table.of(kept), forgotten });
    }
    Ok(lines)
}
