//! Versions of the programme that are not live yet: drafts, and announcements with their time.
//!
//! A draft has no `announcement`, and its `live_from` says nothing. `programme_head` is one row: whoever changes the
//! programme holds it, and it counts the facts that were told of the programme.

pub(super) const BOTH: &str = "
ALTER TABLE programmes ADD COLUMN created_at bigint;
ALTER TABLE programmes ADD COLUMN changed_at bigint;
ALTER TABLE programmes ADD COLUMN announcement integer;
ALTER TABLE programmes ADD COLUMN announced_at bigint;
ALTER TABLE programmes ADD COLUMN live_told_at bigint;
UPDATE programmes SET created_at = live_from, changed_at = live_from, announcement = version, announced_at = live_from, live_told_at = live_from;
CREATE UNIQUE INDEX programmes_announcement ON programmes (announcement);
CREATE TABLE programme_head (
    id integer PRIMARY KEY CHECK (id = 1),
    versions integer NOT NULL,
    told bigint NOT NULL
);
INSERT INTO programme_head (id, versions, told) SELECT 1, COALESCE(MAX(version), 0), COALESCE(MAX(version), 0) FROM programmes;
";
