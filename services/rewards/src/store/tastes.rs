//! What members buy, by categories.

use std::collections::BTreeMap;

use kernel::MemberId;
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, execute, query};
use crate::{
    domain::taste::{Bucket, Taste},
    error::Error,
};

fn read(row: &QueryResult) -> Result<(String, Taste), Error> {
    let buckets: Vec<Bucket> =
        serde_json::from_str(&at::<String>(row, 2)?).map_err(|_| broken("purchases of a category"))?;
    Ok((at(row, 0)?, Taste { period: at(row, 1)?, buckets }))
}

/// What a member buys, by category.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
) -> Result<BTreeMap<String, Taste>, Error> {
    let sql = "SELECT category, period, buckets FROM tastes WHERE member_id = $1";
    query(on, sql, [member.as_uuid().into()]).await?.iter().map(read).collect()
}

/// Writes down what a member buys of a category.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, member: MemberId, category: &str, taste: &Taste) -> Result<(), Error> {
    let buckets = serde_json::to_string(&taste.buckets).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO tastes (member_id, category, period, buckets) VALUES ($1, $2, $3, $4) \
               ON CONFLICT (member_id, category) DO UPDATE SET period = excluded.period, buckets = excluded.buckets";
    let values = [member.as_uuid().into(), category.into(), taste.period.into(), buckets.into()];
    execute(tx, sql, values).await.map(drop)
}

/// Forgets what a member buys: of one category, or of all.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId, category: Option<&str>) -> Result<(), Error> {
    let sql = "DELETE FROM tastes WHERE member_id = $1 AND ($2 = '' OR category = $2)";
    execute(tx, sql, [member.as_uuid().into(), category.unwrap_or_default().into()]).await.map(drop)
}

/// Adds what the one who goes bought to what the one who stays did.
///
/// # Errors
/// A fault of the database.
pub async fn absorb(tx: &Tx, survivor: MemberId, absorbed: MemberId) -> Result<(), Error> {
    let mut own = of_member(tx, survivor).await?;
    for (category, theirs) in of_member(tx, absorbed).await? {
        let taste = own.entry(category.clone()).or_default();
        taste.merge(&theirs);
        write(tx, survivor, &category, taste).await?;
    }
    forget(tx, absorbed, None).await
}

/// The kinds of rewards of which a member has or had a voucher.
///
/// # Errors
/// A fault of the database.
pub async fn kinds_had(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<String>, Error> {
    let sql = "SELECT DISTINCT r.kind FROM vouchers v JOIN rewards r ON r.code = v.reward \
               WHERE v.member_id = $1 AND v.issued_at IS NOT NULL ORDER BY r.kind";
    query(on, sql, [member.as_uuid().into()]).await?.iter().map(|row| at(row, 0)).collect()
}
