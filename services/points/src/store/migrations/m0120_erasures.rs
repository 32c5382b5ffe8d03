//! Members whose data was erased: the list by which membership erases again what a backup brought back.

pub(super) const POSTGRES: &str = "
CREATE TABLE erased_members (
    member_id uuid PRIMARY KEY,
    erased_at bigint NOT NULL
);
";

pub(super) const SQLITE: &str = "
CREATE TABLE erased_members (
    member_id BLOB PRIMARY KEY,
    erased_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
