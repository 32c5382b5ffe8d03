//! Several bulk statements in one round trip.

use std::{fmt::Write as _, sync::Arc};

use futures_util::TryStreamExt as _;
use sea_orm::sqlx::{
    self, AssertSqlSafe, Either, Executor as _, Row as _,
    postgres::{PgArguments, PgConnection},
    sqlite::{SqliteArguments, SqliteConnection},
};

use super::texts::{Part, bind_rows, fitting, unbound};
use crate::{Column, StoreError, Tx, tx::Held};

/// Bulk statements that always run together, each on rows that no other of them touches.
///
/// On PostgreSQL they travel as one statement with the others as its `WITH` parts, so that a batch that writes to six
/// tables waits for one answer instead of six; all of them see the tables as they were before. SQLite's thread is given
/// them all at once and does them one after the other.
pub struct BulkTogether {
    parts: Vec<&'static dyn Part>,
    postgres: Arc<str>,
    /// By rows of each part, largest first.
    sqlite: Vec<(usize, Arc<str>)>,
}

impl BulkTogether {
    /// Puts statements together.
    #[must_use]
    pub fn new(parts: &[&'static dyn Part]) -> Self {
        let sizes = parts.iter().map(|part| part.texts().sqlite.iter().map(|(size, _)| *size));
        let sizes = sizes.min_by_key(ExactSizeIterator::len).into_iter().flatten();
        let sqlite = sizes.map(|size| (size, Arc::from(one_after_the_other(parts, size)))).collect();
        Self { parts: parts.to_vec(), postgres: Arc::from(as_one(parts)), sqlite }
    }

    /// Runs all of them, each with its columns; any may have no rows. Answers how many rows each update and deletion
    /// touched, in their order; an insertion does all of its rows or fails.
    ///
    /// # Errors
    /// [`StoreError::Shape`] for columns that do not fit; otherwise why the database refused.
    pub async fn run(&self, tx: &Tx, columns: &[&[Column<'_>]]) -> Result<Vec<u64>, StoreError> {
        if columns.len() != self.parts.len() {
            let problem = format!("{} statements were given columns for {}", self.parts.len(), columns.len());
            return Err(StoreError::Shape { table: "several".to_owned(), problem });
        }
        let rows = self.parts.iter().zip(columns).map(|(part, columns)| part.texts().rows(columns));
        let rows = rows.collect::<Result<Vec<usize>, _>>()?;
        let mut held = tx.hold().await;
        let work = async {
            match &mut *held {
                Held::Postgres(held) => self.on_postgres(held, columns).await,
                Held::Sqlite(held) => self.on_sqlite(held, columns, &rows).await,
            }
        };
        tx.watch(work).await
    }

    async fn on_postgres(
        &self,
        connection: &mut PgConnection,
        columns: &[&[Column<'_>]],
    ) -> Result<Vec<u64>, StoreError> {
        let mut arguments = PgArguments::default();
        for column in columns.iter().copied().flatten() {
            column.bind_all(&mut arguments).map_err(unbound)?;
        }
        let text = AssertSqlSafe(Arc::clone(&self.postgres));
        let row = sqlx::query_with(text, arguments).fetch_one(connection).await?;
        let counts = (0..row.len() - 1).map(|at| row.try_get::<i64, _>(at));
        let counts = counts.collect::<Result<Vec<_>, _>>()?;
        Ok(counts.into_iter().map(|count| u64::try_from(count).unwrap_or_default()).collect())
    }

    async fn on_sqlite(
        &self,
        connection: &mut SqliteConnection,
        columns: &[&[Column<'_>]],
        rows: &[usize],
    ) -> Result<Vec<u64>, StoreError> {
        let most = rows.iter().copied().max().unwrap_or_default();
        let counted = |at: usize| self.parts[at].is_counted();
        let mut touched = Vec::with_capacity(self.parts.len());
        match fitting(&self.sqlite, most).filter(|(size, _)| *size >= most) {
            Some((size, text)) => {
                let mut arguments = SqliteArguments::default();
                for (columns, rows) in columns.iter().zip(rows) {
                    bind_rows(&mut arguments, columns, 0..*size, *rows)?;
                }
                let query = sqlx::query_with(AssertSqlSafe(Arc::clone(text)), arguments);
                let mut done = connection.fetch_many(query);
                while let Some(step) = done.try_next().await? {
                    if let Either::Left(done) = step {
                        touched.push(done.rows_affected());
                    }
                }
            }
            None => {
                for ((part, columns), rows) in self.parts.iter().zip(columns).zip(rows) {
                    touched.push(part.texts().execute_chunks(connection, *rows, columns).await?);
                }
            }
        }
        Ok(touched.into_iter().enumerate().filter(|(at, _)| counted(*at)).map(|(_, rows)| rows).collect())
    }
}

/// PostgreSQL's statement: the others are its parts, those that are counted with their counts as its answer.
fn as_one(parts: &[&'static dyn Part]) -> String {
    let (mut with, mut counts, mut bound) = (Vec::new(), Vec::new(), 0);
    for (at, part) in parts.iter().enumerate() {
        let text = renumbered(&part.texts().postgres, bound);
        bound += part.texts().kinds.len();
        if part.is_counted() {
            with.push(format!("p{at} AS ({text} RETURNING 1)"));
            counts.push(format!("(SELECT count(*) FROM p{at})"));
        } else {
            with.push(format!("p{at} AS ({text})"));
        }
    }
    counts.push("0::int8".to_owned());
    format!("WITH {} SELECT {}", with.join(","), counts.join(","))
}

/// SQLite's statements with places for `size` rows each.
fn one_after_the_other(parts: &[&'static dyn Part], size: usize) -> String {
    let of_size = |part: &&dyn Part| {
        let texts = &part.texts().sqlite;
        texts.iter().find(|(places, _)| *places == size).map(|(_, text)| text.to_string())
    };
    parts.iter().filter_map(of_size).collect::<Vec<_>>().join(";")
}

/// The text with its parameters counted on from `by`: `$1` becomes `$4` behind three others.
fn renumbered(text: &str, by: usize) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    let mut parts = text.split('$');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number: usize = number.parse().unwrap_or_default();
        // Writing to a String cannot fail.
        let _ = write!(out, "${}{rest}", number + by);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::renumbered;

    #[test]
    fn parameters_are_counted_on() {
        assert_eq!(renumbered("SELECT $1::int8[], $12", 3), "SELECT $4::int8[], $15");
        assert_eq!(renumbered("SELECT 1", 3), "SELECT 1");
    }
}
