//! Accounts that somebody else may have taken over, until when, and how many points may still be spent.

pub(super) const POSTGRES: &str = "
CREATE TABLE guards (
    member_id uuid PRIMARY KEY,
    until bigint NOT NULL,
    points_left bigint NOT NULL CHECK (points_left >= 0)
);
";

pub(super) const SQLITE: &str = "
CREATE TABLE guards (
    member_id BLOB PRIMARY KEY,
    until INTEGER NOT NULL,
    points_left INTEGER NOT NULL CHECK (points_left >= 0)
) STRICT, WITHOUT ROWID;
";
