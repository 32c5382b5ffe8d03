//! Joining by text: which texts came, by keyed hash, which codes were sent back, and by which way members joined.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0163_inbound_texts", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE members ADD COLUMN joined_through text;
CREATE TABLE inbound_texts (
    digest bytea PRIMARY KEY,
    contents bytea NOT NULL,
    asks boolean NOT NULL,
    noted_at bigint NOT NULL
);
CREATE INDEX inbound_texts_by_time ON inbound_texts (noted_at);
CREATE TABLE text_askings (
    phone bytea PRIMARY KEY,
    text bytea NOT NULL,
    expires_at bigint NOT NULL
);
";

const SQLITE: &str = "
ALTER TABLE members ADD COLUMN joined_through TEXT;
CREATE TABLE inbound_texts (
    digest BLOB PRIMARY KEY,
    contents BLOB NOT NULL,
    asks INTEGER NOT NULL,
    noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX inbound_texts_by_time ON inbound_texts (noted_at);
CREATE TABLE text_askings (
    phone BLOB PRIMARY KEY,
    text BLOB NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
