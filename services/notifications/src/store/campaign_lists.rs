//! The lists of members that campaigns are about, where they are about a list.

use std::sync::LazyLock;

use kernel::{CampaignCode, MemberId};
use sea_orm::ConnectionTrait;
use store::{Column, ColumnType, Tx, bulk::BulkInsert};
use uuid::Uuid;

use super::{at, execute, query};
use crate::error::Error;

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("campaign", ColumnType::Text), ("member_id", ColumnType::Uuid)];
    BulkInsert::new("campaign_lists", &columns, "ON CONFLICT (campaign, member_id) DO NOTHING")
});

/// Puts members on a campaign's list; answers how many were new.
///
/// # Errors
/// A fault of the database.
pub async fn add(tx: &Tx, code: &CampaignCode, members: &[MemberId]) -> Result<u64, Error> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.as_uuid()).collect();
    let codes = vec![code.as_str(); ids.len()];
    Ok(INSERT.run(tx, &[Column::Text(&codes), Column::Uuid(&ids)]).await?)
}

/// How many members are on a campaign's list.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait, code: &CampaignCode) -> Result<u64, Error> {
    let sql = "SELECT COUNT(*) FROM campaign_lists WHERE campaign = $1";
    let rows = query(on, sql, [code.as_str().into()]).await?;
    let count = rows.first().map_or(Ok(0), |row| at::<i64>(row, 0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

/// Up to `limit` members of a campaign's list behind `after`, by id.
///
/// # Errors
/// A fault of the database.
pub async fn page(
    on: &impl ConnectionTrait,
    code: &CampaignCode,
    after: Option<Uuid>,
    limit: u32,
) -> Result<Vec<MemberId>, Error> {
    let sql = "SELECT member_id FROM campaign_lists WHERE campaign = $1 AND member_id > $2 ORDER BY member_id LIMIT $3";
    let values = [code.as_str().into(), after.unwrap_or_default().into(), i64::from(limit).into()];
    query(on, sql, values).await?.iter().map(|row| Ok(MemberId::from_uuid(at(row, 0)?))).collect()
}

/// Takes everybody off a campaign's list, up to `limit` at once; answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn clear(tx: &Tx, code: &CampaignCode, limit: u32) -> Result<u64, Error> {
    let sql = "DELETE FROM campaign_lists WHERE campaign = $1 AND member_id IN \
               (SELECT member_id FROM campaign_lists WHERE campaign = $1 ORDER BY member_id LIMIT $2)";
    execute(tx, sql, [code.as_str().into(), i64::from(limit).into()]).await
}
