//! Texts that came to the club's number: each once, and those that people are to read.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0017_heard", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE heard_texts (
    door text NOT NULL,
    text bytea NOT NULL,
    sender bytea NOT NULL,
    ask text NOT NULL,
    done boolean NOT NULL,
    heard_at bigint NOT NULL,
    PRIMARY KEY (door, text)
);
CREATE INDEX heard_texts_by_sender ON heard_texts (sender, heard_at);
CREATE INDEX heard_texts_by_time ON heard_texts (heard_at);
CREATE TABLE unknown_texts (
    id uuid PRIMARY KEY,
    member_id uuid,
    sealed bytea NOT NULL,
    heard_at bigint NOT NULL,
    closed_by text,
    closed_at bigint
);
CREATE INDEX unknown_texts_open ON unknown_texts (id) WHERE closed_at IS NULL;
CREATE INDEX unknown_texts_by_time ON unknown_texts (heard_at);
CREATE INDEX unknown_texts_by_member ON unknown_texts (member_id) WHERE member_id IS NOT NULL;
";

const SQLITE: &str = "
CREATE TABLE heard_texts (
    door TEXT NOT NULL,
    text BLOB NOT NULL,
    sender BLOB NOT NULL,
    ask TEXT NOT NULL,
    done INTEGER NOT NULL,
    heard_at INTEGER NOT NULL,
    PRIMARY KEY (door, text)
) STRICT, WITHOUT ROWID;
CREATE INDEX heard_texts_by_sender ON heard_texts (sender, heard_at);
CREATE INDEX heard_texts_by_time ON heard_texts (heard_at);
CREATE TABLE unknown_texts (
    id BLOB PRIMARY KEY,
    member_id BLOB,
    sealed BLOB NOT NULL,
    heard_at INTEGER NOT NULL,
    closed_by TEXT,
    closed_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX unknown_texts_open ON unknown_texts (id) WHERE closed_at IS NULL;
CREATE INDEX unknown_texts_by_time ON unknown_texts (heard_at);
CREATE INDEX unknown_texts_by_member ON unknown_texts (member_id) WHERE member_id IS NOT NULL;
";
