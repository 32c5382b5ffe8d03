//! Changes of members' phones, and messages that are not about signing in.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0167_phone_changes", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE phone_changes (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    session_id uuid,
    asked_by text,
    reason text NOT NULL,
    phone bytea NOT NULL,
    former bytea,
    phones bytea NOT NULL,
    code bytea NOT NULL,
    tries_left bigint NOT NULL CHECK (tries_left >= 0),
    status text NOT NULL,
    asked_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    confirmed_at bigint,
    approved_by text,
    changed_at bigint,
    recall bytea,
    recall_until bigint,
    guarded_until bigint,
    ended_at bigint,
    over_at bigint NOT NULL
);
CREATE INDEX phone_changes_by_member ON phone_changes (member_id, asked_at);
CREATE INDEX phone_changes_by_over ON phone_changes (over_at);
CREATE UNIQUE INDEX phone_changes_by_recall ON phone_changes (recall) WHERE recall IS NOT NULL;
CREATE INDEX identifiers_given_up ON identifiers (blocked_at) WHERE kind = 'phone' AND NOT active;
ALTER TABLE sign_in_messages DROP CONSTRAINT IF EXISTS sign_in_messages_id_fkey;
ALTER TABLE sign_in_messages ADD COLUMN kind text NOT NULL DEFAULT 'code';
";

const SQLITE: &str = "
CREATE TABLE phone_changes (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    session_id BLOB,
    asked_by TEXT,
    reason TEXT NOT NULL,
    phone BLOB NOT NULL,
    former BLOB,
    phones BLOB NOT NULL,
    code BLOB NOT NULL,
    tries_left INTEGER NOT NULL CHECK (tries_left >= 0),
    status TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    confirmed_at INTEGER,
    approved_by TEXT,
    changed_at INTEGER,
    recall BLOB,
    recall_until INTEGER,
    guarded_until INTEGER,
    ended_at INTEGER,
    over_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_changes_by_member ON phone_changes (member_id, asked_at);
CREATE INDEX phone_changes_by_over ON phone_changes (over_at);
CREATE UNIQUE INDEX phone_changes_by_recall ON phone_changes (recall) WHERE recall IS NOT NULL;
CREATE INDEX identifiers_given_up ON identifiers (blocked_at) WHERE kind = 'phone' AND NOT active;
CREATE TABLE messages_of_all_kinds (
    id BLOB PRIMARY KEY,
    member_id BLOB,
    sealed BLOB NOT NULL,
    expires_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    kind TEXT NOT NULL DEFAULT 'code'
) STRICT, WITHOUT ROWID;
INSERT INTO messages_of_all_kinds (id, member_id, sealed, expires_at, due_at)
    SELECT id, member_id, sealed, expires_at, due_at FROM sign_in_messages;
DROP TABLE sign_in_messages;
ALTER TABLE messages_of_all_kinds RENAME TO sign_in_messages;
CREATE INDEX sign_in_messages_by_due ON sign_in_messages (due_at);
";
