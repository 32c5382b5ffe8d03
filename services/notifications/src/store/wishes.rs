//! What members want to hear.

use std::{collections::HashMap, sync::LazyLock};

use kernel::{MemberId, Timestamp};
use sea_orm::ConnectionTrait;
use store::{Column, ColumnType, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::{at, broken, execute, instant, query};
use crate::{
    domain::{
        channel::Channel,
        routing::Wishes,
        trigger::Topic,
        wish::{SaidBy, Wish},
    },
    error::Error,
};

static OF_MEMBERS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("wishes", "member_id, topic, channel, wanted", ("member_id", ColumnType::Uuid))
});

/// What somebody said about a topic on a channel.
#[derive(Debug, Clone)]
pub struct Said {
    /// The wish.
    pub wish: Wish,
    /// By what they said it.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

fn pair(topic: &str, channel: &str) -> Result<(Topic, Channel), Error> {
    let topic = Topic::from_word(topic).ok_or_else(|| broken("a topic"))?;
    Ok((topic, Channel::from_word(channel).ok_or_else(|| broken("a channel"))?))
}

/// What these members want; who said nothing is not in the answer.
///
/// # Errors
/// A fault of the database.
pub async fn of_members(tx: &Tx, members: &[MemberId]) -> Result<HashMap<MemberId, Wishes>, Error> {
    let ids: Vec<Uuid> = members.iter().map(|member| member.as_uuid()).collect();
    let mut all = HashMap::<MemberId, Wishes>::new();
    if ids.is_empty() {
        return Ok(all);
    }
    for row in OF_MEMBERS.run(tx, Column::Uuid(&ids)).await? {
        let key = pair(&at::<String>(&row, 1)?, &at::<String>(&row, 2)?)?;
        all.entry(MemberId::from_uuid(at(&row, 0)?)).or_default().0.insert(key, at(&row, 3)?);
    }
    Ok(all)
}

/// What a member said, by topic and channel.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Vec<Said>, Error> {
    let sql = "SELECT topic, channel, wanted, said_by, said_at FROM wishes WHERE member_id = $1 ORDER BY topic, channel";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    let said = |row| {
        let (topic, channel) = pair(&at::<String>(row, 0)?, &at::<String>(row, 1)?)?;
        Ok(Said {
            wish: Wish { topic, channel, wanted: at(row, 2)? },
            by: at(row, 3)?,
            at: instant(at(row, 4)?),
        })
    };
    rows.iter().map(said).collect()
}

/// Notes what a member wants; what they said before of the same is forgotten.
///
/// # Errors
/// A fault of the database.
pub async fn note(
    tx: &Tx,
    member: MemberId,
    wishes: &[Wish],
    by: SaidBy,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO wishes (member_id, topic, channel, wanted, said_by, said_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (member_id, topic, channel) DO UPDATE SET wanted = excluded.wanted, \
               said_by = excluded.said_by, said_at = excluded.said_at WHERE wishes.said_at <= excluded.said_at";
    for wish in wishes {
        let values = [
            member.as_uuid().into(),
            wish.topic.word().into(),
            wish.channel.word().into(),
            wish.wanted.into(),
            by.word().into(),
            now.micros().into(),
        ];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// Whether a member turned out to be another one, and who.
///
/// # Errors
/// A fault of the database.
pub async fn survivor(on: &impl ConnectionTrait, member: MemberId) -> Result<MemberId, Error> {
    let sql = "SELECT survivor FROM merged_members WHERE member_id = $1";
    let rows = query(on, sql, [member.as_uuid().into()]).await?;
    rows.first().map_or(Ok(member), |row| Ok(MemberId::from_uuid(at(row, 0)?)))
}
