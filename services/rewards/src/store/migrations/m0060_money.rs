//! The money view: what each version of a reward costs, when uses were made and refunds came, and days that are over, summed once.
//!
//! What happened in a time is found by when it happened. On PostgreSQL a BRIN index does that for what lies in that order anyway, at no
//! cost that could be measured per row; SQLite has none such, and an ordinary index grows at its right end only.

use store::{SqlMigration, sea_orm_migration::MigrationTrait};

pub(super) fn step() -> Box<dyn MigrationTrait> {
    SqlMigration::new("m0060_money", POSTGRES, SQLITE).boxed()
}

const POSTGRES: &str = "
CREATE TABLE version_costs (
    reward text NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    sponsor text NOT NULL,
    cost bigint NOT NULL,
    face bigint NOT NULL,
    worth bigint NOT NULL,
    PRIMARY KEY (reward, version)
);
INSERT INTO version_costs (reward, version, kind, sponsor, cost, face, worth)
SELECT code, version, document::jsonb -> 'kind' ->> 'type', COALESCE(document::jsonb ->> 'sponsor', ''),
    COALESCE((document::jsonb ->> 'cost')::bigint, 0),
    CASE WHEN document::jsonb -> 'kind' ->> 'type' IN ('discount_amount', 'credit', 'donation', 'top_up')
        THEN (document::jsonb -> 'kind' ->> 'amount')::bigint ELSE 0 END,
    CASE WHEN document::jsonb -> 'kind' ->> 'type' = 'credit' THEN (document::jsonb -> 'kind' ->> 'amount')::bigint ELSE 1 END
FROM reward_versions;
ALTER TABLE gifts ADD COLUMN version integer;
ALTER TABLE redemptions ADD COLUMN refunded_at bigint;
UPDATE redemptions SET refunded_at = cancelled_at WHERE state IN ('refunded', 'forfeited');
ALTER TABLE voucher_uses ADD COLUMN used_at bigint;
UPDATE voucher_uses SET used_at = COALESCE(ended_at, made_at) WHERE state = 'used';
CREATE TABLE code_use_backs (
    use_id uuid PRIMARY KEY,
    batch_id uuid NOT NULL,
    used_at bigint NOT NULL,
    cancelled_at bigint NOT NULL
);
INSERT INTO code_use_backs (use_id, batch_id, used_at, cancelled_at)
SELECT use_id, batch_id, used_at, cancelled_at FROM bearer_codes WHERE use_id IS NOT NULL AND cancelled_at IS NOT NULL;
CREATE INDEX code_use_backs_used ON code_use_backs (used_at);
CREATE INDEX code_use_backs_cancelled ON code_use_backs (cancelled_at);
CREATE INDEX redemptions_requested ON redemptions USING brin (requested_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX redemptions_ended ON redemptions USING brin (ended_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX redemptions_cancelled ON redemptions (cancelled_at) WHERE cancelled_at IS NOT NULL;
CREATE INDEX redemptions_refunded ON redemptions (refunded_at) WHERE refunded_at IS NOT NULL;
CREATE INDEX vouchers_issued ON vouchers USING brin (issued_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX vouchers_ended ON vouchers (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX voucher_uses_used ON voucher_uses USING brin (used_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE INDEX voucher_uses_back ON voucher_uses (ended_at) WHERE state = 'cancelled';
CREATE INDEX bearer_codes_by_use ON bearer_codes (used_at) WHERE used_at IS NOT NULL;
CREATE INDEX gifts_ended ON gifts USING brin (ended_at) WITH (pages_per_range = 32, autosummarize = on);
CREATE TABLE cost_days (
    day integer PRIMARY KEY,
    begins bigint NOT NULL,
    ends bigint NOT NULL CHECK (ends > begins),
    closed_at bigint NOT NULL
);
CREATE TABLE cost_sums (
    day integer NOT NULL,
    reward text NOT NULL,
    version integer NOT NULL,
    way text NOT NULL,
    measure text NOT NULL,
    amount bigint NOT NULL,
    PRIMARY KEY (day, reward, version, way, measure)
);
";

const SQLITE: &str = "
CREATE TABLE version_costs (
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    sponsor TEXT NOT NULL,
    cost INTEGER NOT NULL,
    face INTEGER NOT NULL,
    worth INTEGER NOT NULL,
    PRIMARY KEY (reward, version)
) STRICT, WITHOUT ROWID;
INSERT INTO version_costs (reward, version, kind, sponsor, cost, face, worth)
SELECT code, version, json_extract(document, '$.kind.type'), COALESCE(json_extract(document, '$.sponsor'), ''),
    COALESCE(json_extract(document, '$.cost'), 0),
    CASE WHEN json_extract(document, '$.kind.type') IN ('discount_amount', 'credit', 'donation', 'top_up')
        THEN json_extract(document, '$.kind.amount') ELSE 0 END,
    CASE WHEN json_extract(document, '$.kind.type') = 'credit' THEN json_extract(document, '$.kind.amount') ELSE 1 END
FROM reward_versions;
ALTER TABLE gifts ADD COLUMN version INTEGER;
ALTER TABLE redemptions ADD COLUMN refunded_at INTEGER;
UPDATE redemptions SET refunded_at = cancelled_at WHERE state IN ('refunded', 'forfeited');
ALTER TABLE voucher_uses ADD COLUMN used_at INTEGER;
UPDATE voucher_uses SET used_at = COALESCE(ended_at, made_at) WHERE state = 'used';
CREATE TABLE code_use_backs (
    use_id BLOB PRIMARY KEY,
    batch_id BLOB NOT NULL,
    used_at INTEGER NOT NULL,
    cancelled_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO code_use_backs (use_id, batch_id, used_at, cancelled_at)
SELECT use_id, batch_id, used_at, cancelled_at FROM bearer_codes WHERE use_id IS NOT NULL AND cancelled_at IS NOT NULL;
CREATE INDEX code_use_backs_used ON code_use_backs (used_at);
CREATE INDEX code_use_backs_cancelled ON code_use_backs (cancelled_at);
CREATE INDEX redemptions_requested ON redemptions (requested_at);
CREATE INDEX redemptions_ended ON redemptions (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX redemptions_cancelled ON redemptions (cancelled_at) WHERE cancelled_at IS NOT NULL;
CREATE INDEX redemptions_refunded ON redemptions (refunded_at) WHERE refunded_at IS NOT NULL;
CREATE INDEX vouchers_issued ON vouchers (issued_at) WHERE issued_at IS NOT NULL;
CREATE INDEX vouchers_ended ON vouchers (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX voucher_uses_used ON voucher_uses (used_at) WHERE used_at IS NOT NULL;
CREATE INDEX voucher_uses_back ON voucher_uses (ended_at) WHERE state = 'cancelled';
CREATE INDEX bearer_codes_by_use ON bearer_codes (used_at) WHERE used_at IS NOT NULL;
CREATE INDEX gifts_ended ON gifts (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE cost_days (
    day INTEGER PRIMARY KEY,
    begins INTEGER NOT NULL,
    ends INTEGER NOT NULL CHECK (ends > begins),
    closed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE cost_sums (
    day INTEGER NOT NULL,
    reward TEXT NOT NULL,
    version INTEGER NOT NULL,
    way TEXT NOT NULL,
    measure TEXT NOT NULL,
    amount INTEGER NOT NULL,
    PRIMARY KEY (day, reward, version, way, measure)
) STRICT, WITHOUT ROWID;
";
