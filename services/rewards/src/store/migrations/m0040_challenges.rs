//! Challenges and contests, how far each member has come, and the purchases by which that is counted.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0040_challenges", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE challenges (
    code text PRIMARY KEY,
    document text NOT NULL,
    stage text NOT NULL,
    days text NOT NULL,
    starts_at bigint NOT NULL,
    ends_at bigint NOT NULL,
    closes_at bigint NOT NULL,
    live_at bigint,
    withdrawn_at bigint,
    decided_at bigint,
    changed_at bigint NOT NULL
);
CREATE INDEX challenges_live ON challenges (closes_at, code) WHERE stage = 'live';
CREATE TABLE challenge_entries (
    challenge text NOT NULL,
    member_id uuid NOT NULL,
    counted bigint NOT NULL CHECK (counted >= 0),
    since bigint NOT NULL,
    reached_at bigint,
    place bigint,
    gift_id uuid UNIQUE,
    PRIMARY KEY (challenge, member_id)
);
CREATE INDEX challenge_entries_by_member ON challenge_entries (member_id);
CREATE INDEX challenge_entries_ranked ON challenge_entries (challenge, counted DESC, since, member_id);
CREATE TABLE challenge_marks (
    challenge text NOT NULL,
    journal_id uuid NOT NULL,
    purchase_id uuid NOT NULL,
    member_id uuid NOT NULL,
    day bigint NOT NULL,
    branch text NOT NULL,
    measure bigint NOT NULL,
    made_at bigint NOT NULL,
    PRIMARY KEY (challenge, journal_id)
);
CREATE INDEX challenge_marks_by_member ON challenge_marks (member_id, challenge);
";

const SQLITE: &str = "
CREATE TABLE challenges (
    code TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    stage TEXT NOT NULL,
    days TEXT NOT NULL,
    starts_at INTEGER NOT NULL,
    ends_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    live_at INTEGER,
    withdrawn_at INTEGER,
    decided_at INTEGER,
    changed_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX challenges_live ON challenges (closes_at, code) WHERE stage = 'live';
CREATE TABLE challenge_entries (
    challenge TEXT NOT NULL,
    member_id BLOB NOT NULL,
    counted INTEGER NOT NULL CHECK (counted >= 0),
    since INTEGER NOT NULL,
    reached_at INTEGER,
    place INTEGER,
    gift_id BLOB UNIQUE,
    PRIMARY KEY (challenge, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX challenge_entries_by_member ON challenge_entries (member_id);
CREATE INDEX challenge_entries_ranked ON challenge_entries (challenge, counted DESC, since, member_id);
CREATE TABLE challenge_marks (
    challenge TEXT NOT NULL,
    journal_id BLOB NOT NULL,
    purchase_id BLOB NOT NULL,
    member_id BLOB NOT NULL,
    day INTEGER NOT NULL,
    branch TEXT NOT NULL,
    measure INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (challenge, journal_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX challenge_marks_by_member ON challenge_marks (member_id, challenge);
";
