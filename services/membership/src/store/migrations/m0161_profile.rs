//! The progressive profile: what the chain asks, and what members answered, sealed.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0161_profile", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE questions (
    code text PRIMARY KEY,
    birthday boolean NOT NULL,
    asking text NOT NULL,
    since bigint NOT NULL
);
CREATE UNIQUE INDEX questions_one_birthday ON questions (birthday) WHERE birthday;
CREATE TABLE profile_answers (
    member_id uuid NOT NULL REFERENCES members (id),
    question text NOT NULL REFERENCES questions (code),
    answered_at bigint,
    changed_at bigint,
    declined_at bigint,
    answer bytea,
    PRIMARY KEY (member_id, question)
);
";

const SQLITE: &str = "
CREATE TABLE questions (
    code TEXT PRIMARY KEY,
    birthday INTEGER NOT NULL,
    asking TEXT NOT NULL,
    since INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX questions_one_birthday ON questions (birthday) WHERE birthday;
CREATE TABLE profile_answers (
    member_id BLOB NOT NULL REFERENCES members (id),
    question TEXT NOT NULL REFERENCES questions (code),
    answered_at INTEGER,
    changed_at INTEGER,
    declined_at INTEGER,
    answer BLOB,
    PRIMARY KEY (member_id, question)
) STRICT, WITHOUT ROWID;
";
