//! What each member buys, by categories and thirty-day periods.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0051_tastes", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE tastes (
    member_id uuid NOT NULL,
    category text NOT NULL,
    period bigint NOT NULL,
    buckets text NOT NULL,
    PRIMARY KEY (member_id, category)
);
";

const SQLITE: &str = "
CREATE TABLE tastes (
    member_id BLOB NOT NULL,
    category TEXT NOT NULL,
    period INTEGER NOT NULL,
    buckets TEXT NOT NULL,
    PRIMARY KEY (member_id, category)
) STRICT, WITHOUT ROWID;
";
