//! Points that are pending or held, what accounts may do, and which of them are due.

pub(super) const POSTGRES: &str = "
ALTER TABLE accounts ADD COLUMN marks smallint NOT NULL DEFAULT 0;
CREATE INDEX accounts_lapsing ON accounts (next_on) WHERE next_on IS NOT NULL;
CREATE TABLE asides (
    member_id uuid NOT NULL,
    hold_id uuid NOT NULL,
    ready_at bigint NOT NULL,
    expires_on integer NOT NULL,
    funder text NOT NULL,
    points bigint NOT NULL CHECK (points > 0),
    PRIMARY KEY (member_id, hold_id, ready_at, expires_on, funder)
);
CREATE INDEX asides_due ON asides (ready_at);
CREATE TABLE proposals (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    points bigint NOT NULL,
    expires_on integer,
    funder text,
    actor text NOT NULL,
    reason text NOT NULL,
    proposed_at bigint NOT NULL,
    idempotency_key uuid NOT NULL,
    fingerprint uuid NOT NULL,
    state smallint NOT NULL,
    decided_by text,
    decided_at bigint
);
";

pub(super) const SQLITE: &str = "
ALTER TABLE accounts ADD COLUMN marks integer NOT NULL DEFAULT 0;
CREATE INDEX accounts_lapsing ON accounts (next_on) WHERE next_on IS NOT NULL;
CREATE TABLE asides (
    member_id blob NOT NULL,
    hold_id blob NOT NULL,
    ready_at integer NOT NULL,
    expires_on integer NOT NULL,
    funder text NOT NULL,
    points integer NOT NULL CHECK (points > 0),
    PRIMARY KEY (member_id, hold_id, ready_at, expires_on, funder)
) WITHOUT ROWID;
CREATE INDEX asides_due ON asides (ready_at);
CREATE TABLE proposals (
    id blob PRIMARY KEY,
    member_id blob NOT NULL,
    points integer NOT NULL,
    expires_on integer,
    funder text,
    actor text NOT NULL,
    reason text NOT NULL,
    proposed_at integer NOT NULL,
    idempotency_key blob NOT NULL,
    fingerprint blob NOT NULL,
    state integer NOT NULL,
    decided_by text,
    decided_at integer
) WITHOUT ROWID;
";
