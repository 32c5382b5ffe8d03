//! What members want to hear, and by what; what they said nothing about is as the chain has it.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0012_wishes", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE wishes (
    member_id uuid NOT NULL,
    topic text NOT NULL,
    channel text NOT NULL,
    wanted boolean NOT NULL,
    said_by text NOT NULL,
    said_at bigint NOT NULL,
    PRIMARY KEY (member_id, topic, channel)
);
";

const SQLITE: &str = "
CREATE TABLE wishes (
    member_id BLOB NOT NULL,
    topic TEXT NOT NULL,
    channel TEXT NOT NULL,
    wanted INTEGER NOT NULL,
    said_by TEXT NOT NULL,
    said_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, topic, channel)
) STRICT, WITHOUT ROWID;
";
