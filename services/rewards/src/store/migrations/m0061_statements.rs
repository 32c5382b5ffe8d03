//! Statements for sponsors: once closed, for ever.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0061_statements", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE statements (
    number bigint PRIMARY KEY,
    sponsor text NOT NULL,
    from_day integer NOT NULL,
    to_day integer NOT NULL CHECK (to_day >= from_day),
    charge bigint NOT NULL,
    correction bigint NOT NULL,
    closed_at bigint NOT NULL,
    closed_by text NOT NULL,
    UNIQUE (sponsor, from_day),
    UNIQUE (sponsor, to_day)
);
CREATE TABLE statement_lines (
    number bigint NOT NULL,
    place integer NOT NULL,
    reward text NOT NULL,
    version integer NOT NULL,
    what text NOT NULL,
    units bigint NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (number, place)
);
";

const SQLITE: &str = "
CREATE TABLE statements (
    number INTEGER PRIMARY KEY,
    sponsor TEXT NOT NULL,
    from_day INTEGER NOT NULL,
    to_day INTEGER NOT NULL CHECK (to_day >= from_day),
    charge INTEGER NOT NULL,
    correction INTEGER NOT NULL,
    closed_at INTEGER NOT NULL,
    closed_by TEXT NOT NULL,
    UNIQUE (sponsor, from_day),
    UNIQUE (sponsor, to_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE statement_lines (
    number INTEGER NOT NULL,
    place INTEGER NOT NULL,
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    what TEXT NOT NULL,
    units INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (number, place)
) STRICT, WITHOUT ROWID;
";
