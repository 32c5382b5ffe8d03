//! Which messages a provider took and said nothing more of.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0003_taken", INDEX, INDEX).boxed()
}

const INDEX: &str = "CREATE INDEX attempts_taken ON attempts (provider, begun_at, id) WHERE standing = 1;";
