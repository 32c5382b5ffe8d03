//! What rewards cost: the prices of their versions, and days that are over, summed once.

use std::collections::BTreeMap;

use kernel::{Day, RewardCode, Timestamp};
use sea_orm::{ConnectionTrait, Value};
use store::Tx;

use super::{
    at, broken, execute, instant,
    money_flows::{LEFT, Line, UNUSED, VOUCHERS, WAY},
    offers::code,
    query,
};
use crate::{
    domain::{
        money::{Measure, Price, Sums},
        offer::Offer,
    },
    error::Error,
};

/// Rows of one insertion.
const ROWS: usize = 100;

/// A day that is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedDay {
    /// Which one, on the chain's wall clock.
    pub day: Day,
    /// Its first instant.
    pub begins: Timestamp,
    /// The first instant of the next one.
    pub ends: Timestamp,
}

/// Writes down what one of a version costs, for ever.
///
/// # Errors
/// A fault of the database.
pub async fn price(tx: &Tx, offer: &Offer) -> Result<(), Error> {
    let Price { kind, sponsor, cost, face, worth } = Price::of(&offer.terms);
    let sql = "INSERT INTO version_costs (reward, version, kind, sponsor, cost, face, worth) VALUES ($1, $2, $3, $4, $5, $6, $7)";
    let values = [
        offer.code.as_str().into(),
        offer.version.into(),
        kind.into(),
        sponsor.unwrap_or_default().into(),
        cost.into(),
        face.into(),
        worth.into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// What every version of every reward costs.
///
/// # Errors
/// A fault of the database.
pub async fn prices(on: &impl ConnectionTrait) -> Result<BTreeMap<(RewardCode, i32), Price>, Error> {
    let sql = "SELECT reward, version, kind, sponsor, cost, face, worth FROM version_costs";
    let mut all = BTreeMap::new();
    for row in query(on, sql, []).await? {
        let sponsor: String = at(&row, 3)?;
        let price = Price {
            kind: at(&row, 2)?,
            sponsor: Some(sponsor).filter(|name| !name.is_empty()),
            cost: at(&row, 4)?,
            face: at(&row, 5)?,
            worth: at(&row, 6)?,
        };
        all.insert((code(&row, 0)?, at(&row, 1)?), price);
    }
    Ok(all)
}

/// The latest day that is summed.
///
/// # Errors
/// A fault of the database.
pub async fn last_closed(on: &impl ConnectionTrait) -> Result<Option<ClosedDay>, Error> {
    let sql = "SELECT day, begins, ends FROM cost_days ORDER BY day DESC LIMIT 1";
    let rows = query(on, sql, []).await?;
    rows.first().map(closed_day).transpose()
}

/// Every day that is summed.
///
/// # Errors
/// A fault of the database.
pub async fn closed(on: &impl ConnectionTrait) -> Result<Vec<ClosedDay>, Error> {
    query(on, "SELECT day, begins, ends FROM cost_days ORDER BY day", [])
        .await?
        .iter()
        .map(closed_day)
        .collect()
}

fn closed_day(row: &sea_orm::QueryResult) -> Result<ClosedDay, Error> {
    Ok(ClosedDay {
        day: Day::from_number(at(row, 0)?),
        begins: instant(at(row, 1)?),
        ends: instant(at(row, 2)?),
    })
}

/// The first and the last day that are summed.
///
/// # Errors
/// A fault of the database.
pub async fn summed(on: &impl ConnectionTrait) -> Result<Option<(Day, Day)>, Error> {
    let rows = query(on, "SELECT MIN(day), MAX(day) FROM cost_days", []).await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let ends = at::<Option<i32>>(row, 0)?.zip(at::<Option<i32>>(row, 1)?);
    Ok(ends.map(|(first, last)| (Day::from_number(first), Day::from_number(last))))
}

/// Whether any version of a reward names who pays so.
///
/// # Errors
/// A fault of the database.
pub async fn is_sponsor(on: &impl ConnectionTrait, name: &str) -> Result<bool, Error> {
    // No text of a database has such characters, and some refuse to look for them.
    if name.chars().any(char::is_control) {
        return Ok(false);
    }
    let sql = "SELECT 1 FROM version_costs WHERE sponsor = $1 LIMIT 1";
    Ok(!query(on, sql, [name.into()]).await?.is_empty())
}

/// When something first happened to a reward; nothing where nothing ever did.
///
/// # Errors
/// A fault of the database.
pub async fn first(on: &impl ConnectionTrait) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT MIN(at) FROM (SELECT MIN(requested_at) AS at FROM redemptions UNION ALL SELECT MIN(ended_at) FROM gifts \
               UNION ALL SELECT MIN(made_at) FROM code_batches) firsts";
    let rows = query(on, sql, []).await?;
    rows.first().map_or(Ok(None), |row| Ok(at::<Option<i64>>(row, 0)?.map(instant)))
}

/// Keeps the sums of a day; answers whether they were not kept before.
///
/// # Errors
/// A fault of the database.
pub async fn close(
    tx: &Tx,
    day: ClosedDay,
    sums: &BTreeMap<Line, Sums>,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "INSERT INTO cost_days (day, begins, ends, closed_at) VALUES ($1, $2, $3, $4) ON CONFLICT (day) DO NOTHING";
    let values =
        [day.day.number().into(), day.begins.micros().into(), day.ends.micros().into(), now.micros().into()];
    if execute(tx, sql, values).await? == 0 {
        return Ok(false);
    }
    let lines =
        sums.iter().flat_map(|(line, sums)| sums.all().map(move |(measure, sum)| (line, measure, sum)));
    let lines: Vec<_> = lines.collect();
    for some in lines.chunks(ROWS) {
        let (mut values, mut rows): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
        for ((reward, version, way), measure, sum) in some {
            let places: Vec<String> = (1..=6).map(|place| format!("${}", values.len() + place)).collect();
            rows.push(format!("({})", places.join(", ")));
            values.extend([
                Value::from(day.day.number()),
                reward.as_str().into(),
                (*version).into(),
                way.as_str().into(),
                measure.word().into(),
                (*sum).into(),
            ]);
        }
        let sql = format!(
            "INSERT INTO cost_sums (day, reward, version, way, measure, amount) VALUES {}",
            rows.join(", ")
        );
        execute(tx, &sql, values).await?;
    }
    Ok(true)
}

/// What days that are summed say, from one to another, both included.
///
/// # Errors
/// A fault of the database.
pub async fn kept(on: &impl ConnectionTrait, from: Day, to: Day) -> Result<BTreeMap<Line, Sums>, Error> {
    let sql = "SELECT reward, version, way, measure, CAST(SUM(amount) AS bigint) FROM cost_sums WHERE day BETWEEN $1 AND $2 \
               GROUP BY reward, version, way, measure";
    let mut all: BTreeMap<Line, Sums> = BTreeMap::new();
    for row in query(on, sql, [from.number().into(), to.number().into()]).await? {
        let measure = Measure::from_word(&at::<String>(&row, 3)?).ok_or_else(|| broken("a measure"))?;
        let line = (code(&row, 0)?, at(&row, 1)?, at(&row, 2)?);
        all.entry(line).or_default().add(measure, at(&row, 4)?)?;
    }
    Ok(all)
}

/// What members and others have and have not used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outstanding {
    /// How many.
    pub count: i64,
    /// What is left of them: minor units of credit, 1 of what is used once.
    pub left: i64,
    /// Of these, what tills have set aside.
    pub reserved: i64,
}

/// Vouchers that can be used at an instant and end in a time.
///
/// # Errors
/// A fault of the database.
pub async fn outstanding(
    on: &impl ConnectionTrait,
    now: Timestamp,
    (begins, ends): (Timestamp, Timestamp),
) -> Result<BTreeMap<Line, Outstanding>, Error> {
    let reserved = "COALESCE((SELECT SUM(w.amount) FROM voucher_uses w WHERE w.voucher_id = v.id AND w.state = 'reserved' AND w.until > $3), 0)";
    let vouchers = format!(
        "SELECT v.reward, v.version, {WAY} AS way, COUNT(*), CAST(SUM({LEFT}) AS bigint), CAST(SUM({reserved}) AS bigint) \
         FROM {VOUCHERS} WHERE v.state = 'issued' AND v.valid_until > $3 AND v.valid_until >= $1 AND v.valid_until < $2 GROUP BY 1, 2, 3"
    );
    let codes = format!(
        "SELECT b.reward, b.version, 'batch', CAST(SUM({UNUSED}) AS bigint), CAST(SUM({UNUSED} * p.worth) AS bigint), CAST(0 AS bigint) \
         FROM code_batches b JOIN version_costs p ON p.reward = b.reward AND p.version = b.version \
         WHERE b.state = 'made' AND b.valid_until > $3 AND b.valid_until >= $1 AND b.valid_until < $2 GROUP BY 1, 2"
    );
    let mut all = BTreeMap::new();
    for sql in [vouchers, codes] {
        let values = [begins.micros().into(), ends.micros().into(), now.micros().into()];
        for row in query(on, &sql, values).await? {
            let found = Outstanding { count: at(&row, 3)?, left: at(&row, 4)?, reserved: at(&row, 5)? };
            all.insert((code(&row, 0)?, at(&row, 1)?, at(&row, 2)?), found);
        }
    }
    Ok(all)
}

/// The next end of a voucher or of a batch of codes, at an instant or later.
///
/// # Errors
/// A fault of the database.
pub async fn next_end(on: &impl ConnectionTrait, from: Timestamp) -> Result<Option<Timestamp>, Error> {
    let sql = "SELECT MIN(at) FROM (SELECT MIN(valid_until) AS at FROM vouchers WHERE state = 'issued' AND valid_until >= $1 \
               UNION ALL SELECT MIN(valid_until) FROM code_batches WHERE state = 'made' AND valid_until >= $1) ends";
    let rows = query(on, sql, [from.micros().into()]).await?;
    rows.first().map_or(Ok(None), |row| Ok(at::<Option<i64>>(row, 0)?.map(instant)))
}

/// Redemptions whose points are not redeemed yet: by reward and version, how many, and how many points. Those for which everything is
/// ready wait for seconds; what began before `since` and still does is left out.
///
/// # Errors
/// A fault of the database.
pub async fn under_way(
    on: &impl ConnectionTrait,
    since: Timestamp,
) -> Result<BTreeMap<(RewardCode, i32), (i64, i64)>, Error> {
    let sql = "SELECT reward, version, COUNT(*), CAST(SUM(points) AS bigint) FROM ( \
               SELECT reward, version, points FROM redemptions WHERE state = 'requested' \
               UNION ALL SELECT r.reward, r.version, r.points FROM fulfilments f JOIN redemptions r ON r.id = f.redemption_id \
               WHERE (f.next_at IS NOT NULL OR f.people_since IS NOT NULL) AND r.state = 'fulfilling' \
               UNION ALL SELECT reward, version, points FROM redemptions WHERE state = 'fulfilled' AND requested_at >= $1 \
               ) open_ones GROUP BY 1, 2";
    let mut all = BTreeMap::new();
    for row in query(on, sql, [since.micros().into()]).await? {
        all.insert((code(&row, 0)?, at(&row, 1)?), (at(&row, 2)?, at(&row, 3)?));
    }
    Ok(all)
}
