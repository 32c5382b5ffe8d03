//! Versions of the tables: the ones that every service has, and the runner.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait as _, DbBackend, DbErr,
    sqlx::{self, Connection as _, Executor as _},
};
use sea_orm_migration::{MigrationName, MigrationTrait, MigratorTraitSelf, SchemaManager};

use crate::{Backend, Database, StoreError};

/// A migration written in SQL, once for each database. It only goes forward: a mistake is mended by the next one.
pub struct SqlMigration {
    name: &'static str,
    postgres: &'static str,
    sqlite: &'static str,
}

impl SqlMigration {
    /// A migration of this name (unique for ever within a database, sorted by its beginning: `m0003_holds`).
    #[must_use]
    pub const fn new(name: &'static str, postgres: &'static str, sqlite: &'static str) -> Self {
        Self { name, postgres, sqlite }
    }

    /// As a boxed trait object, for the list that [`migrate`] takes.
    #[must_use]
    pub fn boxed(self) -> Box<dyn MigrationTrait> {
        Box::new(self)
    }
}

impl MigrationName for SqlMigration {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlMigration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = match manager.get_database_backend() {
            DbBackend::Sqlite => self.sqlite,
            _ => self.postgres,
        };
        manager.get_connection().execute_unprepared(sql).await.map(drop)
    }
}

/// The tables that every service has: outbox, inbox, dead letters, leases.
#[must_use]
pub fn migrations() -> Vec<Box<dyn MigrationTrait>> {
    vec![SqlMigration::new("m0000_store", POSTGRES, SQLITE).boxed()]
}

const POSTGRES: &str = "
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    parcel_id uuid NOT NULL UNIQUE,
    created_at bigint NOT NULL,
    published_at bigint,
    payload bytea NOT NULL
);
DO $$ BEGIN
    -- Facts of one parcel resemble each other, so few bytes are left. A server may be built without it.
    ALTER TABLE outbox ALTER COLUMN payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE outbox ALTER COLUMN payload SET STORAGE EXTERNAL;
END $$;
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE TABLE inbox (
    consumer text NOT NULL,
    parcel_id uuid NOT NULL,
    processed_at bigint NOT NULL,
    PRIMARY KEY (consumer, parcel_id)
);
CREATE TABLE dead_letters (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    consumer text NOT NULL,
    stream text NOT NULL,
    parcel_id uuid NOT NULL,
    fact_id uuid,
    kind text,
    reason text NOT NULL,
    attempts integer NOT NULL,
    payload bytea NOT NULL,
    recorded_at bigint NOT NULL,
    resolved_at bigint
);
CREATE INDEX dead_letters_open ON dead_letters (consumer, id) WHERE resolved_at IS NULL;
CREATE TABLE leases (
    name text PRIMARY KEY,
    holder uuid NOT NULL,
    expires_at bigint NOT NULL,
    term bigint NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    parcel_id BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    published_at INTEGER,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;
CREATE TABLE inbox (
    consumer TEXT NOT NULL,
    parcel_id BLOB NOT NULL,
    processed_at INTEGER NOT NULL,
    PRIMARY KEY (consumer, parcel_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    consumer TEXT NOT NULL,
    stream TEXT NOT NULL,
    parcel_id BLOB NOT NULL,
    fact_id BLOB,
    kind TEXT,
    reason TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    payload BLOB NOT NULL,
    recorded_at INTEGER NOT NULL,
    resolved_at INTEGER
) STRICT;
CREATE INDEX dead_letters_open ON dead_letters (consumer, id) WHERE resolved_at IS NULL;
CREATE TABLE leases (
    name TEXT PRIMARY KEY,
    holder BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    term INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

/// The runner asks for its list more than once, so the list is shared.
struct Plan(Vec<Arc<dyn MigrationTrait>>);

struct Shared(Arc<dyn MigrationTrait>);

impl MigratorTraitSelf for Plan {
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>> {
        self.0.iter().map(|one| Box::new(Shared(Arc::clone(one))) as Box<dyn MigrationTrait>).collect()
    }
}

impl MigrationName for Shared {
    fn name(&self) -> &str {
        self.0.name()
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Shared {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        self.0.up(manager).await
    }
}

/// Brings the tables up to date with `all`: [`migrations`] first, then the service's own. Several processes may start at
/// once: one goes first, the others wait and find nothing left to do.
///
/// # Errors
/// When a migration fails; on PostgreSQL nothing of the failed run is kept.
pub async fn migrate(database: &Database, all: Vec<Box<dyn MigrationTrait>>) -> Result<(), StoreError> {
    let plan = Plan(all.into_iter().map(Arc::from).collect());
    match database.backend() {
        Backend::Postgres => migrate_postgres(database, &plan).await,
        Backend::Sqlite => migrate_sqlite(database, &plan).await,
    }
}

async fn migrate_postgres(database: &Database, plan: &Plan) -> Result<(), StoreError> {
    let mut session = database.postgres_session().await?;
    session.execute("SET lock_timeout = '120s'").await?;
    // Held by the session: it goes with the connection, however this ends.
    sqlx::query("SELECT pg_advisory_lock(hashtextextended('vafa.migrate', 0))").execute(&mut session).await?;
    if let Some(schema) = &database.settings().schema {
        // Checked by the settings to be a plain name.
        let create = sqlx::AssertSqlSafe(format!("CREATE SCHEMA IF NOT EXISTS {schema}"));
        session.execute(create).await?;
    }
    let outcome = plan.up(database.connection(), None).await;
    session.close().await?;
    Ok(outcome?)
}

async fn migrate_sqlite(database: &Database, plan: &Plan) -> Result<(), StoreError> {
    let _turn = database.sole_migrator().await?;
    Ok(plan.up(database.connection(), None).await?)
}
