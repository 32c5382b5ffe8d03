//! Redemptions that are done can be cancelled: until when by the member, and who did it when and why.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0030_cancellations", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE redemptions ADD COLUMN cancel_by bigint;
ALTER TABLE redemptions ADD COLUMN cancelled_at bigint;
ALTER TABLE redemptions ADD COLUMN cancelled_by text;
ALTER TABLE redemptions ADD COLUMN cancelled_for text;
";

const SQLITE: &str = "
ALTER TABLE redemptions ADD COLUMN cancel_by INTEGER;
ALTER TABLE redemptions ADD COLUMN cancelled_at INTEGER;
ALTER TABLE redemptions ADD COLUMN cancelled_by TEXT;
ALTER TABLE redemptions ADD COLUMN cancelled_for TEXT;
";
