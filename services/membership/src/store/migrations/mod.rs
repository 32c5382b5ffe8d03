//! The versions of this service's tables. Steps only go forward; a mistake is mended by the next one.

mod m0001_members;

use store::sea_orm_migration::MigrationTrait;

/// This service's own steps, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    vec![m0001_members::step()]
}
