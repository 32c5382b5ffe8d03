//! Redemptions of rewards for which no points are to be set aside any more, by their ids.

pub(super) const POSTGRES: &str = "
CREATE TABLE ended_redemptions (
    redemption_id uuid PRIMARY KEY,
    reason text NOT NULL,
    ended_at bigint NOT NULL
);
";

pub(super) const SQLITE: &str = "
CREATE TABLE ended_redemptions (
    redemption_id BLOB PRIMARY KEY,
    reason TEXT NOT NULL,
    ended_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";
