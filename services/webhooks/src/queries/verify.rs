//! Is everything as it is promised? Recomputed from the rows, for `vafa verify`.

use runtime::AuditRow;
use store::Database;

use crate::{error::Error, store::queue};

/// Promises, and what would break each.
const PROMISES: &[(&str, &str, &str)] = &[
    ("no message that was taken keeps what it said", "deliveries", "standing = 1 AND body IS NOT NULL"),
    (
        "every message that waits, or can be sent again, has what it says",
        "deliveries",
        "standing <> 1 AND body IS NULL",
    ),
    (
        "every message that is finished says when and how",
        "deliveries",
        "(standing = 0) <> (finished_at IS NULL) OR (standing <> 0 AND last_outcome IS NULL)",
    ),
    (
        "every attempt at a message is written down",
        "deliveries",
        "attempts <> (SELECT COUNT(*) FROM attempts a WHERE a.delivery_id = deliveries.id)",
    ),
];

/// The promises that can be checked in the database.
///
/// # Errors
/// A fault of the database.
pub async fn verify_rows(database: &Database) -> Result<Vec<AuditRow>, Error> {
    let mut rows = Vec::new();
    for (promise, table, flaw) in PROMISES {
        let mut row = AuditRow::new(*promise);
        let (examined, differing) = queue::flaws(database.connection(), table, flaw).await?;
        row.examined = examined;
        for _ in 0..differing {
            row.differs(*flaw);
        }
        rows.push(row);
    }
    Ok(rows)
}
