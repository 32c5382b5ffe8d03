//! What the chain has written itself of what messages say.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0011_templates", POSTGRES, SQLITE).boxed()
}

// At most one of each kind is the draft (0), and at most one is live (1); 2 were live before.
const POSTGRES: &str = "
CREATE TABLE templates (
    kind text NOT NULL,
    version integer NOT NULL,
    state smallint NOT NULL,
    words text NOT NULL,
    written_by text NOT NULL,
    written_at bigint NOT NULL,
    published_by text,
    live_from bigint,
    live_until bigint,
    PRIMARY KEY (kind, version)
);
CREATE UNIQUE INDEX templates_draft ON templates (kind) WHERE state = 0;
CREATE UNIQUE INDEX templates_live ON templates (kind) WHERE state = 1;
";

const SQLITE: &str = "
CREATE TABLE templates (
    kind TEXT NOT NULL,
    version INTEGER NOT NULL,
    state INTEGER NOT NULL,
    words TEXT NOT NULL,
    written_by TEXT NOT NULL,
    written_at INTEGER NOT NULL,
    published_by TEXT,
    live_from INTEGER,
    live_until INTEGER,
    PRIMARY KEY (kind, version)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX templates_draft ON templates (kind) WHERE state = 0;
CREATE UNIQUE INDEX templates_live ON templates (kind) WHERE state = 1;
";
