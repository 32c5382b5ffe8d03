//! Many rows looked up by key.

use sea_orm::{
    QueryResult,
    sqlx::{postgres::PgConnection, sqlite::SqliteConnection},
};

use super::texts::{Chunks, Texts, arrays, marks};
use crate::{Column, ColumnType, Database, StoreError, Tx, pool::Pool, tx::Held};

/// A bulk `SELECT … WHERE key IN (…)` with a fixed text. Make it once (a `LazyLock`), run it often.
pub struct BulkSelect(Texts);

impl BulkSelect {
    /// A statement that answers `columns` (as in a select list) of the rows of `table` whose `key` is among those given.
    #[must_use]
    pub fn new(table: &str, columns: &str, key: (&str, ColumnType)) -> Self {
        Self::build(table, columns, key, "")
    }

    /// The same, and the rows are locked until the transaction ends, in the order of the key so that two such readers
    /// never wait for each other in a circle. On SQLite the transaction already has the only place to write.
    #[must_use]
    pub fn for_update(table: &str, columns: &str, key: (&str, ColumnType)) -> Self {
        let lock = format!(" ORDER BY {} FOR UPDATE", key.0);
        Self::build(table, columns, key, &lock)
    }

    /// As [`BulkSelect::new`], for rows that several columns name together; asked by [`BulkSelect::run_by`].
    #[must_use]
    pub fn by(table: &str, columns: &str, keys: &[(&str, ColumnType)]) -> Self {
        Self::build_by(table, columns, keys, "")
    }

    /// As [`BulkSelect::for_update`], for rows that several columns name together.
    #[must_use]
    pub fn by_for_update(table: &str, columns: &str, keys: &[(&str, ColumnType)]) -> Self {
        let lock = format!(" ORDER BY {} FOR UPDATE", names(keys));
        Self::build_by(table, columns, keys, &lock)
    }

    fn build_by(table: &str, columns: &str, keys: &[(&str, ColumnType)], lock: &str) -> Self {
        let (named, kinds) = (names(keys), keys.iter().map(|(_, kind)| *kind).collect::<Vec<_>>());
        let sought = format!("SELECT * FROM UNNEST({})", arrays(&kinds));
        let postgres = format!("SELECT {columns} FROM {table} WHERE ({named}) IN ({sought}){lock}");
        let width = kinds.len();
        Self(Texts::new(table, kinds, &postgres, |rows| {
            format!("SELECT {columns} FROM {table} WHERE ({named}) IN (VALUES {})", marks(rows, width))
        }))
    }

    fn build(table: &str, columns: &str, (key, kind): (&str, ColumnType), lock: &str) -> Self {
        let array = kind.postgres_array();
        let postgres = format!("SELECT {columns} FROM {table} WHERE {key} = ANY($1::{array}){lock}");
        Self(Texts::new(table, vec![kind], &postgres, |rows| {
            format!("SELECT {columns} FROM {table} WHERE {key} IN {}", marks(1, rows))
        }))
    }

    /// The rows, within a transaction. Keys without a row are silently absent; the order is not promised; give each key
    /// once.
    ///
    /// # Errors
    /// [`StoreError::Shape`] for keys of another type; otherwise why the database refused.
    pub async fn run(&self, tx: &Tx, keys: Column<'_>) -> Result<Vec<QueryResult>, StoreError> {
        self.run_by(tx, &[keys]).await
    }

    /// The same for rows that several columns name, given in the statement's order.
    ///
    /// # Errors
    /// As [`BulkSelect::run`].
    pub async fn run_by(&self, tx: &Tx, keys: &[Column<'_>]) -> Result<Vec<QueryResult>, StoreError> {
        if self.0.rows(keys)? == 0 {
            return Ok(Vec::new());
        }
        let mut held = tx.hold().await;
        let work = async {
            match &mut *held {
                Held::Postgres(held) => self.on_postgres(held, keys).await,
                Held::Sqlite(held) => self.on_sqlite(held, keys).await,
            }
        };
        tx.watch(work).await
    }

    /// The rows, outside a transaction.
    ///
    /// # Errors
    /// As [`BulkSelect::run`].
    pub async fn read(&self, database: &Database, keys: Column<'_>) -> Result<Vec<QueryResult>, StoreError> {
        self.read_by(database, &[keys]).await
    }

    /// The same for rows that several columns name, given in the statement's order.
    ///
    /// # Errors
    /// As [`BulkSelect::run`].
    pub async fn read_by(
        &self,
        database: &Database,
        keys: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        if self.0.rows(keys)? == 0 {
            return Ok(Vec::new());
        }
        match database.for_reading() {
            Pool::Postgres(pool) => self.on_postgres(&mut *pool.acquire().await?, keys).await,
            Pool::Sqlite(pool) => self.on_sqlite(&mut *pool.acquire().await?, keys).await,
        }
    }

    async fn on_postgres(
        &self,
        connection: &mut PgConnection,
        keys: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        let rows = self.0.postgres_query(keys)?.fetch_all(connection).await?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn on_sqlite(
        &self,
        connection: &mut SqliteConnection,
        keys: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        let count = keys.first().map_or(0, Column::len);
        let mut rows = Vec::with_capacity(count);
        for chunk in Chunks::of(&self.0.sqlite, count) {
            let fetched = chunk.query(keys)?.fetch_all(&mut *connection).await?;
            rows.extend(fetched.into_iter().map(QueryResult::from));
        }
        Ok(rows)
    }
}

fn names(keys: &[(&str, ColumnType)]) -> String {
    keys.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}
