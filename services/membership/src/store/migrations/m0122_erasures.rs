//! Members who left: erased here, and what the other services say of it.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0122_erasures", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE erasures (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    erased_at bigint NOT NULL,
    reason text NOT NULL,
    points_at bigint
);
CREATE INDEX erasures_by_time ON erasures (erased_at, member_id);
";

const SQLITE: &str = "
CREATE TABLE erasures (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    erased_at INTEGER NOT NULL,
    reason TEXT NOT NULL,
    points_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX erasures_by_time ON erasures (erased_at, member_id);
";
