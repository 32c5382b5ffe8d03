//! Gifts, the rules that give them, their budgets, and who bought last when. A voucher may be a gift's: `redemption_id` is its id then.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0020_gifts", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE vouchers ADD COLUMN gift smallint NOT NULL DEFAULT 0;
CREATE TABLE gifts (
    id uuid PRIMARY KEY,
    source text NOT NULL,
    cause text NOT NULL,
    member_id uuid NOT NULL,
    why text NOT NULL,
    reward text NOT NULL,
    branch text,
    purchase_id uuid,
    state text NOT NULL,
    reason text,
    budgeted smallint NOT NULL,
    chain_stock smallint NOT NULL,
    branch_stock smallint NOT NULL,
    voucher_id uuid UNIQUE,
    undone_by uuid,
    caused_at bigint NOT NULL,
    ended_at bigint,
    told bigint NOT NULL,
    UNIQUE (source, cause, member_id)
);
CREATE INDEX gifts_by_member ON gifts (member_id, id);
CREATE INDEX gifts_by_purchase ON gifts (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX gifts_due ON gifts (id) WHERE state = 'due';
CREATE TABLE gift_budgets (
    source text PRIMARY KEY,
    most bigint NOT NULL,
    given bigint NOT NULL CHECK (given <= most)
);
CREATE TABLE gift_rules (
    code text PRIMARY KEY,
    document text NOT NULL,
    salt bytea NOT NULL,
    seen_to bigint NOT NULL,
    changed_at bigint NOT NULL
);
CREATE TABLE shoppers (
    member_id uuid PRIMARY KEY,
    purchases bigint NOT NULL,
    last_at bigint NOT NULL,
    last_purchase uuid NOT NULL,
    seq bigint NOT NULL
);
CREATE INDEX shoppers_by_last ON shoppers (last_at, member_id);
";

const SQLITE: &str = "
ALTER TABLE vouchers ADD COLUMN gift INTEGER NOT NULL DEFAULT 0;
CREATE TABLE gifts (
    id BLOB PRIMARY KEY,
    source TEXT NOT NULL,
    cause TEXT NOT NULL,
    member_id BLOB NOT NULL,
    why TEXT NOT NULL,
    reward TEXT NOT NULL,
    branch TEXT,
    purchase_id BLOB,
    state TEXT NOT NULL,
    reason TEXT,
    budgeted INTEGER NOT NULL,
    chain_stock INTEGER NOT NULL,
    branch_stock INTEGER NOT NULL,
    voucher_id BLOB UNIQUE,
    undone_by BLOB,
    caused_at INTEGER NOT NULL,
    ended_at INTEGER,
    told INTEGER NOT NULL,
    UNIQUE (source, cause, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX gifts_by_member ON gifts (member_id, id);
CREATE INDEX gifts_by_purchase ON gifts (purchase_id) WHERE purchase_id IS NOT NULL;
CREATE INDEX gifts_due ON gifts (id) WHERE state = 'due';
CREATE TABLE gift_budgets (
    source TEXT PRIMARY KEY,
    most INTEGER NOT NULL,
    given INTEGER NOT NULL CHECK (given <= most)
) STRICT, WITHOUT ROWID;
CREATE TABLE gift_rules (
    code TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    salt BLOB NOT NULL,
    seen_to INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE shoppers (
    member_id BLOB PRIMARY KEY,
    purchases INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    last_purchase BLOB NOT NULL,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX shoppers_by_last ON shoppers (last_at, member_id);
";
