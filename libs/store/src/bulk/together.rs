//! Several bulk statements in one round trip.

use std::{fmt::Write as _, sync::Arc};

use sea_orm::sqlx::{self, AssertSqlSafe, Row as _, postgres::PgArguments};

use super::texts::{Part, unbound};
use crate::{Column, StoreError, Tx, tx::Held};

/// Bulk statements that always run together, each on rows that no other of them touches.
///
/// On PostgreSQL they travel as one statement with the others as its `WITH` parts, so that a batch that writes to six
/// tables waits for one answer instead of six; all of them see the tables as they were before. SQLite, which has no way
/// to wait for, runs them one after the other.
pub struct BulkTogether {
    parts: Vec<&'static dyn Part>,
    postgres: Arc<str>,
}

impl BulkTogether {
    /// Puts statements together.
    #[must_use]
    pub fn new(parts: &[&'static dyn Part]) -> Self {
        let mut with = Vec::new();
        let mut counts = Vec::new();
        let mut bound = 0;
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
        let postgres = format!("WITH {} SELECT {}", with.join(","), counts.join(","));
        Self { parts: parts.to_vec(), postgres: Arc::from(postgres) }
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
        let mut rows = 0;
        for (part, columns) in self.parts.iter().zip(columns) {
            rows += part.texts().rows(columns)?;
        }
        let mut held = tx.hold().await;
        let work = async {
            match &mut *held {
                _ if rows == 0 => Ok(vec![0; self.parts.iter().filter(|part| part.is_counted()).count()]),
                Held::Postgres(held) => {
                    let mut arguments = PgArguments::default();
                    for column in columns.iter().copied().flatten() {
                        column.bind_all(&mut arguments).map_err(unbound)?;
                    }
                    let text = AssertSqlSafe(Arc::clone(&self.postgres));
                    let row = sqlx::query_with(text, arguments).fetch_one(&mut **held).await?;
                    let counts = (0..row.len() - 1).map(|at| row.try_get::<i64, _>(at));
                    let counts = counts.collect::<Result<Vec<_>, _>>()?;
                    Ok(counts.into_iter().map(|count| u64::try_from(count).unwrap_or_default()).collect())
                }
                Held::Sqlite(held) => {
                    let mut counts = Vec::new();
                    for (part, columns) in self.parts.iter().zip(columns) {
                        let texts = part.texts();
                        let touched = texts.execute_chunks(held, texts.rows(columns)?, columns).await?;
                        if part.is_counted() {
                            counts.push(touched);
                        }
                    }
                    Ok(counts)
                }
            }
        };
        tx.watch(work).await
    }
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
