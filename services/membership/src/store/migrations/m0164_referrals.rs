//! Referrals: what the chain promises, members' codes, who referred whom, and on which installation of the app a session is.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0164_referrals", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE referral_terms (
    version bigint PRIMARY KEY,
    terms text NOT NULL,
    since bigint NOT NULL
);
CREATE TABLE referral_codes (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    code text NOT NULL UNIQUE,
    made_at bigint NOT NULL
);
CREATE TABLE referrals (
    friend uuid PRIMARY KEY REFERENCES members (id),
    referrer uuid NOT NULL REFERENCES members (id),
    made_at bigint NOT NULL,
    minimum_amount bigint NOT NULL CHECK (minimum_amount > 0),
    currency text NOT NULL,
    until bigint NOT NULL,
    counted_at bigint,
    purchase uuid,
    amount bigint,
    undone_at bigint,
    CHECK (friend <> referrer)
);
CREATE INDEX referrals_by_referrer ON referrals (referrer, made_at);
CREATE INDEX referrals_by_end ON referrals (until);
CREATE TABLE referral_returns (
    return_id uuid PRIMARY KEY,
    friend uuid NOT NULL REFERENCES referrals (friend),
    amount bigint NOT NULL
);
CREATE INDEX referral_returns_by_friend ON referral_returns (friend);
ALTER TABLE sessions ADD COLUMN installation bytea;
";

const SQLITE: &str = "
CREATE TABLE referral_terms (
    version INTEGER PRIMARY KEY,
    terms TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT;
CREATE TABLE referral_codes (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    code TEXT NOT NULL UNIQUE,
    made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE referrals (
    friend BLOB PRIMARY KEY REFERENCES members (id),
    referrer BLOB NOT NULL REFERENCES members (id),
    made_at INTEGER NOT NULL,
    minimum_amount INTEGER NOT NULL CHECK (minimum_amount > 0),
    currency TEXT NOT NULL,
    until INTEGER NOT NULL,
    counted_at INTEGER,
    purchase BLOB,
    amount INTEGER,
    undone_at INTEGER,
    CHECK (friend <> referrer)
) STRICT, WITHOUT ROWID;
CREATE INDEX referrals_by_referrer ON referrals (referrer, made_at);
CREATE INDEX referrals_by_end ON referrals (until);
CREATE TABLE referral_returns (
    return_id BLOB PRIMARY KEY,
    friend BLOB NOT NULL REFERENCES referrals (friend),
    amount INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX referral_returns_by_friend ON referral_returns (friend);
ALTER TABLE sessions ADD COLUMN installation BLOB;
";
