//! Whom the identity provider's subjects lead to.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0171_staff_subjects", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE staff_subjects (
    digest bytea PRIMARY KEY,
    staff_id uuid NOT NULL UNIQUE REFERENCES staff (id),
    linked_at bigint NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE staff_subjects (
    digest BLOB PRIMARY KEY,
    staff_id BLOB NOT NULL UNIQUE REFERENCES staff (id),
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
