//! Where members belong: segments that the chain keeps, and occasions that `membership` told of.
//!
//! A member's segments lie together for the look of a purchase; the index lists a segment. Households, which an earlier step made, are
//! counted by an index of their own. Occasions of earlier years stay, so that simulations know them.

pub(super) const POSTGRES: &str = "
CREATE TABLE segments (code text PRIMARY KEY, opened_at bigint NOT NULL, changed_at bigint NOT NULL);
CREATE TABLE segment_members (member_id uuid NOT NULL, segment text NOT NULL, PRIMARY KEY (member_id, segment));
CREATE UNIQUE INDEX segment_members_listed ON segment_members (segment, member_id);
CREATE TABLE occasions (
    member_id uuid NOT NULL,
    occasion smallint NOT NULL,
    told_at bigint NOT NULL,
    PRIMARY KEY (member_id, occasion, told_at)
);
CREATE INDEX IF NOT EXISTS households_counted ON households (household);
";

pub(super) const SQLITE: &str = "
CREATE TABLE segments (code text PRIMARY KEY, opened_at integer NOT NULL, changed_at integer NOT NULL) WITHOUT ROWID;
CREATE TABLE segment_members (member_id blob NOT NULL, segment text NOT NULL, PRIMARY KEY (member_id, segment)) WITHOUT ROWID;
CREATE UNIQUE INDEX segment_members_listed ON segment_members (segment, member_id);
CREATE TABLE occasions (
    member_id blob NOT NULL,
    occasion integer NOT NULL,
    told_at integer NOT NULL,
    PRIMARY KEY (member_id, occasion, told_at)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS households_counted ON households (household);
";
