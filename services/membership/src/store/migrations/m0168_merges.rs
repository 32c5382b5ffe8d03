//! Two memberships of one person that become one, and ids that lead to another member since then.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0168_merges", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE merges (
    id uuid PRIMARY KEY,
    survivor uuid NOT NULL REFERENCES members (id),
    absorbed uuid NOT NULL REFERENCES members (id),
    reason text NOT NULL,
    asked_by text NOT NULL,
    survivor_code bytea,
    survivor_tries bigint NOT NULL CHECK (survivor_tries >= 0),
    survivor_at bigint,
    absorbed_code bytea,
    absorbed_tries bigint NOT NULL CHECK (absorbed_tries >= 0),
    absorbed_at bigint,
    status text NOT NULL,
    asked_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    approved_by text,
    merged_at bigint,
    ended_at bigint,
    over_at bigint NOT NULL,
    CHECK (survivor <> absorbed),
    CHECK (survivor_code IS NOT NULL OR absorbed_code IS NOT NULL)
);
CREATE INDEX merges_by_survivor ON merges (survivor, asked_at);
CREATE INDEX merges_by_absorbed ON merges (absorbed);
CREATE INDEX merges_by_over ON merges (over_at);
CREATE TABLE merged_members (
    member_id uuid PRIMARY KEY REFERENCES members (id),
    survivor uuid NOT NULL REFERENCES members (id),
    merged_at bigint NOT NULL,
    CHECK (survivor <> member_id)
);
CREATE INDEX merged_members_by_survivor ON merged_members (survivor);
";

const SQLITE: &str = "
CREATE TABLE merges (
    id BLOB PRIMARY KEY,
    survivor BLOB NOT NULL REFERENCES members (id),
    absorbed BLOB NOT NULL REFERENCES members (id),
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    survivor_code BLOB,
    survivor_tries INTEGER NOT NULL CHECK (survivor_tries >= 0),
    survivor_at INTEGER,
    absorbed_code BLOB,
    absorbed_tries INTEGER NOT NULL CHECK (absorbed_tries >= 0),
    absorbed_at INTEGER,
    status TEXT NOT NULL,
    asked_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    approved_by TEXT,
    merged_at INTEGER,
    ended_at INTEGER,
    over_at INTEGER NOT NULL,
    CHECK (survivor <> absorbed),
    CHECK (survivor_code IS NOT NULL OR absorbed_code IS NOT NULL)
) STRICT, WITHOUT ROWID;
CREATE INDEX merges_by_survivor ON merges (survivor, asked_at);
CREATE INDEX merges_by_absorbed ON merges (absorbed);
CREATE INDEX merges_by_over ON merges (over_at);
CREATE TABLE merged_members (
    member_id BLOB PRIMARY KEY REFERENCES members (id),
    survivor BLOB NOT NULL REFERENCES members (id),
    merged_at INTEGER NOT NULL,
    CHECK (survivor <> member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_members_by_survivor ON merged_members (survivor);
";
