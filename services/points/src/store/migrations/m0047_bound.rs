//! How many points of a lot, of what is aside and of a movement cannot be passed on to another member. Nearly all rows say
//! nothing of it, and have none: that takes no room.

pub(super) const POSTGRES: &str = "
ALTER TABLE lots ADD COLUMN bound bigint;
ALTER TABLE lots ADD CONSTRAINT lots_bound CHECK (bound BETWEEN 1 AND points) NOT VALID;
ALTER TABLE asides ADD COLUMN bound bigint;
ALTER TABLE asides ADD CONSTRAINT asides_bound CHECK (bound BETWEEN 1 AND points) NOT VALID;
ALTER TABLE journals ADD COLUMN bound bigint;
ALTER TABLE legs ADD COLUMN bound bigint;
DROP VIEW entries;
CREATE VIEW entries AS
    SELECT member_id, version, CAST(0 AS smallint) AS leg, template, debit, credit, moved AS points, expires_on, funder, bound
    FROM journals WHERE template IS NOT NULL
    UNION ALL SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder, bound FROM legs;
";

pub(super) const SQLITE: &str = "
ALTER TABLE lots ADD COLUMN bound integer CHECK (bound BETWEEN 1 AND points);
ALTER TABLE asides ADD COLUMN bound integer CHECK (bound BETWEEN 1 AND points);
ALTER TABLE journals ADD COLUMN bound integer;
ALTER TABLE legs ADD COLUMN bound integer;
DROP VIEW entries;
CREATE VIEW entries AS
    SELECT member_id, version, 0 AS leg, template, debit, credit, moved AS points, expires_on, funder, bound
    FROM journals WHERE template IS NOT NULL
    UNION ALL SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder, bound FROM legs;
";
