//! How often each member had a reward in each period that counts.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use anyhow::anyhow;
use kernel::{MemberId, RewardCode};
use store::{
    Column,
    ColumnType::{self, I64, Text, Uuid as Id},
    Tx,
    bulk::{BulkInsert, BulkSelect},
};
use uuid::Uuid;

use super::{at, execute, offers::code};
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

/// Whose, of which reward, in which period.
pub type Name = (MemberId, RewardCode, String);

/// How many more are counted under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct More {
    /// How many.
    pub count: i64,
    /// Its most.
    pub most: u32,
}

const NAMES: [(&str, ColumnType); 3] = [("member_id", Id), ("reward", Text), ("period", Text)];
static USED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::by_for_update("tallies", "member_id, reward, period, used", &NAMES));
static COUNT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let [member, reward, period] = NAMES;
    let conflict = "ON CONFLICT (member_id, reward, period) DO UPDATE SET used = tallies.used + excluded.used \
                    RETURNING member_id, reward, period, used";
    BulkInsert::new("tallies", &[member, reward, period, ("used", I64)], conflict)
});

/// Names in one order for everybody, by columns.
fn columns<'a>(
    names: impl Iterator<Item = &'a Name>,
) -> (Vec<&'a Name>, Vec<Uuid>, Vec<&'a str>, Vec<&'a str>) {
    let mut names: Vec<&Name> = names.collect();
    names.sort_unstable();
    let members = names.iter().map(|(member, ..)| member.as_uuid()).collect();
    let rewards = names.iter().map(|(_, reward, _)| reward.as_str()).collect();
    let periods = names.iter().map(|(.., period)| period.as_str()).collect();
    (names, members, rewards, periods)
}

/// How many were counted under each of these names, held against others until the transaction ends; nothing is there of the others.
///
/// # Errors
/// A fault of the database.
pub async fn used(tx: &Tx, names: &HashSet<Name>) -> Result<HashMap<Name, i64>, Error> {
    let (_, members, rewards, periods) = columns(names.iter());
    let sought = [Column::Uuid(&members), Column::Text(&rewards), Column::Text(&periods)];
    let rows = USED.run_by(tx, &sought).await?;
    let used = |row| Ok(((MemberId::from_uuid(at(row, 0)?), code(row, 1)?, at(row, 2)?), at(row, 3)?));
    rows.iter().map(used).collect()
}

/// Counts so many more under each of these names.
///
/// # Errors
/// [`Error::Met`] when somebody else counted meanwhile, so that it would be too many; or a fault of the database.
pub async fn count_all(tx: &Tx, more: &HashMap<Name, More>) -> Result<(), Error> {
    let (names, members, rewards, periods) = columns(more.keys());
    let counts: Vec<i64> = names.iter().map(|name| more[*name].count).collect();
    let columns =
        [Column::Uuid(&members), Column::Text(&rewards), Column::Text(&periods), Column::I64(&counts)];
    for row in COUNT.run_returning(tx, &columns).await? {
        let name = (MemberId::from_uuid(at(&row, 0)?), code(&row, 1)?, at(&row, 2)?);
        if more
            .get(&name)
            .is_some_and(|more| at::<i64>(&row, 3).is_ok_and(|used| used > i64::from(more.most)))
        {
            return Err(Error::Met(anyhow!("a limit was reached meanwhile")));
        }
    }
    Ok(())
}
