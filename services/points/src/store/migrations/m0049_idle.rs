//! When everything of an account lapses unless something happens, and how far the clocks of a programme version were set: up to
//! which member, in the order of their ids; none when all are.

pub(super) const BOTH: &str = "
ALTER TABLE accounts ADD COLUMN idle_on integer;
CREATE INDEX accounts_idle ON accounts (idle_on) WHERE idle_on IS NOT NULL;
CREATE TABLE idle_clocks (
    version integer PRIMARY KEY,
    after_member uuid,
    done smallint NOT NULL
);
";
