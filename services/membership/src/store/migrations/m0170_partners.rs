//! Partners of the chain, and the keys of their programs.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0170_partners", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE partners (
    code text PRIMARY KEY,
    name text NOT NULL,
    scopes text NOT NULL,
    networks text NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE partner_keys (
    id uuid PRIMARY KEY,
    partner text NOT NULL REFERENCES partners (code),
    digest bytea NOT NULL UNIQUE,
    issued_at bigint NOT NULL,
    ends_at bigint
);
CREATE INDEX partner_keys_by_partner ON partner_keys (partner, id);
";

const SQLITE: &str = "
CREATE TABLE partners (
    code TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    networks TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE partner_keys (
    id BLOB PRIMARY KEY,
    partner TEXT NOT NULL REFERENCES partners (code),
    digest BLOB NOT NULL UNIQUE,
    issued_at INTEGER NOT NULL,
    ends_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX partner_keys_by_partner ON partner_keys (partner, id);
";
