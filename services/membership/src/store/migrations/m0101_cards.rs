//! What became of cards that lead to nobody any more.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0101_cards", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE identifiers ADD COLUMN blocked_at bigint;
ALTER TABLE identifiers ADD COLUMN blocked_why text;
ALTER TABLE identifiers ADD COLUMN replaced_by bytea;
";

const SQLITE: &str = "
ALTER TABLE identifiers ADD COLUMN blocked_at INTEGER;
ALTER TABLE identifiers ADD COLUMN blocked_why TEXT;
ALTER TABLE identifiers ADD COLUMN replaced_by BLOB;
";
