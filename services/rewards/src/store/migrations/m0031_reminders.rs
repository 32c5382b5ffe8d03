//! When each voucher was looked at last for reminders, and when it is next: those that there are already are looked at at once.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0031_reminders", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE vouchers ADD COLUMN reminded_at bigint NOT NULL DEFAULT 0;
ALTER TABLE vouchers ADD COLUMN remind_at bigint DEFAULT 0;
CREATE INDEX vouchers_to_remind ON vouchers (remind_at) WHERE state = 'issued' AND remind_at IS NOT NULL;
";

const SQLITE: &str = "
ALTER TABLE vouchers ADD COLUMN reminded_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE vouchers ADD COLUMN remind_at INTEGER DEFAULT 0;
CREATE INDEX vouchers_to_remind ON vouchers (remind_at) WHERE state = 'issued' AND remind_at IS NOT NULL;
";
