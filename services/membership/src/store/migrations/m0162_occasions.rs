//! Occasions: by which keyed hash a birthday is found, and for which days occasions were told.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0162_occasions", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE occasions (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    birthday bytea,
    birthday_told_for integer,
    anniversary_told_for integer,
    told bigint NOT NULL
);
CREATE INDEX occasions_by_birthday ON occasions (birthday, member_id);
CREATE INDEX members_by_joining ON members (joined_at, id);
CREATE TABLE occasion_progress (
    occasion text PRIMARY KEY,
    through integer NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE occasions (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    birthday BLOB,
    birthday_told_for INTEGER,
    anniversary_told_for INTEGER,
    told INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX occasions_by_birthday ON occasions (birthday, member_id);
CREATE INDEX members_by_joining ON members (joined_at, id);
CREATE TABLE occasion_progress (
    occasion TEXT PRIMARY KEY,
    through INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
