//! How often each member had a reward in each period that counts.

use kernel::{MemberId, RewardCode};
use store::Tx;

use super::execute;
use crate::{domain::refusal::Refusal, error::Error};

/// Counts one more under each of these names, none beyond its most.
///
/// # Errors
/// [`Refusal::LimitReached`], or a fault of the database.
pub async fn count(
    tx: &Tx,
    reward: &RewardCode,
    member: MemberId,
    counted: &[(String, u32)],
) -> Result<(), Error> {
    let sql = "INSERT INTO tallies (reward, member_id, period, used) VALUES ($1, $2, $3, 1) \
               ON CONFLICT (member_id, reward, period) DO UPDATE SET used = tallies.used + 1 WHERE tallies.used < $4";
    for (period, most) in counted {
        let values = [
            reward.as_str().into(),
            member.as_uuid().into(),
            period.as_str().into(),
            i64::from(*most).into(),
        ];
        if execute(tx, sql, values).await? == 0 {
            return Err(Refusal::LimitReached { most: *most }.into());
        }
    }
    Ok(())
}

/// Counts one less under each of these names.
///
/// # Errors
/// A fault of the database.
pub async fn uncount<'a>(
    tx: &Tx,
    reward: &RewardCode,
    member: MemberId,
    counted: impl Iterator<Item = &'a str>,
) -> Result<(), Error> {
    let sql = "UPDATE tallies SET used = used - 1 WHERE reward = $1 AND member_id = $2 AND period = $3 AND used > 0";
    for period in counted {
        execute(tx, sql, [reward.as_str().into(), member.as_uuid().into(), period.into()]).await?;
    }
    Ok(())
}
