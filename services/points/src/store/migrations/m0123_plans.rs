//! Paid plans of members, as membership tells them: which segment they are in by what they pay for.

pub const POSTGRES: &str = "
CREATE TABLE plan_standings (
    member_id uuid PRIMARY KEY,
    seq bigint NOT NULL,
    segment text
);
";

pub const SQLITE: &str = "
CREATE TABLE plan_standings (
    member_id BLOB PRIMARY KEY,
    seq INTEGER NOT NULL,
    segment TEXT
) STRICT, WITHOUT ROWID;
";
