//! Simulations: what was asked, how far it is, and what it came to.

pub(super) const POSTGRES: &str = "
CREATE TABLE simulations (
    id uuid PRIMARY KEY,
    version integer NOT NULL,
    document text NOT NULL,
    against integer,
    since bigint NOT NULL,
    until bigint NOT NULL,
    requested_at bigint NOT NULL,
    state text NOT NULL,
    seen_at bigint NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    finished_at bigint,
    figures text
);
CREATE INDEX simulations_open ON simulations (requested_at) WHERE finished_at IS NULL;
";

pub(super) const SQLITE: &str = "
CREATE TABLE simulations (
    id blob PRIMARY KEY,
    version integer NOT NULL,
    document text NOT NULL,
    against integer,
    since bigint NOT NULL,
    until bigint NOT NULL,
    requested_at bigint NOT NULL,
    state text NOT NULL,
    seen_at bigint NOT NULL,
    done bigint NOT NULL,
    total bigint NOT NULL,
    finished_at bigint,
    figures text
) WITHOUT ROWID;
CREATE INDEX simulations_open ON simulations (requested_at) WHERE finished_at IS NULL;
";
