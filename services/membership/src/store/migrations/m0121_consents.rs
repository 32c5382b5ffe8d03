//! Purposes with the words that ask for them, and the ledger of what members said.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0121_consents", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE consent_texts (
    purpose text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    fa text NOT NULL,
    ar text NOT NULL,
    en text NOT NULL,
    since bigint NOT NULL,
    PRIMARY KEY (purpose, version)
);
CREATE TABLE consents (
    member_id uuid NOT NULL REFERENCES members (id),
    number bigint NOT NULL CHECK (number > 0),
    purpose text NOT NULL,
    given boolean NOT NULL,
    version integer NOT NULL,
    language text NOT NULL,
    channel text NOT NULL,
    branch text,
    till text,
    said_at bigint NOT NULL,
    PRIMARY KEY (member_id, number),
    FOREIGN KEY (purpose, version) REFERENCES consent_texts (purpose, version)
);
";

const SQLITE: &str = "
CREATE TABLE consent_texts (
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    fa TEXT NOT NULL,
    ar TEXT NOT NULL,
    en TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (purpose, version)
) STRICT, WITHOUT ROWID;
CREATE TABLE consents (
    member_id BLOB NOT NULL REFERENCES members (id),
    number INTEGER NOT NULL CHECK (number > 0),
    purpose TEXT NOT NULL,
    given INTEGER NOT NULL,
    version INTEGER NOT NULL,
    language TEXT NOT NULL,
    channel TEXT NOT NULL,
    branch TEXT,
    till TEXT,
    said_at INTEGER NOT NULL,
    PRIMARY KEY (member_id, number),
    FOREIGN KEY (purpose, version) REFERENCES consent_texts (purpose, version)
) STRICT, WITHOUT ROWID;
";
