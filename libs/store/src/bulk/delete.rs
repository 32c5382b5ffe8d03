//! Many rows taken away, found by all of their key.

use super::texts::{Part, Texts, arrays, marks};
use crate::{Column, ColumnType, StoreError, Tx};

/// A bulk `DELETE` with a fixed text. Make it once (a `LazyLock`), run it often.
pub struct BulkDelete(Texts);

impl BulkDelete {
    /// A statement that deletes the rows of `table` whose `keys` are all equal to those given.
    #[must_use]
    pub fn new(table: &str, keys: &[(&str, ColumnType)]) -> Self {
        let kinds: Vec<ColumnType> = keys.iter().map(|(_, kind)| *kind).collect();
        let names = (0..kinds.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
        let found = keys.iter().enumerate().map(|(at, (name, _))| format!("{table}.{name} = v.c{at}"));
        let found = found.collect::<Vec<_>>().join(" AND ");
        let postgres =
            format!("DELETE FROM {table} USING UNNEST({}) AS v({names}) WHERE {found}", arrays(&kinds));
        let columns = keys.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",");
        let width = kinds.len();
        Self(Texts::new(table, kinds, &postgres, |rows| {
            format!("DELETE FROM {table} WHERE ({columns}) IN (VALUES {})", marks(rows, width))
        }))
    }

    /// Deletes the rows; answers how many there were.
    ///
    /// # Errors
    /// [`StoreError::Shape`] for columns that do not fit; otherwise why the database refused.
    pub async fn run(&self, tx: &Tx, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        self.0.execute(tx, columns).await
    }
}

impl Part for BulkDelete {
    fn texts(&self) -> &Texts {
        &self.0
    }

    fn is_counted(&self) -> bool {
        true
    }
}
