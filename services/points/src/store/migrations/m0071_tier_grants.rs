//! A tier that a person granted can be ended before its day: by whom, when and why.

pub(super) const BOTH: &str = "
ALTER TABLE tier_grants ADD COLUMN ended_at bigint;
ALTER TABLE tier_grants ADD COLUMN ended_by text;
ALTER TABLE tier_grants ADD COLUMN end_reason text;
";
