//! Paid plans: what the chain sells, which members have, and what they paid. Branch, till, receipt and key are of what a till took.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0165_plans", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE plan_terms (
    plan text NOT NULL,
    version bigint NOT NULL,
    terms text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (plan, version)
);
CREATE TABLE subscriptions (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    plan text NOT NULL,
    version bigint NOT NULL,
    anchor integer NOT NULL,
    months bigint NOT NULL CHECK (months > 0),
    renew_days bigint NOT NULL,
    grace_days bigint NOT NULL,
    cancelled_at bigint,
    standing text NOT NULL,
    told bigint NOT NULL,
    next_on integer
);
CREATE INDEX subscriptions_by_next ON subscriptions (next_on, member_id) WHERE next_on IS NOT NULL;
CREATE TABLE plan_payments (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    plan text NOT NULL,
    version bigint NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    currency text NOT NULL,
    first_day integer NOT NULL,
    last_day integer NOT NULL,
    paid_at bigint NOT NULL,
    branch text,
    till text,
    receipt text,
    call_key text
);
CREATE UNIQUE INDEX plan_payments_by_receipt ON plan_payments (branch, till, receipt);
CREATE UNIQUE INDEX plan_payments_by_key ON plan_payments (branch, till, call_key);
CREATE UNIQUE INDEX plan_payments_by_period ON plan_payments (member_id, first_day);
";

const SQLITE: &str = "
CREATE TABLE plan_terms (
    plan TEXT NOT NULL,
    version INTEGER NOT NULL,
    terms TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (plan, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE subscriptions (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    plan TEXT NOT NULL,
    version INTEGER NOT NULL,
    anchor INTEGER NOT NULL,
    months INTEGER NOT NULL CHECK (months > 0),
    renew_days INTEGER NOT NULL,
    grace_days INTEGER NOT NULL,
    cancelled_at INTEGER,
    standing TEXT NOT NULL,
    told INTEGER NOT NULL,
    next_on INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX subscriptions_by_next ON subscriptions (next_on, member_id) WHERE next_on IS NOT NULL;
CREATE TABLE plan_payments (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    plan TEXT NOT NULL,
    version INTEGER NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    first_day INTEGER NOT NULL,
    last_day INTEGER NOT NULL,
    paid_at INTEGER NOT NULL,
    branch TEXT,
    till TEXT,
    receipt TEXT,
    call_key TEXT
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX plan_payments_by_receipt ON plan_payments (branch, till, receipt);
CREATE UNIQUE INDEX plan_payments_by_key ON plan_payments (branch, till, call_key);
CREATE UNIQUE INDEX plan_payments_by_period ON plan_payments (member_id, first_day);
";
