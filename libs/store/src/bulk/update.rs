//! Many rows changed, each in its own way, each checked against the version that was read.

use super::texts::{Part, Texts, arrays, marks};
use crate::{Column, ColumnType, StoreError, Tx};

/// A bulk `UPDATE` with a fixed text. Make it once (a `LazyLock`), run it often.
pub struct BulkUpdate(Texts);

impl BulkUpdate {
    /// A statement that changes rows of `table`. A row is found by `keys` (all must be equal): its id first, then what
    /// must not have changed since it was read, such as its version. `set` columns get new values. Columns are bound in
    /// this order: keys, then set.
    ///
    /// Where a key and a set column have one name (`version`), both are given: the old value among the keys, the new
    /// one among the set.
    #[must_use]
    pub fn new(table: &str, keys: &[(&str, ColumnType)], set: &[(&str, ColumnType)]) -> Self {
        Self::build(table, keys, set, |name, given| format!("{name} = {given}"))
    }

    /// The same, but what is given is added to the numbers that are there. Lock the rows before, in one order, where others
    /// do the same: the statement touches them in any.
    #[must_use]
    pub fn adding(table: &str, keys: &[(&str, ColumnType)], more: &[(&str, ColumnType)]) -> Self {
        Self::build(table, keys, more, |name, given| format!("{name} = {table}.{name} + {given}"))
    }

    fn build(
        table: &str,
        keys: &[(&str, ColumnType)],
        set: &[(&str, ColumnType)],
        change: impl Fn(&str, &str) -> String,
    ) -> Self {
        let kinds: Vec<ColumnType> = keys.iter().chain(set).map(|(_, kind)| *kind).collect();
        let names = (0..kinds.len()).map(|at| format!("c{at}")).collect::<Vec<_>>().join(",");
        let found = keys.iter().enumerate().map(|(at, (name, _))| format!("{table}.{name} = v.c{at}"));
        let found = found.collect::<Vec<_>>().join(" AND ");
        let changed =
            set.iter().enumerate().map(|(at, (name, _))| change(name, &format!("v.c{}", at + keys.len())));
        let changed = changed.collect::<Vec<_>>().join(",");
        let postgres = format!(
            "UPDATE {table} SET {changed} FROM UNNEST({}) AS v({names}) WHERE {found}",
            arrays(&kinds)
        );
        let width = kinds.len();
        Self(Texts::new(table, kinds, &postgres, |rows| {
            format!(
                "WITH v({names}) AS (VALUES {}) UPDATE {table} SET {changed} FROM v WHERE {found}",
                marks(rows, width)
            )
        }))
    }

    /// Changes the rows; answers how many were. **Fewer than given means that some were changed by others since they
    /// were read: roll back and begin again.**
    ///
    /// # Errors
    /// [`StoreError::Shape`] for columns that do not fit; otherwise why the database refused.
    pub async fn run(&self, tx: &Tx, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        self.0.execute(tx, columns).await
    }
}

impl Part for BulkUpdate {
    fn texts(&self) -> &Texts {
        &self.0
    }

    fn is_counted(&self) -> bool {
        true
    }
}
