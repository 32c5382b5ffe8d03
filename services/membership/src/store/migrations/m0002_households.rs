//! Households and who belongs to them.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0002_households", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE households (
    id uuid PRIMARY KEY,
    members integer NOT NULL CHECK (members >= 0)
);
CREATE TABLE household_members (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    household uuid NOT NULL REFERENCES households (id),
    role text NOT NULL,
    since bigint NOT NULL
);
CREATE INDEX household_members_by_household ON household_members (household);
";

const SQLITE: &str = "
CREATE TABLE households (
    id BLOB PRIMARY KEY,
    members INTEGER NOT NULL CHECK (members >= 0)
) STRICT, WITHOUT ROWID;
CREATE TABLE household_members (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    household BLOB NOT NULL REFERENCES households (id),
    role TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX household_members_by_household ON household_members (household);
";
