//! Messages, the attempts at them, what providers cost each day, and members who are others or gone.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0001_messages", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE messages (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    kind text NOT NULL,
    cause text NOT NULL,
    named text NOT NULL,
    lane smallint NOT NULL,
    state smallint NOT NULL,
    why text,
    due_at bigint NOT NULL,
    not_after bigint NOT NULL,
    tries integer NOT NULL,
    failures integer NOT NULL,
    told_at bigint NOT NULL,
    queued_at bigint NOT NULL,
    finished_at bigint,
    UNIQUE (member_id, kind, cause)
);
CREATE INDEX messages_due ON messages (lane, due_at) WHERE state = 0;
CREATE INDEX messages_by_member ON messages (member_id, id);
CREATE INDEX messages_finished ON messages (finished_at) WHERE state <> 0;
CREATE INDEX messages_dead ON messages (id) WHERE state = 3;
CREATE TABLE attempts (
    id uuid PRIMARY KEY,
    message_id uuid NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    channel text NOT NULL,
    provider text NOT NULL,
    standing smallint NOT NULL,
    reference text,
    parts smallint NOT NULL,
    cost bigint NOT NULL,
    why text,
    begun_at bigint NOT NULL,
    noted_at bigint NOT NULL
);
CREATE INDEX attempts_by_message ON attempts (message_id);
CREATE INDEX attempts_by_reference ON attempts (provider, reference) WHERE reference IS NOT NULL;
CREATE TABLE spent (
    provider text NOT NULL,
    day integer NOT NULL,
    attempts bigint NOT NULL,
    parts bigint NOT NULL,
    cost bigint NOT NULL,
    PRIMARY KEY (provider, day)
);
CREATE TABLE merged_members (
    member_id uuid PRIMARY KEY,
    survivor uuid NOT NULL
);
CREATE TABLE erased_members (
    member_id uuid PRIMARY KEY,
    erased_at bigint NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE messages (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    cause TEXT NOT NULL,
    named TEXT NOT NULL,
    lane INTEGER NOT NULL,
    state INTEGER NOT NULL,
    why TEXT,
    due_at INTEGER NOT NULL,
    not_after INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    queued_at INTEGER NOT NULL,
    finished_at INTEGER,
    UNIQUE (member_id, kind, cause)
) STRICT, WITHOUT ROWID;
CREATE INDEX messages_due ON messages (lane, due_at) WHERE state = 0;
CREATE INDEX messages_by_member ON messages (member_id, id);
CREATE INDEX messages_finished ON messages (finished_at) WHERE state <> 0;
CREATE INDEX messages_dead ON messages (id) WHERE state = 3;
CREATE TABLE attempts (
    id BLOB PRIMARY KEY,
    message_id BLOB NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    channel TEXT NOT NULL,
    provider TEXT NOT NULL,
    standing INTEGER NOT NULL,
    reference TEXT,
    parts INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    why TEXT,
    begun_at INTEGER NOT NULL,
    noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX attempts_by_message ON attempts (message_id);
CREATE INDEX attempts_by_reference ON attempts (provider, reference) WHERE reference IS NOT NULL;
CREATE TABLE spent (
    provider TEXT NOT NULL,
    day INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    parts INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    PRIMARY KEY (provider, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE merged_members (
    member_id BLOB PRIMARY KEY,
    survivor BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE erased_members (
    member_id BLOB PRIMARY KEY,
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
