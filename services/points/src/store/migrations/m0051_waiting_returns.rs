//! Returns that came before their purchases.

pub(super) const POSTGRES: &str = "
CREATE TABLE waiting_returns (
    id uuid PRIMARY KEY,
    original uuid NOT NULL,
    idempotency_key uuid NOT NULL UNIQUE,
    fingerprint uuid NOT NULL,
    asked text NOT NULL,
    came_at bigint NOT NULL,
    refused text
);
CREATE INDEX waiting_returns_original ON waiting_returns (original) WHERE refused IS NULL;
";

pub(super) const SQLITE: &str = "
CREATE TABLE waiting_returns (
    id blob PRIMARY KEY,
    original blob NOT NULL,
    idempotency_key blob NOT NULL UNIQUE,
    fingerprint blob NOT NULL,
    asked text NOT NULL,
    came_at integer NOT NULL,
    refused text
) WITHOUT ROWID;
CREATE INDEX waiting_returns_original ON waiting_returns (original) WHERE refused IS NULL;
";
