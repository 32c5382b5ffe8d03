//! Batches of codes without members, and their codes.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0032_code_batches", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE code_batches (
    id uuid PRIMARY KEY,
    reward text NOT NULL,
    version integer NOT NULL,
    wanted integer NOT NULL CHECK (wanted > 0),
    made integer NOT NULL CHECK (made >= 0 AND made <= wanted),
    places text NOT NULL,
    state text NOT NULL,
    valid_until bigint NOT NULL,
    created_at bigint NOT NULL,
    created_by text NOT NULL,
    made_at bigint,
    fetched_at bigint,
    fetched_by text,
    fetched_key uuid,
    revoked_at bigint,
    revoked_by text,
    revoked_for text,
    request_key uuid NOT NULL UNIQUE,
    fingerprint uuid NOT NULL
);
CREATE INDEX code_batches_to_make ON code_batches (id) WHERE state = 'making';
CREATE TABLE bearer_codes (
    id uuid PRIMARY KEY,
    batch_id uuid NOT NULL,
    number integer NOT NULL,
    code_hash uuid NOT NULL UNIQUE,
    code_sealed bytea,
    sealed_by smallint,
    use_id uuid UNIQUE,
    used_at bigint,
    cancelled_at bigint,
    branch text,
    till text,
    receipt text,
    request_key uuid UNIQUE,
    fingerprint uuid,
    told bigint NOT NULL,
    UNIQUE (batch_id, number)
);
CREATE INDEX bearer_codes_used ON bearer_codes (batch_id) WHERE used_at IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX bearer_codes_by_key ON bearer_codes (sealed_by) WHERE sealed_by IS NOT NULL;
";

const SQLITE: &str = "
CREATE TABLE code_batches (
    id BLOB PRIMARY KEY,
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    wanted INTEGER NOT NULL CHECK (wanted > 0),
    made INTEGER NOT NULL CHECK (made >= 0 AND made <= wanted),
    places TEXT NOT NULL,
    state TEXT NOT NULL,
    valid_until INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    made_at INTEGER,
    fetched_at INTEGER,
    fetched_by TEXT,
    fetched_key BLOB,
    revoked_at INTEGER,
    revoked_by TEXT,
    revoked_for TEXT,
    request_key BLOB NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX code_batches_to_make ON code_batches (id) WHERE state = 'making';
CREATE TABLE bearer_codes (
    id BLOB PRIMARY KEY,
    batch_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    code_hash BLOB NOT NULL UNIQUE,
    code_sealed BLOB,
    sealed_by INTEGER,
    use_id BLOB UNIQUE,
    used_at INTEGER,
    cancelled_at INTEGER,
    branch TEXT,
    till TEXT,
    receipt TEXT,
    request_key BLOB UNIQUE,
    fingerprint BLOB,
    told INTEGER NOT NULL,
    UNIQUE (batch_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX bearer_codes_used ON bearer_codes (batch_id) WHERE used_at IS NOT NULL AND cancelled_at IS NULL;
CREATE INDEX bearer_codes_by_key ON bearer_codes (sealed_by) WHERE sealed_by IS NOT NULL;
";
