//! Who has shown that the phone is theirs, as `membership` told it.

use std::{collections::HashSet, sync::LazyLock};

use kernel::{MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{Column, ColumnType, StoreError, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::rows::at;

static CONFIRMED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("members", "member_id, confirmed_at", ("member_id", ColumnType::Uuid)));

/// Those of these members who have.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn confirmed(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashSet<MemberId>> {
    let mut confirmed = HashSet::new();
    for row in CONFIRMED.run(tx, Column::Uuid(members)).await? {
        if at::<Option<i64>>(&row, 1)?.is_some() {
            confirmed.insert(MemberId::from_uuid(at(&row, 0)?));
        }
    }
    Ok(confirmed)
}

/// Notes that a member has, unless it is known; of nobody who is not known at all.
///
/// # Errors
/// When the database refuses.
pub async fn confirm(tx: &Tx, member: MemberId, when: Timestamp) -> anyhow::Result<()> {
    let sql = "UPDATE members SET confirmed_at = $2 WHERE member_id = $1 AND confirmed_at IS NULL";
    let values = [member.as_uuid().into(), when.micros().into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}
