//! Webhooks, the messages to them, and the attempts.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0001_webhooks", POSTGRES, SQLITE).boxed()
}

// A row of `owners` is held while its webhooks are counted, so that no two make one too many.
const POSTGRES: &str = "
CREATE TABLE owners (
    owner text PRIMARY KEY,
    turns bigint NOT NULL
);
CREATE TABLE webhooks (
    id uuid PRIMARY KEY,
    owner text NOT NULL,
    url text NOT NULL,
    kinds text NOT NULL,
    branches text NOT NULL,
    state text NOT NULL,
    secret bytea NOT NULL,
    old_secret bytea,
    old_secret_until bigint,
    failures integer NOT NULL,
    failing_since bigint,
    paused_until bigint,
    leased_until bigint NOT NULL,
    served_at bigint NOT NULL,
    created_at bigint NOT NULL
);
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);
CREATE TABLE deliveries (
    id uuid PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES webhooks (id),
    fact_id uuid NOT NULL,
    kind text NOT NULL,
    body text,
    standing smallint NOT NULL,
    attempts integer NOT NULL,
    next_at bigint NOT NULL,
    deadline bigint NOT NULL,
    created_at bigint NOT NULL,
    finished_at bigint,
    last_status integer,
    last_outcome text,
    UNIQUE (webhook_id, fact_id)
);
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_at, id) WHERE standing = 0;
CREATE INDEX deliveries_by_deadline ON deliveries (deadline) WHERE standing = 0;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_finished ON deliveries (standing, finished_at) WHERE standing <> 0;
CREATE TABLE attempts (
    delivery_id uuid NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number integer NOT NULL,
    at bigint NOT NULL,
    took_ms integer NOT NULL,
    status integer,
    outcome text NOT NULL,
    PRIMARY KEY (delivery_id, number)
);
";

const SQLITE: &str = "
CREATE TABLE owners (
    owner TEXT PRIMARY KEY,
    turns INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE webhooks (
    id BLOB PRIMARY KEY,
    owner TEXT NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT NOT NULL,
    branches TEXT NOT NULL,
    state TEXT NOT NULL,
    secret BLOB NOT NULL,
    old_secret BLOB,
    old_secret_until INTEGER,
    failures INTEGER NOT NULL,
    failing_since INTEGER,
    paused_until INTEGER,
    leased_until INTEGER NOT NULL,
    served_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX webhooks_by_owner ON webhooks (owner, id);
CREATE TABLE deliveries (
    id BLOB PRIMARY KEY,
    webhook_id BLOB NOT NULL REFERENCES webhooks (id),
    fact_id BLOB NOT NULL,
    kind TEXT NOT NULL,
    body TEXT,
    standing INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    next_at INTEGER NOT NULL,
    deadline INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    finished_at INTEGER,
    last_status INTEGER,
    last_outcome TEXT,
    UNIQUE (webhook_id, fact_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_due ON deliveries (webhook_id, next_at, id) WHERE standing = 0;
CREATE INDEX deliveries_by_deadline ON deliveries (deadline) WHERE standing = 0;
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, id);
CREATE INDEX deliveries_finished ON deliveries (standing, finished_at) WHERE standing <> 0;
CREATE TABLE attempts (
    delivery_id BLOB NOT NULL REFERENCES deliveries (id) ON DELETE CASCADE,
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    took_ms INTEGER NOT NULL,
    status INTEGER,
    outcome TEXT NOT NULL,
    PRIMARY KEY (delivery_id, number)
) STRICT, WITHOUT ROWID;
";
