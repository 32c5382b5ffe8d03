//! What nobody bought for a year is found by its newest period.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0052_old_tastes", INDEX, INDEX).boxed()
}

const INDEX: &str = "
CREATE INDEX tastes_by_period ON tastes (period);
";
