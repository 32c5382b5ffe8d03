//! Rows of a statement of one's own, and what stands in their places.

use kernel::Points;
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable, Value};
use store::{StoreError, Tx};

/// The rows that a statement finds.
///
/// # Errors
/// When the database refuses.
pub async fn query(
    tx: &Tx,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> anyhow::Result<Vec<QueryResult>> {
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.query_all_raw(statement).await.map_err(StoreError::from)?)
}

/// What stands at a place of a row, from 0.
///
/// # Errors
/// When it is of another type.
pub fn at<T: TryGetable>(row: &QueryResult, index: usize) -> anyhow::Result<T> {
    Ok(row.try_get_by_index(index).map_err(StoreError::from)?)
}

/// How many points of a row are bound; most rows say nothing of it, and have none.
///
/// # Errors
/// When it is of another type.
pub fn bound(row: &QueryResult, index: usize) -> anyhow::Result<Points> {
    Ok(Points::new(at::<Option<i64>>(row, index)?.unwrap_or_default()))
}

/// The same number for a row.
#[must_use]
pub fn bound_column(bound: Points) -> Option<i64> {
    Some(bound.count()).filter(|bound| *bound != 0)
}
