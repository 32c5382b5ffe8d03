//! Questions of one statement each, for the paths that are asked most.

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement};

/// Connections for single statements that read.
///
/// **No transaction ever begins on them**, so that they need none of the guards of those on which one does: a question
/// costs one round trip. They refuse to write, and offer no way to begin.
#[derive(Clone, Debug)]
pub struct Reads(pub(crate) DatabaseConnection);

impl Reads {
    fn refuse<T>() -> Result<T, DbErr> {
        Err(DbErr::Custom("this connection only reads".to_owned()))
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reads {
    fn get_database_backend(&self) -> DbBackend {
        self.0.get_database_backend()
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Self::refuse()
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Self::refuse()
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.0.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.0.query_all_raw(statement).await
    }
}
