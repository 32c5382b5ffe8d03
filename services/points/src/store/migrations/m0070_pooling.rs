//! Who speaks for a household, and since when members belong to it: pools go by both. Rows of earlier steps count as long ago,
//! and speak for nobody until the next word about them.

pub(super) const BOTH: &str = "
ALTER TABLE households ADD COLUMN head smallint NOT NULL DEFAULT 0;
ALTER TABLE households ADD COLUMN since bigint NOT NULL DEFAULT 0;
";
