//! Places, tills and their keys, members, identifiers, activity.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0001_members", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE regions (
    code text PRIMARY KEY,
    name_fa text,
    name_ar text,
    name_en text,
    opened_at bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE branches (
    code text PRIMARY KEY,
    region text NOT NULL REFERENCES regions (code),
    name_fa text,
    name_ar text,
    name_en text,
    time_zone text,
    opened_at bigint NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE tills (
    branch text NOT NULL REFERENCES branches (code),
    code text NOT NULL,
    enrolled_at bigint NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (branch, code)
);
CREATE TABLE till_keys (
    id uuid PRIMARY KEY,
    branch text NOT NULL,
    till text NOT NULL,
    digest bytea NOT NULL UNIQUE,
    issued_at bigint NOT NULL,
    revoked_at bigint,
    FOREIGN KEY (branch, till) REFERENCES tills (branch, code)
);
CREATE INDEX till_keys_by_till ON till_keys (branch, till);
CREATE TABLE members (
    id uuid PRIMARY KEY,
    status text NOT NULL,
    first_name bytea NOT NULL,
    language text NOT NULL,
    joined_at bigint NOT NULL,
    branch text,
    till text,
    version bigint NOT NULL
);
CREATE TABLE identifiers (
    digest bytea PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    kind text NOT NULL,
    value bytea NOT NULL,
    active boolean NOT NULL,
    linked_at bigint NOT NULL
);
CREATE INDEX identifiers_by_member ON identifiers (member_id);
CREATE TABLE activity (
    member_id uuid PRIMARY KEY,
    purchases bigint NOT NULL,
    first_at bigint NOT NULL,
    last_at bigint NOT NULL,
    last_branch text NOT NULL,
    seen bigint NOT NULL,
    gaps text NOT NULL,
    revision bigint NOT NULL
) WITH (fillfactor = 70);
";

const SQLITE: &str = "
CREATE TABLE regions (
    code TEXT PRIMARY KEY,
    name_fa TEXT,
    name_ar TEXT,
    name_en TEXT,
    opened_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE branches (
    code TEXT PRIMARY KEY,
    region TEXT NOT NULL REFERENCES regions (code),
    name_fa TEXT,
    name_ar TEXT,
    name_en TEXT,
    time_zone TEXT,
    opened_at INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE tills (
    branch TEXT NOT NULL REFERENCES branches (code),
    code TEXT NOT NULL,
    enrolled_at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (branch, code)
) STRICT, WITHOUT ROWID;
CREATE TABLE till_keys (
    id BLOB PRIMARY KEY,
    branch TEXT NOT NULL,
    till TEXT NOT NULL,
    digest BLOB NOT NULL UNIQUE,
    issued_at INTEGER NOT NULL,
    revoked_at INTEGER,
    FOREIGN KEY (branch, till) REFERENCES tills (branch, code)
) STRICT, WITHOUT ROWID;
CREATE INDEX till_keys_by_till ON till_keys (branch, till);
CREATE TABLE members (
    id BLOB PRIMARY KEY,
    status TEXT NOT NULL,
    first_name BLOB NOT NULL,
    language TEXT NOT NULL,
    joined_at INTEGER NOT NULL,
    branch TEXT,
    till TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE identifiers (
    digest BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    kind TEXT NOT NULL,
    value BLOB NOT NULL,
    active INTEGER NOT NULL,
    linked_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX identifiers_by_member ON identifiers (member_id);
CREATE TABLE activity (
    member_id BLOB PRIMARY KEY,
    purchases INTEGER NOT NULL,
    first_at INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    last_branch TEXT NOT NULL,
    seen INTEGER NOT NULL,
    gaps TEXT NOT NULL,
    revision INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
