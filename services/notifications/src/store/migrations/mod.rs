//! The versions of this service's tables. Steps only go forward; a mistake is mended by the next one.

mod m0001_messages;
mod m0003_taken;
mod m0011_templates;
mod m0012_wishes;
mod m0013_campaigns;
mod m0014_calls;
mod m0017_heard;

use store::{SqlMigration, looks, sea_orm_migration::MigrationTrait};

/// The tables that every service has, then this service's own steps, oldest first.
#[must_use]
pub fn all() -> Vec<Box<dyn MigrationTrait>> {
    let mut steps = store::migrations();
    steps.push(m0001_messages::step());
    steps.push(SqlMigration::new("m0002_looks", looks::POSTGRES, looks::SQLITE).boxed());
    steps.push(m0003_taken::step());
    steps.push(m0011_templates::step());
    steps.push(m0012_wishes::step());
    steps.push(m0013_campaigns::step());
    steps.push(m0014_calls::step());
    steps.push(m0017_heard::step());
    steps
}
