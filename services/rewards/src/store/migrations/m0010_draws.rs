//! Draws, their tickets, winners and history.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0010_draws", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE draws (
    code text PRIMARY KEY,
    document text NOT NULL,
    state text NOT NULL,
    opens_at bigint NOT NULL,
    closes_at bigint NOT NULL,
    commitment text,
    seed_sealed bytea,
    sealed_by smallint,
    entries bigint NOT NULL,
    tickets bigint NOT NULL,
    late bigint NOT NULL,
    digest text,
    entropy text,
    entropy_by text,
    confirmed_by text,
    seed text,
    published_at bigint,
    closed_at bigint,
    settled_at bigint,
    created_at bigint NOT NULL,
    told bigint NOT NULL
);
CREATE INDEX draws_by_end ON draws (closes_at) WHERE state = 'published';
CREATE INDEX draws_by_key ON draws (sealed_by) WHERE sealed_by IS NOT NULL;
CREATE TABLE draw_prizes (
    draw text NOT NULL,
    prize integer NOT NULL,
    units bigint NOT NULL CHECK (units > 0),
    given bigint NOT NULL CHECK (given >= 0),
    PRIMARY KEY (draw, prize),
    CHECK (given <= units)
);
CREATE TABLE draw_entrants (
    draw text NOT NULL,
    member_id uuid NOT NULL,
    holder uuid NOT NULL,
    tickets bigint NOT NULL CHECK (tickets >= 0),
    PRIMARY KEY (member_id, draw)
);
CREATE UNIQUE INDEX draw_entrants_by_holder ON draw_entrants (draw, holder);
CREATE TABLE draw_entries (
    id uuid PRIMARY KEY,
    draw text NOT NULL,
    member_id uuid NOT NULL,
    holder uuid NOT NULL,
    source text NOT NULL,
    reference text NOT NULL,
    tickets bigint NOT NULL CHECK (tickets >= 0),
    amount bigint NOT NULL,
    returned bigint NOT NULL,
    state text NOT NULL,
    position bigint,
    made_at bigint NOT NULL,
    UNIQUE (draw, source, reference)
);
CREATE UNIQUE INDEX draw_entries_by_position ON draw_entries (draw, position) WHERE position IS NOT NULL;
CREATE INDEX draw_entries_by_member ON draw_entries (member_id, id);
CREATE INDEX draw_entries_by_source ON draw_entries (reference, source);
CREATE INDEX draw_entries_pending ON draw_entries (draw) WHERE state = 'pending';
CREATE TABLE draw_wins (
    draw text NOT NULL,
    place integer NOT NULL,
    ticket bigint NOT NULL,
    holder uuid NOT NULL,
    member_id uuid NOT NULL,
    prize integer,
    state text NOT NULL,
    claim_until bigint,
    claimed_at bigint,
    handed_at bigint,
    handed_branch text,
    handed_by text,
    ended_at bigint,
    PRIMARY KEY (draw, place)
);
CREATE INDEX draw_wins_by_member ON draw_wins (member_id, draw);
CREATE INDEX draw_wins_due ON draw_wins (claim_until) WHERE state = 'offered';
CREATE TABLE draw_deeds (
    draw text NOT NULL,
    number bigint NOT NULL,
    made_at bigint NOT NULL,
    actor text NOT NULL,
    deed text NOT NULL,
    detail text NOT NULL,
    PRIMARY KEY (draw, number)
);
";

const SQLITE: &str = "
CREATE TABLE draws (
    code TEXT PRIMARY KEY,
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    opens_at INTEGER NOT NULL,
    closes_at INTEGER NOT NULL,
    commitment TEXT,
    seed_sealed BLOB,
    sealed_by INTEGER,
    entries INTEGER NOT NULL,
    tickets INTEGER NOT NULL,
    late INTEGER NOT NULL,
    digest TEXT,
    entropy TEXT,
    entropy_by TEXT,
    confirmed_by TEXT,
    seed TEXT,
    published_at INTEGER,
    closed_at INTEGER,
    settled_at INTEGER,
    created_at INTEGER NOT NULL,
    told INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX draws_by_end ON draws (closes_at) WHERE state = 'published';
CREATE INDEX draws_by_key ON draws (sealed_by) WHERE sealed_by IS NOT NULL;
CREATE TABLE draw_prizes (
    draw TEXT NOT NULL,
    prize INTEGER NOT NULL,
    units INTEGER NOT NULL CHECK (units > 0),
    given INTEGER NOT NULL CHECK (given >= 0),
    PRIMARY KEY (draw, prize),
    CHECK (given <= units)
) STRICT, WITHOUT ROWID;
CREATE TABLE draw_entrants (
    draw TEXT NOT NULL,
    member_id BLOB NOT NULL,
    holder BLOB NOT NULL,
    tickets INTEGER NOT NULL CHECK (tickets >= 0),
    PRIMARY KEY (member_id, draw)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX draw_entrants_by_holder ON draw_entrants (draw, holder);
CREATE TABLE draw_entries (
    id BLOB PRIMARY KEY,
    draw TEXT NOT NULL,
    member_id BLOB NOT NULL,
    holder BLOB NOT NULL,
    source TEXT NOT NULL,
    reference TEXT NOT NULL,
    tickets INTEGER NOT NULL CHECK (tickets >= 0),
    amount INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    state TEXT NOT NULL,
    position INTEGER,
    made_at INTEGER NOT NULL,
    UNIQUE (draw, source, reference)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX draw_entries_by_position ON draw_entries (draw, position) WHERE position IS NOT NULL;
CREATE INDEX draw_entries_by_member ON draw_entries (member_id, id);
CREATE INDEX draw_entries_by_source ON draw_entries (reference, source);
CREATE INDEX draw_entries_pending ON draw_entries (draw) WHERE state = 'pending';
CREATE TABLE draw_wins (
    draw TEXT NOT NULL,
    place INTEGER NOT NULL,
    ticket INTEGER NOT NULL,
    holder BLOB NOT NULL,
    member_id BLOB NOT NULL,
    prize INTEGER,
    state TEXT NOT NULL,
    claim_until INTEGER,
    claimed_at INTEGER,
    handed_at INTEGER,
    handed_branch TEXT,
    handed_by TEXT,
    ended_at INTEGER,
    PRIMARY KEY (draw, place)
) STRICT, WITHOUT ROWID;
CREATE INDEX draw_wins_by_member ON draw_wins (member_id, draw);
CREATE INDEX draw_wins_due ON draw_wins (claim_until) WHERE state = 'offered';
CREATE TABLE draw_deeds (
    draw TEXT NOT NULL,
    number INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    deed TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (draw, number)
) STRICT, WITHOUT ROWID;
";
