//! What happened to rewards in a time, counted out of the rows. **Every happening has an instant of its own that never changes**, so that
//! it lies in one day and no other.

use std::collections::BTreeMap;

use kernel::{RewardCode, Timestamp};
use sea_orm::ConnectionTrait;

use super::{at, offers::code, query};
use crate::{
    domain::money::{
        Measure::{
            self, Begun, Cancelled, Completed, Expired, ExpiredWorth, Forfeited, Given, Issued, IssuedWorth,
            MoneyTaken, PointsBack, PointsTaken, Refunded, Released, Returned, ReturnedWorth, Used,
            UsedInDay, UsedInHour, UsedInMonth, UsedInQuarter, UsedInThreeDays, UsedInTwoWeeks, UsedInWeek,
            UsedLater, UsedWorth, Voided, VoidedWorth,
        },
        Sums,
    },
    error::Error,
};

/// Of which reward, by which version of its terms, and how it came to be somebody's.
pub type Line = (RewardCode, i32, String);

/// How a voucher came to be somebody's.
pub(super) const WAY: &str = "CASE WHEN v.gift = 0 THEN 'redemption' WHEN g.why = 'offer' THEN 'offer' \
     WHEN g.why = 'prize' THEN 'draw' WHEN g.why = 'purchase' THEN 'purchase' ELSE 'gift' END";
/// Vouchers with what brought them.
pub(super) const VOUCHERS: &str = "vouchers v LEFT JOIN gifts g ON v.gift = 1 AND g.id = v.redemption_id";
/// What of a voucher is not used.
pub(super) const LEFT: &str = "(v.worth - COALESCE((SELECT SUM(u.amount) FROM voucher_uses u WHERE u.voucher_id = v.id AND u.state = 'used'), 0))";
/// How many codes of a batch are not used.
pub(super) const UNUSED: &str = "(b.made - (SELECT COUNT(*) FROM bearer_codes c WHERE c.batch_id = b.id AND c.used_at IS NOT NULL AND c.cancelled_at IS NULL))";

/// Uses by how long after it was got, in microseconds: each measure is what was used before its end and not before the end of the one before.
const LAGS: [(Measure, i64); 8] = [
    (UsedInHour, 3_600_000_000),
    (UsedInDay, 86_400_000_000),
    (UsedInThreeDays, 259_200_000_000),
    (UsedInWeek, 604_800_000_000),
    (UsedInTwoWeeks, 1_209_600_000_000),
    (UsedInMonth, 2_592_000_000_000),
    (UsedInQuarter, 7_776_000_000_000),
    (UsedLater, i64::MAX),
];

/// What is counted: where, of whom, when, and what each column says.
struct Flow {
    from: &'static str,
    of: &'static str,
    way: &'static str,
    when: &'static str,
    which: &'static str,
    columns: &'static [(Measure, &'static str)],
    /// How long it took, where that is asked.
    lag: Option<&'static str>,
}

const ALONE: &str = "'redemption'";
const BATCH: &str = "'batch'";
const BATCHES: &str = "code_batches b JOIN version_costs p ON p.reward = b.reward AND p.version = b.version";

const FLOWS: &[Flow] = &[
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.requested_at",
        which: "1 = 1",
        columns: &[(Begun, "1")],
        lag: None,
    },
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.ended_at",
        which: "r.state IN ('completed', 'cancelled', 'refunded', 'forfeited')",
        columns: &[(Completed, "1"), (PointsTaken, "r.points"), (MoneyTaken, "r.money")],
        lag: None,
    },
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.ended_at",
        which: "r.state = 'released'",
        columns: &[(Released, "1")],
        lag: None,
    },
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.cancelled_at",
        which: "1 = 1",
        columns: &[(Cancelled, "1")],
        lag: None,
    },
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.refunded_at",
        which: "r.state = 'refunded'",
        columns: &[(Refunded, "1"), (PointsBack, "r.points")],
        lag: None,
    },
    Flow {
        from: "redemptions r",
        of: "r",
        way: ALONE,
        when: "r.refunded_at",
        which: "r.state = 'forfeited'",
        columns: &[(Forfeited, "1")],
        lag: None,
    },
    Flow {
        from: VOUCHERS,
        of: "v",
        way: WAY,
        when: "v.issued_at",
        which: "1 = 1",
        columns: &[(Issued, "1"), (IssuedWorth, "v.worth")],
        lag: None,
    },
    Flow {
        from: "voucher_uses u JOIN vouchers v ON v.id = u.voucher_id LEFT JOIN gifts g ON v.gift = 1 AND g.id = v.redemption_id",
        of: "v",
        way: WAY,
        when: "u.used_at",
        which: "1 = 1",
        columns: &[(Used, "1"), (UsedWorth, "u.amount")],
        lag: Some("u.used_at - v.issued_at"),
    },
    Flow {
        from: "voucher_uses u JOIN vouchers v ON v.id = u.voucher_id LEFT JOIN gifts g ON v.gift = 1 AND g.id = v.redemption_id",
        of: "v",
        way: WAY,
        when: "u.ended_at",
        which: "u.state = 'cancelled' AND u.used_at IS NOT NULL",
        columns: &[(Returned, "1"), (ReturnedWorth, "u.amount")],
        lag: None,
    },
    Flow {
        from: VOUCHERS,
        of: "v",
        way: WAY,
        when: "v.ended_at",
        which: "v.state = 'expired'",
        columns: &[(Expired, "1"), (ExpiredWorth, LEFT)],
        lag: None,
    },
    Flow {
        from: VOUCHERS,
        of: "v",
        way: WAY,
        when: "v.ended_at",
        which: "v.state = 'cancelled' AND v.issued_at IS NOT NULL",
        columns: &[(Voided, "1"), (VoidedWorth, LEFT)],
        lag: None,
    },
    Flow {
        from: BATCHES,
        of: "b",
        way: BATCH,
        when: "b.made_at",
        which: "1 = 1",
        columns: &[(Issued, "b.made"), (IssuedWorth, "b.made * p.worth")],
        lag: None,
    },
    Flow {
        from: "bearer_codes c JOIN code_batches b ON b.id = c.batch_id JOIN version_costs p ON p.reward = b.reward AND p.version = b.version",
        of: "b",
        way: BATCH,
        when: "c.used_at",
        which: "c.cancelled_at IS NULL",
        columns: &[(Used, "1"), (UsedWorth, "p.worth")],
        lag: Some("c.used_at - b.made_at"),
    },
    Flow {
        from: "code_use_backs c JOIN code_batches b ON b.id = c.batch_id JOIN version_costs p ON p.reward = b.reward AND p.version = b.version",
        of: "b",
        way: BATCH,
        when: "c.used_at",
        which: "1 = 1",
        columns: &[(Used, "1"), (UsedWorth, "p.worth")],
        lag: Some("c.used_at - b.made_at"),
    },
    Flow {
        from: "code_use_backs c JOIN code_batches b ON b.id = c.batch_id JOIN version_costs p ON p.reward = b.reward AND p.version = b.version",
        of: "b",
        way: BATCH,
        when: "c.cancelled_at",
        which: "1 = 1",
        columns: &[(Returned, "1"), (ReturnedWorth, "p.worth")],
        lag: None,
    },
    Flow {
        from: BATCHES,
        of: "b",
        way: BATCH,
        when: "b.valid_until",
        which: "b.made_at IS NOT NULL AND (b.revoked_at IS NULL OR b.revoked_at >= b.valid_until)",
        columns: &[(Expired, "UNUSED"), (ExpiredWorth, "UNUSED * p.worth")],
        lag: None,
    },
    Flow {
        from: BATCHES,
        of: "b",
        way: BATCH,
        when: "b.revoked_at",
        which: "b.made_at IS NOT NULL AND b.revoked_at < b.valid_until",
        columns: &[(Voided, "UNUSED"), (VoidedWorth, "UNUSED * p.worth")],
        lag: None,
    },
    Flow {
        from: "gifts v JOIN gifts g ON g.id = v.id",
        of: "v",
        way: "CASE WHEN g.why = 'offer' THEN 'offer' WHEN g.why = 'prize' THEN 'draw' WHEN g.why = 'purchase' THEN 'purchase' ELSE 'gift' END",
        when: "v.ended_at",
        which: "v.state = 'given' AND v.voucher_id IS NULL AND v.version IS NOT NULL",
        columns: &[(Given, "1")],
        lag: None,
    },
];

impl Flow {
    fn measures(&self) -> impl Iterator<Item = Measure> {
        let lags = self.lag.map(|_| LAGS.map(|(measure, _)| measure));
        self.columns.iter().map(|(measure, _)| *measure).chain(lags.into_iter().flatten())
    }

    fn sql(&self) -> String {
        let Self { from, of, way, when, which, columns, lag } = self;
        let mut sums: Vec<String> = columns
            .iter()
            .map(|(_, what)| format!("CAST(SUM({}) AS bigint)", what.replace("UNUSED", UNUSED)))
            .collect();
        // Codes of a batch may be used a moment before all of them are made.
        let mut since = -LAGS[6].1;
        for (_, until) in LAGS {
            if let Some(lag) = lag {
                let within = format!("{lag} >= {since} AND {lag} < {until}");
                sums.push(format!("CAST(SUM(CASE WHEN {within} THEN 1 ELSE 0 END) AS bigint)"));
            }
            since = until;
        }
        format!(
            "SELECT {of}.reward, {of}.version, {way} AS way, {} FROM {from} \
             WHERE {when} >= $1 AND {when} < $2 AND {which} GROUP BY 1, 2, 3",
            sums.join(", ")
        )
    }
}

/// What happened from an instant to before another one, without what it costs.
///
/// # Errors
/// A fault of the database.
pub async fn between(
    on: &impl ConnectionTrait,
    begins: Timestamp,
    ends: Timestamp,
) -> Result<BTreeMap<Line, Sums>, Error> {
    let mut all: BTreeMap<Line, Sums> = BTreeMap::new();
    for flow in FLOWS {
        for row in query(on, &flow.sql(), [begins.micros().into(), ends.micros().into()]).await? {
            let line = (code(&row, 0)?, at(&row, 1)?, at(&row, 2)?);
            let sums = all.entry(line).or_default();
            for (column, measure) in (3..).zip(flow.measures()) {
                sums.add(measure, at(&row, column)?)?;
            }
        }
    }
    Ok(all)
}
