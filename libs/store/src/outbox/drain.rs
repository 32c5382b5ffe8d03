//! What a relay reads an outbox with: cheap enough to look after every commit.
//!
//! Marks are notes: losing one publishes a parcel twice, which inboxes take once. So they wait a little to be written
//! together, and on PostgreSQL they are written over a connection that does not wait for the disk.

use std::time::{Duration, Instant};

use kernel::{ParcelId, Timestamp};
use sea_orm::sqlx::{self, Row as _, postgres::PgConnection};

use super::{OutboxRow, ParcelRow, mark_published, rows};
use crate::{Backend, Database, StoreError};

/// Marks wait this long at most.
const MARKS_WAIT: Duration = Duration::from_millis(200);
/// This many marks are written at once.
const MARKS: usize = 512;

/// Reads an outbox in order and marks what is published. For one relay at a time.
pub struct Drain {
    database: Database,
    session: Option<PgConnection>,
    /// Published, and not yet marked.
    unmarked: Vec<i64>,
    marked_at: Instant,
}

impl Drain {
    /// A drain of the outbox in `database`.
    #[must_use]
    pub fn new(database: Database) -> Self {
        Self { database, session: None, unmarked: Vec::new(), marked_at: Instant::now() }
    }

    /// The parcels to publish next, lowest place first, `limit` at most.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn next(&mut self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        match self.database.backend() {
            Backend::Postgres => {
                let outcome = self.next_on_postgres(limit).await;
                self.forget_broken_session(&outcome);
                outcome
            }
            Backend::Sqlite => {
                // One writer at a time draws places in the order of commits, so nothing appears below the last one.
                let last = self.unmarked.last().copied().unwrap_or_default();
                let sql = "SELECT id, parcel_id, created_at, payload FROM outbox \
                           WHERE published_at IS NULL AND id > $1 ORDER BY id LIMIT $2";
                rows(&self.database, sql, [last.into(), i64::from(limit).into()]).await
            }
        }
    }

    async fn next_on_postgres(&mut self, limit: u32) -> Result<Vec<OutboxRow>, StoreError> {
        let query = sqlx::query(
            "SELECT id, parcel_id, created_at, payload FROM outbox \
             WHERE published_at IS NULL AND id <> ALL($1) ORDER BY id LIMIT $2",
        );
        let query = query.bind(self.unmarked.clone()).bind(i64::from(limit));
        let fetched = query.fetch_all(self.session().await?).await?;
        let row = |row: sqlx::postgres::PgRow| {
            let parcel = ParcelRow {
                parcel_id: ParcelId::from_uuid(row.try_get(1)?),
                created_at: Timestamp::from_micros(row.try_get(2)?),
                payload: row.try_get(3)?,
            };
            Ok(OutboxRow { id: row.try_get(0)?, parcel })
        };
        Ok(fetched.into_iter().map(row).collect::<Result<_, sqlx::Error>>()?)
    }

    /// Notes that these places are published.
    pub fn note_published(&mut self, ids: &[i64]) {
        if self.unmarked.is_empty() {
            self.marked_at = Instant::now();
        }
        self.unmarked.extend_from_slice(ids);
    }

    /// How long the notes may still wait; `None` when there are none.
    #[must_use]
    pub fn marks_due_in(&self) -> Option<Duration> {
        let wait = if self.unmarked.len() >= MARKS { Duration::ZERO } else { MARKS_WAIT };
        (!self.unmarked.is_empty()).then(|| wait.saturating_sub(self.marked_at.elapsed()))
    }

    /// Writes the marks down.
    ///
    /// # Errors
    /// When the database refuses; the notes are kept.
    pub async fn write_marks(&mut self, now: Timestamp) -> Result<(), StoreError> {
        if self.unmarked.is_empty() {
            return Ok(());
        }
        match self.database.backend() {
            Backend::Postgres => {
                let sql = "UPDATE outbox SET published_at = $1 WHERE id = ANY($2)";
                let query = sqlx::query(sql).bind(now.micros()).bind(self.unmarked.clone());
                let outcome = match self.session().await {
                    Ok(session) => query.execute(session).await.map(drop).map_err(StoreError::from),
                    Err(error) => Err(error),
                };
                self.forget_broken_session(&outcome);
                outcome?;
            }
            Backend::Sqlite => mark_published(&self.database, &self.unmarked, now).await?,
        }
        self.unmarked.clear();
        Ok(())
    }

    /// Gives up the connection, for when no answer comes over it.
    pub fn hang_up(&mut self) {
        self.session = None;
    }

    /// Forgets what was noted, for when another relay has led in between.
    pub fn forget_marks(&mut self) {
        self.unmarked.clear();
    }

    async fn session(&mut self) -> Result<&mut PgConnection, StoreError> {
        match &mut self.session {
            Some(session) => Ok(session),
            none => Ok(none.insert(self.database.postgres_notepad().await?)),
        }
    }

    fn forget_broken_session<T>(&mut self, outcome: &Result<T, StoreError>) {
        if outcome.is_err() {
            self.session = None;
        }
    }
}
