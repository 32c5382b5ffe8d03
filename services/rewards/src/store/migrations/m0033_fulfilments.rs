//! What others deliver for redemptions: providers, or people of the chain.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0033_fulfilments", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE fulfilments (
    redemption_id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    reward text NOT NULL,
    amount bigint NOT NULL,
    done_by text NOT NULL,
    state text NOT NULL,
    tries integer NOT NULL,
    begun_at bigint NOT NULL,
    next_at bigint,
    people_since bigint,
    trouble text,
    outcome_by text,
    outcome_for text,
    ended_at bigint
);
CREATE INDEX fulfilments_due ON fulfilments (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX fulfilments_for_people ON fulfilments (redemption_id) WHERE people_since IS NOT NULL;
";

const SQLITE: &str = "
CREATE TABLE fulfilments (
    redemption_id BLOB PRIMARY KEY,
    member_id BLOB NOT NULL,
    reward TEXT NOT NULL,
    amount INTEGER NOT NULL,
    done_by TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    begun_at INTEGER NOT NULL,
    next_at INTEGER,
    people_since INTEGER,
    trouble TEXT,
    outcome_by TEXT,
    outcome_for TEXT,
    ended_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX fulfilments_due ON fulfilments (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX fulfilments_for_people ON fulfilments (redemption_id) WHERE people_since IS NOT NULL;
";
