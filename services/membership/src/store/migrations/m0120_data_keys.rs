//! Each member has a data key, wrapped by a master key. A row without one is from before; `vafa keys rotate` gives it one.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0120_data_keys", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
ALTER TABLE members ADD COLUMN data_key bytea;
ALTER TABLE members ADD COLUMN master_key smallint;
";

const SQLITE: &str = "
ALTER TABLE members ADD COLUMN data_key BLOB;
ALTER TABLE members ADD COLUMN master_key INTEGER;
";
