//! What must work before a process takes requests.

use async_trait::async_trait;
use runtime::Readiness;
use store::Database;

/// A service's database answers.
pub struct DatabaseReady {
    /// Whose.
    pub service: &'static str,
    /// The database.
    pub database: Database,
}

#[async_trait]
impl Readiness for DatabaseReady {
    fn name(&self) -> String {
        format!("{} database", self.service)
    }

    async fn check(&self) -> Result<(), String> {
        self.database.ping().await.map_err(|error| {
            tracing::warn!(%error, service = self.service, "the database does not answer");
            "does not answer".to_owned()
        })
    }
}
