//! Occasions that `membership` told of members, each with the instant at which it did; never a date of birth.

use std::sync::LazyLock;

use contracts::membership::Occasion;
use kernel::{MemberId, Timestamp};
use store::{Column, ColumnType, StoreError, Tx, bulk::BulkInsert};
use uuid::Uuid;

const NUMBERS: [(Occasion, i16); 2] = [(Occasion::Birthday, 1), (Occasion::JoinAnniversary, 2)];

static TOLD: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns =
        [("member_id", ColumnType::Uuid), ("occasion", ColumnType::I16), ("told_at", ColumnType::I64)];
    BulkInsert::new("occasions", &columns, "ON CONFLICT (member_id, occasion, told_at) DO NOTHING")
});

/// The occasion behind a stored number.
#[must_use]
pub fn occasion(number: i16) -> Option<Occasion> {
    NUMBERS.iter().find(|(_, known)| *known == number).map(|(occasion, _)| *occasion)
}

/// Notes occasions; what was noted before stays.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, told: &[(MemberId, Occasion, Timestamp)]) -> Result<(), StoreError> {
    let number = |occasion: Occasion| {
        NUMBERS.iter().find(|(known, _)| *known == occasion).map_or(0, |(_, number)| *number)
    };
    let mut rows: Vec<(Uuid, i16, i64)> = told
        .iter()
        .map(|(member, occasion, at)| (member.as_uuid(), number(*occasion), at.micros()))
        .collect();
    rows.sort_unstable();
    rows.dedup();
    let members: Vec<Uuid> = rows.iter().map(|row| row.0).collect();
    let occasions: Vec<i16> = rows.iter().map(|row| row.1).collect();
    let at: Vec<i64> = rows.iter().map(|row| row.2).collect();
    TOLD.run(tx, &[Column::Uuid(&members), Column::I16(&occasions), Column::I64(&at)]).await.map(drop)
}
