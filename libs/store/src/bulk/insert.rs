//! Many new rows.

use sea_orm::QueryResult;

use super::texts::{Part, Texts, arrays, marks};
use crate::{Column, ColumnType, StoreError, Tx};

/// A bulk `INSERT` with a fixed text. Make it once (a `LazyLock`), run it often.
pub struct BulkInsert(Texts);

impl BulkInsert {
    /// A statement that inserts these columns into `table`. `conflict` is put at its end as it stands: empty, or
    /// `ON CONFLICT … DO …` (with `excluded.column` for the new value), or that and `RETURNING …`.
    #[must_use]
    pub fn new(table: &str, columns: &[(&str, ColumnType)], conflict: &str) -> Self {
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let kinds: Vec<ColumnType> = columns.iter().map(|(_, kind)| *kind).collect();
        let postgres =
            format!("INSERT INTO {table} ({names}) SELECT * FROM UNNEST({}) {conflict}", arrays(&kinds));
        let width = columns.len();
        Self(Texts::new(table, kinds, &postgres, |rows| {
            let values = marks(rows, width);
            format!(
                "INSERT INTO {table} ({names}) SELECT * FROM (VALUES {values}) WHERE column1 IS NOT NULL {conflict}"
            )
        }))
    }

    /// Inserts the rows; answers how many were inserted or updated.
    ///
    /// # Errors
    /// [`StoreError::Shape`] for columns that do not fit; otherwise why the database refused.
    pub async fn run(&self, tx: &Tx, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        self.0.execute(tx, columns).await
    }

    /// Inserts the rows; answers what the statement's `RETURNING` says.
    ///
    /// # Errors
    /// As [`BulkInsert::run`].
    pub async fn run_returning(
        &self,
        tx: &Tx,
        columns: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        self.0.fetch(tx, columns).await
    }
}

impl Part for BulkInsert {
    fn texts(&self) -> &Texts {
        &self.0
    }

    fn is_counted(&self) -> bool {
        false
    }
}
