//! Personal offers, for whom they are by name, what members took up of them, and how far each member's purchases were heard of.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0050_personal_offers", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE personal_offers (
    code text PRIMARY KEY,
    document text NOT NULL,
    stage text NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    most bigint NOT NULL,
    most_cost bigint,
    listed bigint NOT NULL CHECK (listed >= 0),
    activated bigint NOT NULL CHECK (activated >= 0),
    taken bigint NOT NULL CHECK (taken >= 0),
    spent bigint NOT NULL CHECK (spent >= 0),
    live_at bigint,
    withdrawn_at bigint,
    changed_at bigint NOT NULL,
    CHECK (taken <= most),
    CHECK (most_cost IS NULL OR spent <= most_cost)
);
CREATE INDEX personal_offers_live ON personal_offers (ends_at, code) WHERE stage = 'live';
CREATE TABLE personal_offer_members (
    offer text NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (offer, member_id)
);
CREATE INDEX personal_offer_members_by_member ON personal_offer_members (member_id);
CREATE TABLE offer_takings (
    id uuid PRIMARY KEY,
    offer text NOT NULL,
    member_id uuid NOT NULL,
    number bigint NOT NULL,
    state text NOT NULL,
    cost bigint NOT NULL,
    activated_at bigint,
    use_by bigint NOT NULL,
    purchase_id uuid,
    measure bigint NOT NULL,
    gift_id uuid UNIQUE,
    ended_at bigint,
    UNIQUE (offer, member_id, number)
);
CREATE INDEX offer_takings_by_member ON offer_takings (member_id, id);
CREATE INDEX offer_takings_active ON offer_takings (use_by, id) WHERE state = 'active';
CREATE UNIQUE INDEX offer_takings_by_purchase ON offer_takings (purchase_id, offer) WHERE purchase_id IS NOT NULL;
CREATE TABLE offer_hearings (
    member_id uuid PRIMARY KEY,
    seq bigint NOT NULL
);
";

const SQLITE: &str = "
CREATE TABLE personal_offers (
    code TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    stage TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    most INTEGER NOT NULL,
    most_cost INTEGER,
    listed INTEGER NOT NULL CHECK (listed >= 0),
    activated INTEGER NOT NULL CHECK (activated >= 0),
    taken INTEGER NOT NULL CHECK (taken >= 0),
    spent INTEGER NOT NULL CHECK (spent >= 0),
    live_at INTEGER,
    withdrawn_at INTEGER,
    changed_at INTEGER NOT NULL,
    CHECK (taken <= most),
    CHECK (most_cost IS NULL OR spent <= most_cost)
) STRICT, WITHOUT ROWID;
CREATE INDEX personal_offers_live ON personal_offers (ends_at, code) WHERE stage = 'live';
CREATE TABLE personal_offer_members (
    offer TEXT NOT NULL,
    member_id BLOB NOT NULL,
    PRIMARY KEY (offer, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX personal_offer_members_by_member ON personal_offer_members (member_id);
CREATE TABLE offer_takings (
    id BLOB PRIMARY KEY,
    offer TEXT NOT NULL,
    member_id BLOB NOT NULL,
    number INTEGER NOT NULL,
    state TEXT NOT NULL,
    cost INTEGER NOT NULL,
    activated_at INTEGER,
    use_by INTEGER NOT NULL,
    purchase_id BLOB,
    measure INTEGER NOT NULL,
    gift_id BLOB UNIQUE,
    ended_at INTEGER,
    UNIQUE (offer, member_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX offer_takings_by_member ON offer_takings (member_id, id);
CREATE INDEX offer_takings_active ON offer_takings (use_by, id) WHERE state = 'active';
CREATE UNIQUE INDEX offer_takings_by_purchase ON offer_takings (purchase_id, offer) WHERE purchase_id IS NOT NULL;
CREATE TABLE offer_hearings (
    member_id BLOB PRIMARY KEY,
    seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
