//! What was forgotten because it had been kept long enough, by line of the table.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0150_retention", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE retention (
    kept text PRIMARY KEY,
    ran_at bigint NOT NULL,
    forgotten bigint NOT NULL CHECK (forgotten >= 0)
);
";

const SQLITE: &str = "
CREATE TABLE retention (
    kept TEXT PRIMARY KEY,
    ran_at INTEGER NOT NULL,
    forgotten INTEGER NOT NULL CHECK (forgotten >= 0)
) STRICT, WITHOUT ROWID;
";
