//! Draws can be cancelled before they close: when, by whom and why, and whether points are still to be given back.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0071_cancelled_draws", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE draws ADD COLUMN cancelled_at bigint;
ALTER TABLE draws ADD COLUMN cancelled_by text;
ALTER TABLE draws ADD COLUMN cancelled_for text;
ALTER TABLE draws ADD COLUMN to_refund smallint NOT NULL DEFAULT 0;
CREATE INDEX draws_to_refund ON draws (code) WHERE to_refund = 1;
CREATE INDEX draw_entries_redeemed ON draw_entries (draw, id) WHERE source = 'redemption' AND state = 'live';
";

const SQLITE: &str = "
ALTER TABLE draws ADD COLUMN cancelled_at INTEGER;
ALTER TABLE draws ADD COLUMN cancelled_by TEXT;
ALTER TABLE draws ADD COLUMN cancelled_for TEXT;
ALTER TABLE draws ADD COLUMN to_refund INTEGER NOT NULL DEFAULT 0;
CREATE INDEX draws_to_refund ON draws (code) WHERE to_refund = 1;
CREATE INDEX draw_entries_redeemed ON draw_entries (draw, id) WHERE source = 'redemption' AND state = 'live';
";
