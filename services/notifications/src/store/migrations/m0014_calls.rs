//! Calls that people of the chain make to members.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0014_calls", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE calls (
    id uuid PRIMARY KEY,
    call_list text NOT NULL,
    member_id uuid NOT NULL,
    why text NOT NULL,
    asked_by uuid,
    asked_at bigint NOT NULL,
    state smallint NOT NULL,
    outcome text,
    done_by uuid,
    done_at bigint,
    UNIQUE (call_list, member_id)
);
CREATE INDEX calls_listed ON calls (call_list, state, id);
CREATE INDEX calls_of_member ON calls (member_id, id);
CREATE INDEX calls_asked ON calls (asked_at);
";

const SQLITE: &str = "
CREATE TABLE calls (
    id BLOB PRIMARY KEY,
    call_list TEXT NOT NULL,
    member_id BLOB NOT NULL,
    why TEXT NOT NULL,
    asked_by BLOB,
    asked_at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    outcome TEXT,
    done_by BLOB,
    done_at INTEGER,
    UNIQUE (call_list, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX calls_listed ON calls (call_list, state, id);
CREATE INDEX calls_of_member ON calls (member_id, id);
CREATE INDEX calls_asked ON calls (asked_at);
";
