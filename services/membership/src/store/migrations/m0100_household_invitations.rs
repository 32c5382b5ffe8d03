//! Invitations into households.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0100_household_invitations", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE household_invitations (
    id uuid PRIMARY KEY,
    inviter uuid NOT NULL REFERENCES members (id),
    household uuid REFERENCES households (id),
    address bytea NOT NULL,
    shown bytea NOT NULL,
    role text NOT NULL,
    made_at bigint NOT NULL,
    expires_at bigint NOT NULL,
    declined_at bigint,
    ended text
);
CREATE INDEX household_invitations_by_address ON household_invitations (address);
CREATE INDEX household_invitations_by_inviter ON household_invitations (inviter);
CREATE INDEX household_invitations_by_expiry ON household_invitations (expires_at);
";

const SQLITE: &str = "
CREATE TABLE household_invitations (
    id BLOB PRIMARY KEY,
    inviter BLOB NOT NULL REFERENCES members (id),
    household BLOB REFERENCES households (id),
    address BLOB NOT NULL,
    shown BLOB NOT NULL,
    role TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    declined_at INTEGER,
    ended TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX household_invitations_by_address ON household_invitations (address);
CREATE INDEX household_invitations_by_inviter ON household_invitations (inviter);
CREATE INDEX household_invitations_by_expiry ON household_invitations (expires_at);
";
