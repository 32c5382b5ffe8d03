//! How staff sign in: invitations, passwords with second factors, attempts, sessions with their tokens.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0141_staff_sign_in", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE staff_invitations (
    digest bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    issued_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    password text,
    secret bytea
);
CREATE INDEX staff_invitations_by_staff ON staff_invitations (staff_id);
CREATE TABLE staff_accounts (
    staff_id uuid PRIMARY KEY REFERENCES staff (id),
    password text NOT NULL,
    secret bytea NOT NULL,
    used_step bigint,
    made_at bigint NOT NULL
);
CREATE TABLE staff_recovery_codes (
    digest bytea PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    used_at bigint
);
CREATE INDEX staff_recovery_codes_by_staff ON staff_recovery_codes (staff_id);
CREATE TABLE staff_attempts (
    subject bytea PRIMARY KEY,
    failed bigint NOT NULL,
    blocked_until bigint NOT NULL
);
CREATE TABLE staff_sessions (
    id uuid PRIMARY KEY,
    staff_id uuid NOT NULL REFERENCES staff (id),
    started_at bigint NOT NULL,
    last_used_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    ended_at bigint,
    ended_why text
);
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff_id);
CREATE INDEX staff_sessions_by_expiry ON staff_sessions (expires_at);
CREATE TABLE staff_tokens (
    digest bytea PRIMARY KEY,
    session_id uuid NOT NULL REFERENCES staff_sessions (id),
    kind text NOT NULL CHECK (kind IN ('access', 'refresh')),
    expires_at bigint NOT NULL,
    used_at bigint
);
CREATE INDEX staff_tokens_by_session ON staff_tokens (session_id);
";

const SQLITE: &str = "
CREATE TABLE staff_invitations (
    digest BLOB PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    issued_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    password TEXT,
    secret BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_invitations_by_staff ON staff_invitations (staff_id);
CREATE TABLE staff_accounts (
    staff_id BLOB PRIMARY KEY REFERENCES staff (id),
    password TEXT NOT NULL,
    secret BLOB NOT NULL,
    used_step INTEGER,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_recovery_codes (
    digest BLOB PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_recovery_codes_by_staff ON staff_recovery_codes (staff_id);
CREATE TABLE staff_attempts (
    subject BLOB PRIMARY KEY,
    failed INTEGER NOT NULL,
    blocked_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE staff_sessions (
    id BLOB PRIMARY KEY,
    staff_id BLOB NOT NULL REFERENCES staff (id),
    started_at INTEGER NOT NULL,
    last_used_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    ended_at INTEGER,
    ended_why TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_sessions_by_staff ON staff_sessions (staff_id);
CREATE INDEX staff_sessions_by_expiry ON staff_sessions (expires_at);
CREATE TABLE staff_tokens (
    digest BLOB PRIMARY KEY,
    session_id BLOB NOT NULL REFERENCES staff_sessions (id),
    kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh')),
    expires_at INTEGER NOT NULL,
    used_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX staff_tokens_by_session ON staff_tokens (session_id);
";
