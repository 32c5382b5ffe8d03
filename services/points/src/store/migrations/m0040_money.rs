//! The money view: days that are over, summed once, and what points are worth.
//!
//! Journals of a time are found by `recorded_at`. On PostgreSQL a BRIN index does that at no cost that could be measured per
//! row, since journals lie in the order in which they were recorded; SQLite has none such, and an ordinary index grows at
//! its right end only.

pub(super) const POSTGRES: &str = "
CREATE INDEX journals_recorded ON journals USING brin (recorded_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE TABLE closed_days (
    day integer PRIMARY KEY,
    begins bigint NOT NULL,
    ends bigint NOT NULL CHECK (ends > begins),
    closed_at bigint NOT NULL
);
CREATE TABLE day_flows (
    day integer NOT NULL,
    funder text NOT NULL,
    branch text NOT NULL,
    template smallint NOT NULL,
    points bigint NOT NULL,
    PRIMARY KEY (day, funder, branch, template)
);
CREATE TABLE day_owed (
    day integer NOT NULL,
    book text NOT NULL,
    funder text NOT NULL,
    expires_on integer NOT NULL,
    points bigint NOT NULL,
    PRIMARY KEY (day, book, funder, expires_on)
);
CREATE TABLE rates (
    valid_from integer NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    document text NOT NULL,
    recorded_at bigint NOT NULL,
    PRIMARY KEY (valid_from, revision)
);
";

pub(super) const SQLITE: &str = "
CREATE INDEX journals_recorded ON journals (recorded_at);
CREATE TABLE closed_days (
    day integer PRIMARY KEY,
    begins integer NOT NULL,
    ends integer NOT NULL CHECK (ends > begins),
    closed_at integer NOT NULL
);
CREATE TABLE day_flows (
    day integer NOT NULL,
    funder text NOT NULL,
    branch text NOT NULL,
    template integer NOT NULL,
    points integer NOT NULL,
    PRIMARY KEY (day, funder, branch, template)
) WITHOUT ROWID;
CREATE TABLE day_owed (
    day integer NOT NULL,
    book text NOT NULL,
    funder text NOT NULL,
    expires_on integer NOT NULL,
    points integer NOT NULL,
    PRIMARY KEY (day, book, funder, expires_on)
) WITHOUT ROWID;
CREATE TABLE rates (
    valid_from integer NOT NULL,
    revision integer NOT NULL CHECK (revision > 0),
    document text NOT NULL,
    recorded_at integer NOT NULL,
    PRIMARY KEY (valid_from, revision)
) WITHOUT ROWID;
";
