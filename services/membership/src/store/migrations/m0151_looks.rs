//! Who of the back office looked at whose data.

use store::{SqlMigration, looks, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0151_looks", looks::POSTGRES, looks::SQLITE).boxed()
}
