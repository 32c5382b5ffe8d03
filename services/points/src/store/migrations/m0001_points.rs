//! Accounts, lots, journals, the programme, and what was heard of members and branches.
//!
//! Rows are lean on purpose: the bytes written to the log decide how many purchases a second fit. Digests and ids are
//! 16 bytes, times are microseconds, days are numbers, and there is no index that no query needs. Accounts and lots
//! keep room on their pages, so that changing a balance touches no index. Nearly every journal has one movement, which lies
//! in its own row; the others of a journal lie in `legs`. The view `entries` shows all of them, a row each.

pub(super) const POSTGRES: &str = "
CREATE TABLE accounts (
    member_id uuid PRIMARY KEY,
    version bigint NOT NULL CHECK (version > 0),
    balance bigint NOT NULL CHECK (balance >= 0),
    debt bigint NOT NULL CHECK (debt >= 0),
    next_on integer,
    next_points bigint
) WITH (fillfactor = 70);
CREATE TABLE lots (
    member_id uuid NOT NULL,
    expires_on integer NOT NULL,
    funder text NOT NULL,
    points bigint NOT NULL CHECK (points > 0),
    PRIMARY KEY (member_id, expires_on, funder)
) WITH (fillfactor = 70);
CREATE TABLE journals (
    id uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    version bigint NOT NULL,
    kind smallint NOT NULL,
    recorded_at bigint NOT NULL,
    points bigint NOT NULL,
    balance bigint NOT NULL,
    programme_version integer,
    idempotency_key uuid UNIQUE,
    fingerprint uuid,
    branch text,
    till text,
    receipt text,
    operation text,
    occurred_at bigint,
    amount bigint,
    currency text,
    trace text,
    expires_next_on integer,
    expires_next_points bigint,
    lines text,
    original uuid,
    template smallint,
    debit uuid,
    credit uuid,
    moved bigint CHECK (moved > 0),
    expires_on integer,
    funder text,
    UNIQUE (member_id, version)
);
CREATE INDEX journals_returns ON journals (original) WHERE original IS NOT NULL;
CREATE TABLE legs (
    member_id uuid NOT NULL,
    version bigint NOT NULL,
    leg smallint NOT NULL CHECK (leg > 0),
    template smallint NOT NULL,
    debit uuid NOT NULL,
    credit uuid NOT NULL,
    points bigint NOT NULL CHECK (points > 0),
    expires_on integer NOT NULL,
    funder text NOT NULL,
    PRIMARY KEY (member_id, version, leg)
);
CREATE VIEW entries AS
    SELECT member_id, version, CAST(0 AS smallint) AS leg, template, debit, credit, moved AS points, expires_on, funder
    FROM journals WHERE template IS NOT NULL
    UNION ALL SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder FROM legs;
CREATE TABLE programmes (
    version integer PRIMARY KEY,
    document text NOT NULL,
    live_from bigint NOT NULL
);
CREATE TABLE members (member_id uuid PRIMARY KEY);
CREATE TABLE identifiers (
    digest uuid PRIMARY KEY,
    member_id uuid NOT NULL,
    kind text NOT NULL,
    active boolean NOT NULL,
    told_at bigint NOT NULL
);
CREATE TABLE regions (region text PRIMARY KEY);
CREATE TABLE branches (
    branch text PRIMARY KEY,
    region text NOT NULL,
    time_zone text,
    seq bigint NOT NULL
);
";

pub(super) const SQLITE: &str = "
CREATE TABLE accounts (
    member_id blob PRIMARY KEY,
    version integer NOT NULL CHECK (version > 0),
    balance integer NOT NULL CHECK (balance >= 0),
    debt integer NOT NULL CHECK (debt >= 0),
    next_on integer,
    next_points integer
) WITHOUT ROWID;
CREATE TABLE lots (
    member_id blob NOT NULL,
    expires_on integer NOT NULL,
    funder text NOT NULL,
    points integer NOT NULL CHECK (points > 0),
    PRIMARY KEY (member_id, expires_on, funder)
) WITHOUT ROWID;
CREATE TABLE journals (
    id blob NOT NULL UNIQUE,
    member_id blob NOT NULL,
    version integer NOT NULL,
    kind integer NOT NULL,
    recorded_at integer NOT NULL,
    points integer NOT NULL,
    balance integer NOT NULL,
    programme_version integer,
    idempotency_key blob UNIQUE,
    fingerprint blob,
    branch text,
    till text,
    receipt text,
    operation text,
    occurred_at integer,
    amount integer,
    currency text,
    trace text,
    expires_next_on integer,
    expires_next_points integer,
    lines text,
    original blob,
    template integer,
    debit blob,
    credit blob,
    moved integer CHECK (moved > 0),
    expires_on integer,
    funder text,
    UNIQUE (member_id, version)
);
CREATE INDEX journals_returns ON journals (original) WHERE original IS NOT NULL;
CREATE TABLE legs (
    member_id blob NOT NULL,
    version integer NOT NULL,
    leg integer NOT NULL CHECK (leg > 0),
    template integer NOT NULL,
    debit blob NOT NULL,
    credit blob NOT NULL,
    points integer NOT NULL CHECK (points > 0),
    expires_on integer NOT NULL,
    funder text NOT NULL,
    PRIMARY KEY (member_id, version, leg)
) WITHOUT ROWID;
CREATE VIEW entries AS
    SELECT member_id, version, 0 AS leg, template, debit, credit, moved AS points, expires_on, funder
    FROM journals WHERE template IS NOT NULL
    UNION ALL SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder FROM legs;
CREATE TABLE programmes (
    version integer PRIMARY KEY,
    document text NOT NULL,
    live_from integer NOT NULL
);
CREATE TABLE members (member_id blob PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE identifiers (
    digest blob PRIMARY KEY,
    member_id blob NOT NULL,
    kind text NOT NULL,
    active boolean NOT NULL,
    told_at integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE regions (region text PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE branches (
    branch text PRIMARY KEY,
    region text NOT NULL,
    time_zone text,
    seq integer NOT NULL
) WITHOUT ROWID;
";
