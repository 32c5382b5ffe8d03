//! Plans that are paid in the app: checkouts, which payment of the provider paid for what, and money that no checkout wanted.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0166_checkouts", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE plan_checkouts (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    plan text NOT NULL,
    version bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    call_key text NOT NULL,
    begun_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    state text NOT NULL,
    payment text,
    page text,
    ended_at bigint,
    asked bigint NOT NULL,
    next_at bigint
);
CREATE UNIQUE INDEX plan_checkouts_by_key ON plan_checkouts (member_id, call_key);
CREATE UNIQUE INDEX plan_checkouts_open ON plan_checkouts (member_id) WHERE ended_at IS NULL;
CREATE INDEX plan_checkouts_by_next ON plan_checkouts (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX plan_checkouts_by_end ON plan_checkouts (ended_at, id) WHERE ended_at IS NOT NULL;
ALTER TABLE plan_payments ADD COLUMN checkout_id uuid;
ALTER TABLE plan_payments ADD COLUMN provider_payment text;
CREATE UNIQUE INDEX plan_payments_by_checkout ON plan_payments (checkout_id);
CREATE UNIQUE INDEX plan_payments_by_provider ON plan_payments (provider_payment);
CREATE TABLE stray_payments (
    id uuid PRIMARY KEY,
    payment text NOT NULL UNIQUE,
    checkout_id uuid,
    member_id uuid REFERENCES members (id),
    amount bigint NOT NULL,
    currency text NOT NULL,
    reason text NOT NULL,
    noted_at bigint NOT NULL,
    settled_at bigint,
    outcome text,
    settled_by uuid
);
CREATE INDEX stray_payments_open ON stray_payments (noted_at, id) WHERE settled_at IS NULL;
CREATE INDEX stray_payments_by_member ON stray_payments (member_id, noted_at) WHERE member_id IS NOT NULL;
";

const SQLITE: &str = "
CREATE TABLE plan_checkouts (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    plan TEXT NOT NULL,
    version INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    call_key TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    payment TEXT,
    page TEXT,
    ended_at INTEGER,
    asked INTEGER NOT NULL,
    next_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX plan_checkouts_by_key ON plan_checkouts (member_id, call_key);
CREATE UNIQUE INDEX plan_checkouts_open ON plan_checkouts (member_id) WHERE ended_at IS NULL;
CREATE INDEX plan_checkouts_by_next ON plan_checkouts (next_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX plan_checkouts_by_end ON plan_checkouts (ended_at, id) WHERE ended_at IS NOT NULL;
ALTER TABLE plan_payments ADD COLUMN checkout_id BLOB;
ALTER TABLE plan_payments ADD COLUMN provider_payment TEXT;
CREATE UNIQUE INDEX plan_payments_by_checkout ON plan_payments (checkout_id);
CREATE UNIQUE INDEX plan_payments_by_provider ON plan_payments (provider_payment);
CREATE TABLE stray_payments (
    id BLOB PRIMARY KEY,
    payment TEXT NOT NULL UNIQUE,
    checkout_id BLOB,
    member_id BLOB REFERENCES members (id),
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    settled_at INTEGER,
    outcome TEXT,
    settled_by BLOB
) STRICT, WITHOUT ROWID;
CREATE INDEX stray_payments_open ON stray_payments (noted_at, id) WHERE settled_at IS NULL;
CREATE INDEX stray_payments_by_member ON stray_payments (member_id, noted_at) WHERE member_id IS NOT NULL;
";
