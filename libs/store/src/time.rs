//! The database's own clock.

use kernel::Timestamp;
use sea_orm::{ConnectionTrait as _, Statement};

use crate::{Backend, Database, StoreError};

/// The database's present instant in microseconds, as SQL.
pub(crate) fn now_micros(backend: Backend) -> &'static str {
    match backend {
        Backend::Postgres => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint",
        Backend::Sqlite => "CAST(unixepoch('subsec') * 1000000 AS INTEGER)",
    }
}

impl Database {
    /// The database's time, as of some moment between the question and the answer.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn time(&self) -> Result<Timestamp, StoreError> {
        let sql = format!("SELECT {}", now_micros(self.backend()));
        let statement = Statement::from_string(self.reads().get_database_backend(), sql);
        let row = self.reads().query_one_raw(statement).await?;
        let row = row.ok_or_else(|| StoreError::Settings("the database has no clock".to_owned()))?;
        Ok(Timestamp::from_micros(row.try_get_by_index(0)?))
    }
}
