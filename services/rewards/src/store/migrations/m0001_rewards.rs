//! The catalogue, its stock, redemptions, vouchers and their uses.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0001_rewards", POSTGRES, SQLITE).boxed()
}

// A row of `stock` with an empty branch is the chain's own.
const POSTGRES: &str = "
CREATE TABLE branches (
    branch text PRIMARY KEY,
    region text NOT NULL,
    seq bigint NOT NULL
);
CREATE TABLE erased_members (
    member_id uuid PRIMARY KEY,
    erased_at bigint NOT NULL
);
CREATE TABLE rewards (
    code text PRIMARY KEY,
    version integer NOT NULL,
    document text NOT NULL,
    kind text NOT NULL,
    points bigint NOT NULL,
    live_from bigint,
    live_until bigint,
    created_at bigint NOT NULL,
    changed_at bigint NOT NULL
);
CREATE TABLE reward_versions (
    code text NOT NULL,
    version integer NOT NULL,
    document text NOT NULL,
    made_at bigint NOT NULL,
    PRIMARY KEY (code, version)
);
CREATE TABLE stock (
    reward text NOT NULL,
    branch text NOT NULL,
    initial bigint NOT NULL,
    reserved bigint NOT NULL CHECK (reserved >= 0),
    issued bigint NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (reward, branch),
    CHECK (reserved + issued <= initial)
);
CREATE TABLE tallies (
    reward text NOT NULL,
    member_id uuid NOT NULL,
    period text NOT NULL,
    used bigint NOT NULL CHECK (used >= 0),
    PRIMARY KEY (member_id, reward, period)
);
CREATE TABLE redemptions (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    reward text NOT NULL,
    version integer NOT NULL,
    branch text,
    points bigint NOT NULL,
    money bigint NOT NULL,
    state text NOT NULL,
    reason text,
    missing bigint,
    requested_at bigint NOT NULL,
    due_at bigint NOT NULL,
    ended_at bigint,
    chain_stock smallint NOT NULL,
    branch_stock smallint NOT NULL,
    counted text NOT NULL,
    told bigint NOT NULL,
    request_key uuid NOT NULL UNIQUE,
    fingerprint uuid NOT NULL
);
CREATE INDEX redemptions_by_member ON redemptions (member_id, id);
CREATE INDEX redemptions_due ON redemptions (due_at) WHERE state = 'requested';
CREATE TABLE vouchers (
    id uuid PRIMARY KEY,
    redemption_id uuid NOT NULL UNIQUE,
    member_id uuid NOT NULL,
    reward text NOT NULL,
    version integer NOT NULL,
    worth bigint NOT NULL,
    money bigint NOT NULL,
    places text NOT NULL,
    state text NOT NULL,
    valid_until bigint NOT NULL,
    code_hash uuid UNIQUE,
    code_sealed bytea,
    sealed_by smallint,
    coupon_id uuid UNIQUE,
    created_at bigint NOT NULL,
    issued_at bigint,
    ended_at bigint,
    told bigint NOT NULL
);
CREATE INDEX vouchers_by_member ON vouchers (member_id, id);
CREATE INDEX vouchers_by_end ON vouchers (valid_until) WHERE state = 'issued';
CREATE INDEX vouchers_by_key ON vouchers (sealed_by) WHERE sealed_by IS NOT NULL;
CREATE TABLE voucher_uses (
    id uuid PRIMARY KEY,
    voucher_id uuid NOT NULL,
    amount bigint NOT NULL CHECK (amount > 0),
    state text NOT NULL,
    until bigint,
    branch text NOT NULL,
    till text NOT NULL,
    receipt text,
    made_at bigint NOT NULL,
    ended_at bigint,
    request_key uuid NOT NULL UNIQUE,
    fingerprint uuid NOT NULL
);
CREATE INDEX voucher_uses_by_voucher ON voucher_uses (voucher_id, id);
CREATE TABLE coupons (
    id uuid PRIMARY KEY,
    reward text NOT NULL,
    code_hash uuid NOT NULL,
    code_sealed bytea NOT NULL,
    sealed_by smallint NOT NULL,
    voucher_id uuid UNIQUE,
    imported_at bigint NOT NULL,
    UNIQUE (reward, code_hash)
);
CREATE INDEX coupons_free ON coupons (reward, id) WHERE voucher_id IS NULL;
CREATE INDEX coupons_by_key ON coupons (sealed_by);
CREATE TABLE guesses (
    who uuid PRIMARY KEY,
    since bigint NOT NULL,
    misses bigint NOT NULL
);
CREATE INDEX guesses_by_age ON guesses (since);
";

const SQLITE: &str = "
CREATE TABLE branches (
    branch TEXT PRIMARY KEY,
    region TEXT NOT NULL,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE erased_members (
    member_id BLOB PRIMARY KEY,
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE rewards (
    code TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    kind TEXT NOT NULL,
    points INTEGER NOT NULL,
    live_from INTEGER,
    live_until INTEGER,
    created_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE reward_versions (
    code TEXT NOT NULL,
    version INTEGER NOT NULL,
    document TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (code, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE stock (
    reward TEXT NOT NULL,
    branch TEXT NOT NULL,
    initial INTEGER NOT NULL,
    reserved INTEGER NOT NULL CHECK (reserved >= 0),
    issued INTEGER NOT NULL CHECK (issued >= 0),
    PRIMARY KEY (reward, branch),
    CHECK (reserved + issued <= initial)
) STRICT, WITHOUT ROWID;
CREATE TABLE tallies (
    reward TEXT NOT NULL,
    member_id BLOB NOT NULL,
    period TEXT NOT NULL,
    used INTEGER NOT NULL CHECK (used >= 0),
    PRIMARY KEY (member_id, reward, period)
) STRICT, WITHOUT ROWID;
CREATE TABLE redemptions (
    id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL,
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    branch TEXT,
    points INTEGER NOT NULL,
    money INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT,
    missing INTEGER,
    requested_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    ended_at INTEGER,
    chain_stock INTEGER NOT NULL,
    branch_stock INTEGER NOT NULL,
    counted TEXT NOT NULL,
    told INTEGER NOT NULL,
    request_key BLOB NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX redemptions_by_member ON redemptions (member_id, id);
CREATE INDEX redemptions_due ON redemptions (due_at) WHERE state = 'requested';
CREATE TABLE vouchers (
    id BLOB PRIMARY KEY,
    redemption_id BLOB NOT NULL UNIQUE,
    member_id BLOB NOT NULL,
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    worth INTEGER NOT NULL,
    money INTEGER NOT NULL,
    places TEXT NOT NULL,
    state TEXT NOT NULL,
    valid_until INTEGER NOT NULL,
    code_hash BLOB UNIQUE,
    code_sealed BLOB,
    sealed_by INTEGER,
    coupon_id BLOB UNIQUE,
    created_at INTEGER NOT NULL,
    issued_at INTEGER,
    ended_at INTEGER,
    told INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX vouchers_by_member ON vouchers (member_id, id);
CREATE INDEX vouchers_by_end ON vouchers (valid_until) WHERE state = 'issued';
CREATE INDEX vouchers_by_key ON vouchers (sealed_by) WHERE sealed_by IS NOT NULL;
CREATE TABLE voucher_uses (
    id BLOB PRIMARY KEY,
    voucher_id BLOB NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    state TEXT NOT NULL,
    until INTEGER,
    branch TEXT NOT NULL,
    till TEXT NOT NULL,
    receipt TEXT,
    made_at INTEGER NOT NULL,
    ended_at INTEGER,
    request_key BLOB NOT NULL UNIQUE,
    fingerprint BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX voucher_uses_by_voucher ON voucher_uses (voucher_id, id);
CREATE TABLE coupons (
    id BLOB PRIMARY KEY,
    reward TEXT NOT NULL,
    code_hash BLOB NOT NULL,
    code_sealed BLOB NOT NULL,
    sealed_by INTEGER NOT NULL,
    voucher_id BLOB UNIQUE,
    imported_at INTEGER NOT NULL,
    UNIQUE (reward, code_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX coupons_free ON coupons (reward, id) WHERE voucher_id IS NULL;
CREATE INDEX coupons_by_key ON coupons (sealed_by);
CREATE TABLE guesses (
    who BLOB PRIMARY KEY,
    since INTEGER NOT NULL,
    misses INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX guesses_by_age ON guesses (since);
";
