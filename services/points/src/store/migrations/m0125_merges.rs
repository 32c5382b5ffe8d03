//! Members whose accounts went into another one: an id that leads to whoever has everything of theirs now, always in one step.

pub(super) const POSTGRES: &str = "
CREATE TABLE merged_members (
    member_id uuid PRIMARY KEY,
    survivor uuid NOT NULL CHECK (survivor <> member_id),
    merged_at bigint NOT NULL
);
CREATE INDEX merged_members_survivor ON merged_members (survivor);
";

pub(super) const SQLITE: &str = "
CREATE TABLE merged_members (
    member_id BLOB PRIMARY KEY,
    survivor BLOB NOT NULL CHECK (survivor <> member_id),
    merged_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_members_survivor ON merged_members (survivor);
";
