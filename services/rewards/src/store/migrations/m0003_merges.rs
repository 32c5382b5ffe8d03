//! Members who turned out to be somebody else.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0003_merges", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE merged_members (
    member_id uuid PRIMARY KEY,
    survivor uuid NOT NULL
);
CREATE INDEX merged_members_survivor ON merged_members (survivor);
";

const SQLITE: &str = "
CREATE TABLE merged_members (
    member_id BLOB PRIMARY KEY,
    survivor BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_members_survivor ON merged_members (survivor);
";
