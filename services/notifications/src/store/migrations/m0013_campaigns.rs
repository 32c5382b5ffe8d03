//! Campaigns, the members on their lists, and who of their audience was assigned to which arm.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0013_campaigns", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE campaigns (
    code text PRIMARY KEY,
    terms text NOT NULL,
    stage smallint NOT NULL,
    starts_at bigint,
    ends_at bigint,
    next_at bigint NOT NULL,
    walked_to uuid,
    walked smallint NOT NULL,
    seen bigint NOT NULL,
    held bigint NOT NULL,
    messages bigint NOT NULL,
    changed_at bigint NOT NULL,
    over_at bigint,
    results text
);
CREATE INDEX campaigns_due ON campaigns (stage, next_at);
CREATE TABLE campaign_lists (
    campaign text NOT NULL,
    member_id uuid NOT NULL,
    PRIMARY KEY (campaign, member_id)
);
CREATE INDEX campaign_lists_of_member ON campaign_lists (member_id);
CREATE TABLE campaign_members (
    id uuid PRIMARY KEY,
    campaign text NOT NULL,
    member_id uuid NOT NULL,
    cause text NOT NULL,
    arm smallint NOT NULL,
    assigned_at bigint NOT NULL,
    counts_until bigint NOT NULL,
    bought_at bigint,
    amount bigint,
    UNIQUE (campaign, member_id, cause)
);
CREATE INDEX campaign_members_open ON campaign_members (member_id) WHERE bought_at IS NULL;
CREATE INDEX campaign_members_of_member ON campaign_members (member_id, id);
CREATE INDEX campaign_members_assigned ON campaign_members (assigned_at);
CREATE INDEX messages_of_campaign ON messages (cause) WHERE state = 0 AND kind = 'campaign';
";

const SQLITE: &str = "
CREATE TABLE campaigns (
    code TEXT PRIMARY KEY,
    terms TEXT NOT NULL,
    stage INTEGER NOT NULL,
    starts_at INTEGER,
    ends_at INTEGER,
    next_at INTEGER NOT NULL,
    walked_to BLOB,
    walked INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    held INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    over_at INTEGER,
    results TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX campaigns_due ON campaigns (stage, next_at);
CREATE TABLE campaign_lists (
    campaign TEXT NOT NULL,
    member_id BLOB NOT NULL,
    PRIMARY KEY (campaign, member_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_lists_of_member ON campaign_lists (member_id);
CREATE TABLE campaign_members (
    id BLOB PRIMARY KEY,
    campaign TEXT NOT NULL,
    member_id BLOB NOT NULL,
    cause TEXT NOT NULL,
    arm INTEGER NOT NULL,
    assigned_at INTEGER NOT NULL,
    counts_until INTEGER NOT NULL,
    bought_at INTEGER,
    amount INTEGER,
    UNIQUE (campaign, member_id, cause)
) STRICT, WITHOUT ROWID;
CREATE INDEX campaign_members_open ON campaign_members (member_id) WHERE bought_at IS NULL;
CREATE INDEX campaign_members_of_member ON campaign_members (member_id, id);
CREATE INDEX campaign_members_assigned ON campaign_members (assigned_at);
CREATE INDEX messages_of_campaign ON messages (cause) WHERE state = 0 AND kind = 'campaign';
";
