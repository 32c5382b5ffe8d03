//! When members showed that the phone is theirs; unknown for those who did before this step, about whom membership is asked.

pub(super) const BOTH: &str = "
ALTER TABLE members ADD COLUMN confirmed_at bigint;
";
