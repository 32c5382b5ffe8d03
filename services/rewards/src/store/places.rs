//! The chain's branches and their regions, as `membership` told them.

use kernel::{BranchCode, RegionCode};
use sea_orm::ConnectionTrait;
use store::Tx;

use super::{at, broken, execute, query};
use crate::error::Error;

/// Notes a branch, unless something newer is known of it.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, branch: &BranchCode, region: &RegionCode, seq: u64) -> Result<(), Error> {
    let seq = i64::try_from(seq).map_err(|_| broken("a position"))?;
    let sql = "INSERT INTO branches (branch, region, seq) VALUES ($1, $2, $3) ON CONFLICT (branch) DO UPDATE \
               SET region = excluded.region, seq = excluded.seq WHERE branches.seq < excluded.seq";
    execute(tx, sql, [branch.as_str().into(), region.as_str().into(), seq.into()]).await.map(drop)
}

/// The region of a branch; nothing for a branch that was not heard of.
///
/// # Errors
/// A fault of the database.
pub async fn region_of(on: &impl ConnectionTrait, branch: &BranchCode) -> Result<Option<RegionCode>, Error> {
    let rows = query(on, "SELECT region FROM branches WHERE branch = $1", [branch.as_str().into()]).await?;
    let region = rows.first().map(|row| at::<String>(row, 0)).transpose()?;
    region.map(|code| RegionCode::parse(&code).map_err(|_| broken("a region"))).transpose()
}

/// Every branch with its region.
///
/// # Errors
/// A fault of the database.
pub async fn all(on: &impl ConnectionTrait) -> Result<Vec<(BranchCode, RegionCode)>, Error> {
    let rows = query(on, "SELECT branch, region FROM branches ORDER BY branch", []).await?;
    let place = |row| {
        let branch = BranchCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a branch"))?;
        Ok((branch, RegionCode::parse(&at::<String>(row, 1)?).map_err(|_| broken("a region"))?))
    };
    rows.iter().map(place).collect()
}
