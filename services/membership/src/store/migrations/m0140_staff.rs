//! Staff, and the roles that they were given.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0140_staff", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE staff (
    id uuid PRIMARY KEY,
    user_name text NOT NULL UNIQUE,
    display_name bytea NOT NULL,
    since bigint NOT NULL,
    disabled_at bigint
);
CREATE TABLE staff_grants (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    role text NOT NULL,
    reach text NOT NULL CHECK (reach IN ('chain', 'region', 'branch')),
    place text NOT NULL,
    granted_at bigint NOT NULL,
    granted_by uuid,
    revoked_at bigint,
    revoked_by uuid
);
CREATE UNIQUE INDEX staff_grants_live ON staff_grants (staff_id, role, reach, place) WHERE revoked_at IS NULL;
";

const SQLITE: &str = "
CREATE TABLE staff (
    id BLOB PRIMARY KEY,
    user_name TEXT NOT NULL UNIQUE,
    display_name BLOB NOT NULL,
    since INTEGER NOT NULL,
    disabled_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_grants (
    id BLOB PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    role TEXT NOT NULL,
    reach TEXT NOT NULL CHECK (reach IN ('chain', 'region', 'branch')),
    place TEXT NOT NULL,
    granted_at INTEGER NOT NULL,
    granted_by BLOB,
    revoked_at INTEGER,
    revoked_by BLOB
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX staff_grants_live ON staff_grants (staff_id, role, reach, place) WHERE revoked_at IS NULL;
";
