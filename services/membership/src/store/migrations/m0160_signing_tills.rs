//! Tills that sign their calls: public keys, and the codes by which they are brought.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0160_signing_tills", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE till_keys ADD COLUMN public_key bytea;
CREATE TABLE till_enrolments (
    locator text PRIMARY KEY,
    branch text NOT NULL,
    till text NOT NULL,
    code bytea NOT NULL,
    expires_at bigint NOT NULL,
    tries_left bigint NOT NULL CHECK (tries_left >= 0),
    used_at bigint
);
CREATE INDEX till_enrolments_by_till ON till_enrolments (branch, till);
";

const SQLITE: &str = "
ALTER TABLE till_keys ADD COLUMN public_key BLOB;
CREATE TABLE till_enrolments (
    locator TEXT PRIMARY KEY,
    branch TEXT NOT NULL,
    till TEXT NOT NULL,
    code BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX till_enrolments_by_till ON till_enrolments (branch, till);
";
