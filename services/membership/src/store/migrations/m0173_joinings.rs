//! First names that came with the asking for a code, until their members exist.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0173_joinings", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE joinings (
    sign_in_id uuid PRIMARY KEY,
    member_id uuid,
    sealed bytea NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE joinings (
    sign_in_id BLOB PRIMARY KEY,
    member_id BLOB,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;
";
