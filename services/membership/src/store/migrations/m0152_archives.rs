//! Who had an archive of everything that is kept of a member, and when: it counts for how many there may be, and shows what the
//! staff did.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0152_archives", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE archives (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    made_at bigint NOT NULL,
    maker text NOT NULL,
    staff_id uuid
);
CREATE INDEX archives_by_member ON archives (member_id, made_at);
CREATE INDEX archives_by_time ON archives (made_at);
";

const SQLITE: &str = "
CREATE TABLE archives (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    made_at INTEGER NOT NULL,
    maker TEXT NOT NULL,
    staff_id BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX archives_by_member ON archives (member_id, made_at);
CREATE INDEX archives_by_time ON archives (made_at);
";
