//! Keyed hashes whose key went lead nowhere; they are kept for a day, so that no late word brings them back.

pub(super) const POSTGRES: &str = "
ALTER TABLE identifiers ADD COLUMN gone_at bigint;
CREATE INDEX identifiers_by_gone ON identifiers (gone_at) WHERE gone_at IS NOT NULL;
";

pub(super) const SQLITE: &str = "
ALTER TABLE identifiers ADD COLUMN gone_at integer;
CREATE INDEX identifiers_by_gone ON identifiers (gone_at) WHERE gone_at IS NOT NULL;
";
