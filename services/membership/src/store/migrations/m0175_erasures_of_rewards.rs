//! What `rewards` says of members who left.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0175_erasures_of_rewards", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "ALTER TABLE erasures ADD COLUMN rewards_at bigint;";

const SQLITE: &str = "ALTER TABLE erasures ADD COLUMN rewards_at INTEGER;";
