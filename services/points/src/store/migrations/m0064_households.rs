//! Which of a member's facts said where they belong, so that an earlier one that comes late changes nothing. Who belongs
//! nowhere any more keeps a row that counts for nobody, in a household of their own id.

pub(super) const BOTH: &str = "
ALTER TABLE households ADD COLUMN told bigint NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN counts smallint NOT NULL DEFAULT 1;
";
