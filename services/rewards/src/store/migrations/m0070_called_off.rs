//! Events can be called off: when, by whom and why.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0070_called_off", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE events ADD COLUMN cancelled_at bigint;
ALTER TABLE events ADD COLUMN cancelled_by text;
ALTER TABLE events ADD COLUMN cancelled_for text;
CREATE INDEX events_called_off ON events (code) WHERE closed = 0 AND cancelled_at IS NOT NULL;
";

const SQLITE: &str = "
ALTER TABLE events ADD COLUMN cancelled_at INTEGER;
ALTER TABLE events ADD COLUMN cancelled_by TEXT;
ALTER TABLE events ADD COLUMN cancelled_for TEXT;
CREATE INDEX events_called_off ON events (code) WHERE closed = 0 AND cancelled_at IS NOT NULL;
";
