//! The catalogue: rewards with the latest version of their terms, and every version before.

use kernel::{RewardCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, execute, held, instant, micros, money, query};
use crate::{
    domain::{
        offer::{Offer, Schedule},
        reward::Terms,
    },
    error::Error,
};

const COLUMNS: &str = "SELECT code, version, document, live_from, live_until FROM rewards";

pub(super) fn offer(row: &QueryResult) -> Result<Offer, Error> {
    Ok(Offer {
        code: code(row, 0)?,
        version: at(row, 1)?,
        terms: terms(&at::<String>(row, 2)?)?,
        schedule: Schedule {
            from: at::<Option<i64>>(row, 3)?.map(instant),
            until: at::<Option<i64>>(row, 4)?.map(instant),
        },
    })
}

pub(super) fn code(row: &QueryResult, index: usize) -> Result<RewardCode, Error> {
    RewardCode::parse(&at::<String>(row, index)?).map_err(|_| broken("a reward's code"))
}

pub(super) fn terms(document: &str) -> Result<Terms, Error> {
    serde_json::from_str(document).map_err(|_| broken("a reward's terms"))
}

/// A reward as it stands.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &RewardCode) -> Result<Option<Offer>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(offer).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &RewardCode) -> Result<Option<Offer>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(offer).transpose()
}

/// What one of a reward costs who pays for it, in minor units, as its terms say now; none for a reward that there is not.
///
/// # Errors
/// A fault of the database.
pub async fn cost(on: &impl ConnectionTrait, code: &RewardCode) -> Result<i64, Error> {
    Ok(load(on, code).await?.map_or(0, |reward| reward.terms.cost))
}

/// The terms of a version, as they were.
///
/// # Errors
/// A fault of the database.
pub async fn version(on: &impl ConnectionTrait, code: &RewardCode, version: i32) -> Result<Terms, Error> {
    let sql = "SELECT document FROM reward_versions WHERE code = $1 AND version = $2";
    let rows = query(on, sql, [code.as_str().into(), version.into()]).await?;
    let row = rows.first().ok_or_else(|| broken("no version of a reward"))?;
    terms(&at::<String>(row, 0)?)
}

/// Rewards whose codes come after `after`, in order, so many at most; those that are live at `live_at` alone where it is named.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    kind: Option<&str>,
    live_at: Option<Timestamp>,
    after: &str,
    limit: u64,
) -> Result<Vec<Offer>, Error> {
    let sql = format!(
        "{COLUMNS} WHERE code > $1 AND ($2 = '' OR kind = $2) \
         AND ($3 < 0 OR (live_from IS NOT NULL AND live_from <= $3 AND (live_until IS NULL OR live_until > $3))) \
         ORDER BY code LIMIT $4"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let live_at = live_at.map_or(-1, Timestamp::micros);
    let values = [after.into(), kind.unwrap_or_default().into(), live_at.into(), limit.into()];
    query(on, &sql, values).await?.iter().map(offer).collect()
}

/// Writes a version of a reward's terms down, the first one with the reward itself.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, offer: &Offer, now: Timestamp) -> Result<(), Error> {
    let document = serde_json::to_string(&offer.terms).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO rewards (code, version, document, kind, points, live_from, live_until, created_at, changed_at) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8) ON CONFLICT (code) DO UPDATE SET \
               version = excluded.version, document = excluded.document, kind = excluded.kind, \
               points = excluded.points, changed_at = excluded.changed_at";
    let values = [
        offer.code.as_str().into(),
        offer.version.into(),
        document.as_str().into(),
        offer.terms.kind.word().into(),
        offer.terms.points.into(),
        micros(offer.schedule.from).into(),
        micros(offer.schedule.until).into(),
        now.micros().into(),
    ];
    execute(tx, sql, values).await?;
    let sql = "INSERT INTO reward_versions (code, version, document, made_at) VALUES ($1, $2, $3, $4)";
    let values = [offer.code.as_str().into(), offer.version.into(), document.into(), now.micros().into()];
    execute(tx, sql, values).await?;
    money::price(tx, offer).await
}

/// Says when a reward is offered.
///
/// # Errors
/// A fault of the database.
pub async fn schedule(tx: &Tx, code: &RewardCode, schedule: Schedule, now: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE rewards SET live_from = $1, live_until = $2, changed_at = $3 WHERE code = $4";
    let values = [
        micros(schedule.from).into(),
        micros(schedule.until).into(),
        now.micros().into(),
        code.as_str().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}
