//! What a member shows in place of a card for a minute.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0102_card_tokens", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE card_tokens (
    digest bytea PRIMARY KEY,
    member_id uuid NOT NULL REFERENCES members (id),
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX card_tokens_by_member ON card_tokens (member_id);
CREATE INDEX card_tokens_by_expiry ON card_tokens (expires_at);
";

const SQLITE: &str = "
CREATE TABLE card_tokens (
    digest BLOB PRIMARY KEY,
    member_id BLOB NOT NULL REFERENCES members (id),
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX card_tokens_by_member ON card_tokens (member_id);
CREATE INDEX card_tokens_by_expiry ON card_tokens (expires_at);
";
