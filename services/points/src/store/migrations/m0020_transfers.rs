//! Transfers, and which members are of one household.
//!
//! The lots of a transfer are the entries of its two journals: the sender's `sent_version`, and `ended_version` of whoever got
//! the points in the end. `households` is what `membership` tells of them.

pub(super) const POSTGRES: &str = "
CREATE TABLE transfers (
    id uuid PRIMARY KEY,
    kind smallint NOT NULL,
    sender uuid NOT NULL,
    receiver uuid NOT NULL,
    points bigint NOT NULL CHECK (points > 0),
    fee bigint NOT NULL CHECK (fee >= 0),
    agent text,
    reason text,
    programme_version integer NOT NULL,
    requested_at bigint NOT NULL,
    requested_on integer NOT NULL,
    confirmed_at bigint,
    approved_at bigint,
    reviewer text,
    accepted_at bigint,
    ended_at bigint,
    status smallint NOT NULL,
    due_at bigint,
    sent_version bigint NOT NULL,
    ended_version bigint
) WITH (fillfactor = 80);
CREATE INDEX transfers_sent ON transfers (sender, requested_on, id);
CREATE INDEX transfers_received ON transfers (receiver, requested_on, id);
CREATE INDEX transfers_due ON transfers (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE households (member_id uuid PRIMARY KEY, household uuid NOT NULL);
";

pub(super) const SQLITE: &str = "
CREATE TABLE transfers (
    id blob PRIMARY KEY,
    kind integer NOT NULL,
    sender blob NOT NULL,
    receiver blob NOT NULL,
    points integer NOT NULL CHECK (points > 0),
    fee integer NOT NULL CHECK (fee >= 0),
    agent text,
    reason text,
    programme_version integer NOT NULL,
    requested_at integer NOT NULL,
    requested_on integer NOT NULL,
    confirmed_at integer,
    approved_at integer,
    reviewer text,
    accepted_at integer,
    ended_at integer,
    status integer NOT NULL,
    due_at integer,
    sent_version integer NOT NULL,
    ended_version integer
) WITHOUT ROWID;
CREATE INDEX transfers_sent ON transfers (sender, requested_on, id);
CREATE INDEX transfers_received ON transfers (receiver, requested_on, id);
CREATE INDEX transfers_due ON transfers (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE households (member_id blob PRIMARY KEY, household blob NOT NULL) WITHOUT ROWID;
";
