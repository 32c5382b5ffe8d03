//! Events and workshops, their seats and waiting lists.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0021_events", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE events (
    code text PRIMARY KEY,
    document text NOT NULL,
    seats bigint NOT NULL,
    taken bigint NOT NULL CHECK (taken >= 0),
    waiting bigint NOT NULL CHECK (waiting >= 0),
    queued bigint NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    closed smallint NOT NULL,
    changed_at bigint NOT NULL,
    CHECK (taken <= seats)
);
CREATE INDEX events_by_start ON events (starts_at, code);
CREATE INDEX events_open ON events (ends_at) WHERE closed = 0;
CREATE TABLE seats (
    id uuid PRIMARY KEY,
    event text NOT NULL,
    member_id uuid NOT NULL,
    state text NOT NULL,
    reason text,
    points bigint NOT NULL,
    position bigint NOT NULL,
    brought_by uuid UNIQUE,
    counted text NOT NULL,
    cancel_until bigint NOT NULL,
    asked_at bigint NOT NULL,
    ended_at bigint,
    told bigint NOT NULL,
    request_key uuid NOT NULL UNIQUE,
    fingerprint uuid NOT NULL
);
CREATE UNIQUE INDEX seats_once ON seats (event, member_id) WHERE state <> 'ended';
CREATE INDEX seats_by_member ON seats (member_id, id);
CREATE INDEX seats_waiting ON seats (event, position) WHERE state = 'waiting';
";

const SQLITE: &str = "
CREATE TABLE events (
    code TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    seats INTEGER NOT NULL,
    taken INTEGER NOT NULL CHECK (taken >= 0),
    waiting INTEGER NOT NULL CHECK (waiting >= 0),
    queued INTEGER NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    closed INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    CHECK (taken <= seats)
) STRICT, WITHOUT ROWID;
CREATE INDEX events_by_start ON events (starts_at, code);
CREATE INDEX events_open ON events (ends_at) WHERE closed = 0;
CREATE TABLE seats (
    id BLOB PRIMARY KEY,
    event TEXT NOT NULL,
    member_id BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    points INTEGER NOT NULL,
    position INTEGER NOT NULL,
    brought_by BLOB UNIQUE,
    counted TEXT NOT NULL,
    cancel_until INTEGER NOT NULL,
    asked_at INTEGER NOT NULL,
    ended_at INTEGER,
    told INTEGER NOT NULL,
    request_key BLOB NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX seats_once ON seats (event, member_id) WHERE state <> 'ended';
CREATE INDEX seats_by_member ON seats (member_id, id);
CREATE INDEX seats_waiting ON seats (event, position) WHERE state = 'waiting';
";
