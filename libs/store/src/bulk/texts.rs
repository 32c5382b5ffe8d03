//! The fixed texts of bulk statements, and how rows are bound to them.

use std::{ops::Range, sync::Arc};

use sea_orm::{
    QueryResult,
    sqlx::{
        self, AssertSqlSafe, Postgres, Sqlite,
        error::BoxDynError,
        postgres::PgArguments,
        sqlite::{SqliteArguments, SqliteConnection},
    },
};

use crate::{Column, ColumnType, StoreError, Tx, tx::Held};

/// The chunks that SQLite gets, largest first.
const CHUNKS: [usize; 9] = [256, 128, 64, 32, 16, 8, 4, 2, 1];
/// Values that SQLite takes in one statement.
const SQLITE_BINDS: usize = 32_766;

/// A statement that changes rows and may run together with others ([`BulkTogether`]).
pub trait Part: Send + Sync {
    /// Its texts.
    fn texts(&self) -> &Texts;

    /// Whether it matters how many rows it touched.
    fn is_counted(&self) -> bool;
}

/// The fixed texts of one bulk statement.
pub struct Texts {
    table: String,
    pub(super) kinds: Vec<ColumnType>,
    pub(super) postgres: Arc<str>,
    /// By chunk size, largest first.
    pub(super) sqlite: Vec<(usize, Arc<str>)>,
}

impl Texts {
    pub(super) fn new(
        table: &str,
        kinds: Vec<ColumnType>,
        postgres: &str,
        sqlite: impl Fn(usize) -> String,
    ) -> Self {
        let width = kinds.len().max(1);
        let sizes = CHUNKS.iter().copied().filter(|size| size * width <= SQLITE_BINDS);
        let sqlite = sizes.map(|size| (size, Arc::from(sqlite(size)))).collect();
        Self { table: table.to_owned(), kinds, postgres: Arc::from(postgres), sqlite }
    }

    /// The number of rows, once it is sure that the columns fit the statement and each other.
    pub(super) fn rows(&self, columns: &[Column<'_>]) -> Result<usize, StoreError> {
        let kinds = columns.iter().map(Column::kind);
        if !kinds.eq(self.kinds.iter().copied()) {
            return Err(self.misfit("the columns are not those that the statement was made for"));
        }
        // A row that begins with an empty place is how SQLite's texts tell that there is no row.
        if columns.first().is_some_and(Column::has_empty_places) {
            return Err(self.misfit("the first column has empty places"));
        }
        let rows = columns.first().map_or(0, Column::len);
        if columns.iter().any(|column| column.len() != rows) {
            return Err(self.misfit("the columns are not of one length"));
        }
        Ok(rows)
    }

    fn misfit(&self, problem: &str) -> StoreError {
        StoreError::Shape { table: self.table.clone(), problem: problem.to_owned() }
    }

    /// Runs the statement over all rows; answers how many rows it touched.
    pub(super) async fn execute(&self, tx: &Tx, columns: &[Column<'_>]) -> Result<u64, StoreError> {
        let rows = self.rows(columns)?;
        if rows == 0 {
            return Ok(0);
        }
        let mut held = tx.hold().await;
        let work = async {
            match &mut *held {
                Held::Postgres(held) => {
                    let done = self.postgres_query(columns)?.execute(&mut **held).await?;
                    Ok(done.rows_affected())
                }
                Held::Sqlite(held) => self.execute_chunks(held, rows, columns).await,
            }
        };
        tx.watch(work).await
    }

    pub(super) async fn execute_chunks(
        &self,
        connection: &mut SqliteConnection,
        rows: usize,
        columns: &[Column<'_>],
    ) -> Result<u64, StoreError> {
        let mut touched = 0;
        for chunk in Chunks::of(&self.sqlite, rows) {
            touched += chunk.query(columns)?.execute(&mut *connection).await?.rows_affected();
        }
        Ok(touched)
    }

    /// Runs the statement over all rows and answers the rows that it returns.
    pub(super) async fn fetch(
        &self,
        tx: &Tx,
        columns: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        let rows = self.rows(columns)?;
        if rows == 0 {
            return Ok(Vec::new());
        }
        let mut held = tx.hold().await;
        let work = async {
            match &mut *held {
                Held::Postgres(held) => {
                    let fetched = self.postgres_query(columns)?.fetch_all(&mut **held).await?;
                    Ok(fetched.into_iter().map(QueryResult::from).collect())
                }
                Held::Sqlite(held) => self.fetch_chunks(held, rows, columns).await,
            }
        };
        tx.watch(work).await
    }

    async fn fetch_chunks(
        &self,
        connection: &mut SqliteConnection,
        rows: usize,
        columns: &[Column<'_>],
    ) -> Result<Vec<QueryResult>, StoreError> {
        let mut all = Vec::with_capacity(rows);
        for chunk in Chunks::of(&self.sqlite, rows) {
            let some = chunk.query(columns)?.fetch_all(&mut *connection).await?;
            all.extend(some.into_iter().map(QueryResult::from));
        }
        Ok(all)
    }

    pub(super) fn postgres_query(
        &self,
        columns: &[Column<'_>],
    ) -> Result<sqlx::query::Query<'static, Postgres, PgArguments>, StoreError> {
        let mut arguments = PgArguments::default();
        for column in columns {
            column.bind_all(&mut arguments).map_err(unbound)?;
        }
        Ok(sqlx::query_with(AssertSqlSafe(Arc::clone(&self.postgres)), arguments))
    }
}

/// One chunk of rows and the text made for its size. Places past the last row are NULL: such a row finds nothing, and is
/// not inserted.
pub(super) struct Chunk<'t> {
    text: &'t Arc<str>,
    first: usize,
    size: usize,
    rows: usize,
}

impl Chunk<'_> {
    pub(super) fn query(
        &self,
        columns: &[Column<'_>],
    ) -> Result<sqlx::query::Query<'static, Sqlite, SqliteArguments>, StoreError> {
        let mut arguments = SqliteArguments::default();
        bind_rows(&mut arguments, columns, self.first..self.first + self.size, self.rows)?;
        Ok(sqlx::query_with(AssertSqlSafe(Arc::clone(self.text)), arguments))
    }
}

/// Binds these rows of the columns, those from `rows` on as NULL.
pub(super) fn bind_rows(
    arguments: &mut SqliteArguments,
    columns: &[Column<'_>],
    places: Range<usize>,
    rows: usize,
) -> Result<(), StoreError> {
    sqlx::Arguments::reserve(arguments, places.len() * columns.len(), 0);
    for row in places {
        for column in columns {
            if row < rows {
                column.bind_one(row, arguments).map_err(unbound)?;
            } else {
                sqlx::Arguments::add(arguments, None::<i64>).map_err(unbound)?;
            }
        }
    }
    Ok(())
}

/// The smallest chunk that takes so many rows, or else the largest there is.
pub(super) fn fitting(texts: &[(usize, Arc<str>)], rows: usize) -> Option<&(usize, Arc<str>)> {
    texts.iter().rev().find(|(size, _)| *size >= rows).or(texts.first())
}

/// Cuts rows into chunks that have a text: one, unless there are more rows than the largest takes.
pub(super) struct Chunks<'t> {
    texts: &'t [(usize, Arc<str>)],
    next: usize,
    rows: usize,
}

impl<'t> Chunks<'t> {
    pub(super) fn of(texts: &'t [(usize, Arc<str>)], rows: usize) -> Self {
        Self { texts, next: 0, rows }
    }
}

impl<'t> Iterator for Chunks<'t> {
    type Item = Chunk<'t>;

    fn next(&mut self) -> Option<Chunk<'t>> {
        let left = self.rows - self.next;
        if left == 0 {
            return None;
        }
        let (size, text) = fitting(self.texts, left)?;
        let chunk = Chunk { text, first: self.next, size: *size, rows: self.rows };
        self.next = (self.next + size).min(self.rows);
        Some(chunk)
    }
}

pub(super) fn unbound(error: BoxDynError) -> StoreError {
    StoreError::from(sqlx::Error::Encode(error))
}

/// `(?,?),(?,?)…`: as many rows of as many marks.
pub(super) fn marks(rows: usize, width: usize) -> String {
    let row = format!("({})", vec!["?"; width].join(","));
    vec![row; rows].join(",")
}

/// `$1::uuid[],$2::int8[]…`.
pub(super) fn arrays(kinds: &[ColumnType]) -> String {
    let arrays = kinds.iter().enumerate().map(|(at, kind)| format!("${}::{}", at + 1, kind.postgres_array()));
    arrays.collect::<Vec<_>>().join(",")
}
