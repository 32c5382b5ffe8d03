//! Signing in: codes that were asked for, messages on their way, sessions with their tokens, signing keys.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0003_sign_in", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE members ADD COLUMN confirmed_at bigint;
CREATE TABLE sign_ins (
    id uuid PRIMARY KEY,
    phone bytea NOT NULL,
    member_id uuid,
    code bytea NOT NULL,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    tries_left bigint NOT NULL CHECK (tries_left >= 0),
    used_at bigint
);
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
CREATE TABLE sign_in_messages (
    id uuid PRIMARY KEY REFERENCES sign_ins (id),
    member_id uuid,
    sealed bytea NOT NULL,
    expires_at bigint NOT NULL,
    due_at bigint NOT NULL
);
CREATE INDEX sign_in_messages_by_due ON sign_in_messages (due_at);
CREATE TABLE code_windows (
    subject bytea NOT NULL,
    since bigint NOT NULL,
    until bigint NOT NULL,
    used bigint NOT NULL,
    PRIMARY KEY (subject, since)
);
CREATE INDEX code_windows_by_end ON code_windows (until);
CREATE TABLE sessions (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    device bytea,
    started_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    stepped_up_until bigint,
    ended_at bigint,
    ended_why text
);
CREATE INDEX sessions_by_member ON sessions (member_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE refresh_tokens (
    digest bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES sessions (id),
    issued_at bigint NOT NULL,
    used_at bigint
);
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE TABLE signing_keys (
    number bigint PRIMARY KEY,
    signs_from bigint NOT NULL,
    secret bytea NOT NULL
);
";

const SQLITE: &str = "
ALTER TABLE members ADD COLUMN confirmed_at INTEGER;
CREATE TABLE sign_ins (
    id BLOB PRIMARY KEY,
    phone BLOB NOT NULL,
    member_id BLOB,
    code BLOB NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_ins_by_expiry ON sign_ins (expires_at);
CREATE TABLE sign_in_messages (
    id BLOB PRIMARY KEY REFERENCES sign_ins (id),
    member_id BLOB,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sign_in_messages_by_due ON sign_in_messages (due_at);
CREATE TABLE code_windows (
    subject BLOB NOT NULL,
    since INTEGER NOT NULL,
    until INTEGER NOT NULL,
    used INTEGER NOT NULL,
    PRIMARY KEY (subject, since)
) STRICT, WITHOUT ROWID;
CREATE INDEX code_windows_by_end ON code_windows (until);
CREATE TABLE sessions (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    device BLOB,
    started_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    stepped_up_until INTEGER,
    ended_at INTEGER,
    ended_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_member ON sessions (member_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE TABLE refresh_tokens (
    digest BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES sessions (id),
    issued_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id);
CREATE TABLE signing_keys (
    number INTEGER PRIMARY KEY,
    signs_from INTEGER NOT NULL,
    secret BLOB NOT NULL
) STRICT;
";
