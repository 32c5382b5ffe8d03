//! Which returns took tickets back, so that none does twice.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0072_draw_returns", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE draw_returns (
    entry uuid NOT NULL,
    return_id uuid NOT NULL,
    PRIMARY KEY (entry, return_id)
);
";

const SQLITE: &str = "
CREATE TABLE draw_returns (
    entry BLOB NOT NULL,
    return_id BLOB NOT NULL,
    PRIMARY KEY (entry, return_id)
) STRICT, WITHOUT ROWID;
";
