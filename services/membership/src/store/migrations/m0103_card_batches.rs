//! Batches of cards, and their numbers.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0103_card_batches", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE card_batches (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    made bigint NOT NULL,
    status text NOT NULL,
    ordered_at bigint NOT NULL
);
CREATE TABLE card_stock (
    digest bytea PRIMARY KEY,
    batch uuid NOT NULL REFERENCES card_batches (id),
    place bigint NOT NULL,
    value bytea NOT NULL,
    linked_at bigint
);
CREATE UNIQUE INDEX card_stock_by_place ON card_stock (batch, place);
";

const SQLITE: &str = "
CREATE TABLE card_batches (
    id BLOB PRIMARY KEY,
    name TEXT NOT NULL,
    size INTEGER NOT NULL CHECK (size > 0),
    made INTEGER NOT NULL,
    status TEXT NOT NULL,
    ordered_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE card_stock (
    digest BLOB PRIMARY KEY,
    batch BLOB NOT NULL REFERENCES card_batches (id),
    place INTEGER NOT NULL,
    value BLOB NOT NULL,
    linked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX card_stock_by_place ON card_stock (batch, place);
";
