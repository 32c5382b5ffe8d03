//! When members joined, for rules that ask for it; unknown for those who were heard of before this step.

pub(super) const BOTH: &str = "
ALTER TABLE members ADD COLUMN joined_at bigint;
";
