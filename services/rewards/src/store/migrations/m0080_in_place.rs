//! What becomes of redemptions and vouchers is written in place: no index has a column that changes while they are under way, so
//! that PostgreSQL touches none of them (heap-only updates), and pages keep room for it.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0080_in_place", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE redemptions ADD COLUMN give_up_at bigint;
UPDATE redemptions SET give_up_at = due_at WHERE state = 'requested';
DROP INDEX redemptions_due;
CREATE INDEX redemptions_due ON redemptions (give_up_at) WHERE give_up_at IS NOT NULL;
ALTER TABLE redemptions SET (fillfactor = 80);
ALTER TABLE vouchers ADD COLUMN expires_at bigint;
UPDATE vouchers SET expires_at = valid_until WHERE state IN ('pending', 'issued');
DROP INDEX vouchers_by_end;
CREATE INDEX vouchers_by_end ON vouchers (expires_at) WHERE expires_at IS NOT NULL;
DROP INDEX vouchers_to_remind;
CREATE INDEX vouchers_to_remind ON vouchers (remind_at) WHERE remind_at IS NOT NULL;
ALTER TABLE vouchers DROP CONSTRAINT vouchers_coupon_id_key;
CREATE UNIQUE INDEX vouchers_by_coupon ON vouchers (coupon_id) WHERE coupon_id IS NOT NULL;
ALTER TABLE vouchers SET (fillfactor = 80);
";

const SQLITE: &str = "
ALTER TABLE redemptions ADD COLUMN give_up_at INTEGER;
UPDATE redemptions SET give_up_at = due_at WHERE state = 'requested';
DROP INDEX redemptions_due;
CREATE INDEX redemptions_due ON redemptions (give_up_at) WHERE give_up_at IS NOT NULL;
ALTER TABLE vouchers ADD COLUMN expires_at INTEGER;
UPDATE vouchers SET expires_at = valid_until WHERE state IN ('pending', 'issued');
DROP INDEX vouchers_by_end;
CREATE INDEX vouchers_by_end ON vouchers (expires_at) WHERE expires_at IS NOT NULL;
DROP INDEX vouchers_to_remind;
CREATE INDEX vouchers_to_remind ON vouchers (remind_at) WHERE remind_at IS NOT NULL;
";
