//! How much of each limit was used in its latest period.
//!
//! A row for each limit and whoever it counts, named by a digest of both; a new period uses the same row. Rows keep room on their
//! pages, so that counting touches no index.

pub(super) const POSTGRES: &str = "
CREATE TABLE tallies (
    id uuid PRIMARY KEY,
    begun integer NOT NULL,
    used bigint NOT NULL CHECK (used >= 0)
) WITH (fillfactor = 70);
";

pub(super) const SQLITE: &str = "
CREATE TABLE tallies (
    id blob PRIMARY KEY,
    begun integer NOT NULL,
    used integer NOT NULL CHECK (used >= 0)
) WITHOUT ROWID;
";
