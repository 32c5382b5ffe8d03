//! The key of the blind index can change: rows say which key their keyed hashes are from, and one row says which key is written under.
//!
//! Until now there was one key, and one key alone has the id 1.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0169_blind_index", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE blind_index (
    id smallint PRIMARY KEY CHECK (id = 1),
    current_key smallint NOT NULL,
    current_sign bytea,
    former_key smallint,
    former_sign bytea,
    changed_at bigint
);
INSERT INTO blind_index (id, current_key)
    SELECT 1, 1 WHERE EXISTS (SELECT 1 FROM identifiers) OR EXISTS (SELECT 1 FROM card_stock);
ALTER TABLE identifiers ADD COLUMN blind_key smallint NOT NULL DEFAULT 1;
ALTER TABLE card_stock ADD COLUMN blind_key smallint NOT NULL DEFAULT 1;
ALTER TABLE occasions ADD COLUMN birthday_key smallint NOT NULL DEFAULT 1;
CREATE INDEX identifiers_by_replacement ON identifiers (replaced_by) WHERE replaced_by IS NOT NULL;
";

const SQLITE: &str = "
CREATE TABLE blind_index (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    current_key INTEGER NOT NULL,
    current_sign BLOB,
    former_key INTEGER,
    former_sign BLOB,
    changed_at INTEGER
) STRICT;
INSERT INTO blind_index (id, current_key)
    SELECT 1, 1 WHERE EXISTS (SELECT 1 FROM identifiers) OR EXISTS (SELECT 1 FROM card_stock);
ALTER TABLE identifiers ADD COLUMN blind_key INTEGER NOT NULL DEFAULT 1;
ALTER TABLE card_stock ADD COLUMN blind_key INTEGER NOT NULL DEFAULT 1;
ALTER TABLE occasions ADD COLUMN birthday_key INTEGER NOT NULL DEFAULT 1;
CREATE INDEX identifiers_by_replacement ON identifiers (replaced_by) WHERE replaced_by IS NOT NULL;
";
