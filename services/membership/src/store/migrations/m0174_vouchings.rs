//! Members for whom a fresh code vouches at a counter, and until when.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0174_vouchings", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE vouchings (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    branch text NOT NULL,
    till text NOT NULL,
    staff text NOT NULL,
    expires_at bigint NOT NULL,
    UNIQUE (member_id, branch, till, staff)
);
CREATE INDEX vouchings_by_expiry ON vouchings (expires_at);
";

const SQLITE: &str = "
CREATE TABLE vouchings (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    branch TEXT NOT NULL,
    till TEXT NOT NULL,
    staff TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    UNIQUE (member_id, branch, till, staff)
) STRICT, WITHOUT ROWID;
CREATE INDEX vouchings_by_expiry ON vouchings (expires_at);
";
