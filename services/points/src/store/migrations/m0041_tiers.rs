//! Tiers: where members stand on the ladder, and what people granted.

pub(super) const POSTGRES: &str = "
CREATE TABLE standings (
    member_id uuid PRIMARY KEY,
    revision bigint NOT NULL CHECK (revision > 0),
    changes_on integer,
    standing text NOT NULL
) WITH (fillfactor = 70);
CREATE INDEX standings_due ON standings (changes_on) WHERE changes_on IS NOT NULL;
CREATE TABLE tier_grants (
    member_id uuid NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    tier text NOT NULL,
    until integer NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    granted_at bigint NOT NULL,
    PRIMARY KEY (member_id, number)
);
";

pub(super) const SQLITE: &str = "
CREATE TABLE standings (
    member_id blob PRIMARY KEY,
    revision integer NOT NULL CHECK (revision > 0),
    changes_on integer,
    standing text NOT NULL
) WITHOUT ROWID;
CREATE INDEX standings_due ON standings (changes_on) WHERE changes_on IS NOT NULL;
CREATE TABLE tier_grants (
    member_id blob NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    tier text NOT NULL,
    until integer NOT NULL,
    actor text NOT NULL,
    reason text NOT NULL,
    granted_at integer NOT NULL,
    PRIMARY KEY (member_id, number)
) WITHOUT ROWID;
";
