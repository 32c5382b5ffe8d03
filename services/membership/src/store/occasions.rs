//! Occasions of members: birthdays by keyed hash, anniversaries by the time of joining, and what was told of them.

use std::ops::Range;

use kernel::{Day, Digest16, MemberId, Timestamp};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, OnConflict},
};
use store::Tx;
use uuid::Uuid;

use super::{
    Vault, blind_index, counted,
    members::still_here,
    signed,
    tables::{
        members, occasion_progress,
        occasions::{self, Column, Entity},
    },
};
use crate::{
    domain::{
        birthday::DayOfYear,
        occasion::{Marked, word},
    },
    error::Error,
};
use contracts::membership::Occasion;

/// Remembers under which keyed hash a member's birthday is found, or that it is not known any more.
///
/// # Errors
/// A fault of the database, or a process that lacks a key of the blind index.
pub async fn save_birthday(
    tx: &Tx,
    vault: &Vault,
    member: MemberId,
    day: Option<DayOfYear>,
) -> Result<(), Error> {
    let key = blind_index::hold(tx, vault).await?.id();
    let under = |day| vault.day_digests(day).find(|(id, _)| *id == key).map(|(_, digest)| digest.0.to_vec());
    let birthday = day.and_then(under);
    let row = occasions::Model { birthday, birthday_key: key.into(), ..nothing(member) };
    let again = OnConflict::column(Column::MemberId)
        .update_columns([Column::Birthday, Column::BirthdayKey])
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(again).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` members after `after` whose birthday has one of these keyed hashes, and was not told since `since`, in the
/// order of their ids.
///
/// # Errors
/// A fault of the database.
pub async fn with_birthday(
    on: &impl ConnectionTrait,
    digests: &[Digest16],
    since: Day,
    after: Option<MemberId>,
    limit: u64,
) -> Result<Vec<MemberId>, Error> {
    let mut query = Entity::find()
        .select_only()
        .column(Column::MemberId)
        .filter(Column::Birthday.is_in(digests.iter().map(|digest| digest.0.to_vec())))
        .filter(untold(Column::BirthdayToldFor, since));
    if let Some(after) = after {
        query = query.filter(Column::MemberId.gt(after.as_uuid()));
    }
    let ids: Vec<Uuid> = query.order_by_asc(Column::MemberId).limit(limit).into_tuple().all(on).await?;
    Ok(ids.into_iter().map(MemberId::from_uuid).collect())
}

/// Up to `limit` members after `after` who joined within a range of time, in the order of joining, but for those whose
/// anniversary was told since `since`.
///
/// # Errors
/// A fault of the database.
pub async fn joined_within(
    on: &impl ConnectionTrait,
    range: &Range<Timestamp>,
    since: Day,
    after: Option<(Timestamp, MemberId)>,
    limit: u64,
) -> Result<Vec<(Timestamp, MemberId)>, Error> {
    let told = Entity::find()
        .select_only()
        .column(Column::MemberId)
        .filter(Column::AnniversaryToldFor.gte(since.number()))
        .filter(
            Expr::col((occasions::Entity, Column::MemberId)).equals((members::Entity, members::Column::Id)),
        )
        .into_query();
    let mut query = members::Entity::find()
        .select_only()
        .columns([members::Column::JoinedAt, members::Column::Id])
        .filter(members::Column::JoinedAt.gte(range.start.micros()))
        .filter(members::Column::JoinedAt.lt(range.end.micros()))
        .filter(still_here())
        .filter(Expr::exists(told).not());
    if let Some((at, id)) = after {
        let later = Condition::all()
            .add(members::Column::JoinedAt.eq(at.micros()))
            .add(members::Column::Id.gt(id.as_uuid()));
        query = query.filter(Condition::any().add(members::Column::JoinedAt.gt(at.micros())).add(later));
    }
    let ordered = query.order_by_asc(members::Column::JoinedAt).order_by_asc(members::Column::Id);
    let rows: Vec<(i64, Uuid)> = ordered.limit(limit).into_tuple().all(on).await?;
    Ok(rows.into_iter().map(|(at, id)| (Timestamp::from_micros(at), MemberId::from_uuid(id))).collect())
}

fn untold(column: Column, since: Day) -> Condition {
    Condition::any().add(column.is_null()).add(column.lt(since.number()))
}

/// When the first member joined; `None` while there is none.
///
/// # Errors
/// A fault of the database.
pub async fn first_joining(on: &impl ConnectionTrait) -> Result<Option<Timestamp>, Error> {
    let query = members::Entity::find().select_only().column(members::Column::JoinedAt);
    let first: Option<i64> =
        query.order_by_asc(members::Column::JoinedAt).limit(1).into_tuple().one(on).await?;
    Ok(first.map(Timestamp::from_micros))
}

/// What was told of these members, who are held against others who tell until the transaction ends, in the order of their ids.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, members: &[MemberId]) -> Result<Vec<Marked>, Error> {
    let mut ordered = members.to_vec();
    ordered.sort_unstable();
    let rows = ordered.iter().map(|member| nothing(*member).into_active_model());
    let first = OnConflict::column(Column::MemberId).do_nothing().to_owned();
    Entity::insert_many(rows).on_conflict(first).exec_without_returning(tx).await?;
    let ids = members.iter().map(|member| member.as_uuid());
    let query = Entity::find().filter(Column::MemberId.is_in(ids)).order_by_asc(Column::MemberId);
    query.lock_exclusive().all(tx).await?.iter().map(marked).collect()
}

/// Stores what was told of a member who is held.
///
/// # Errors
/// A fault of the database.
pub async fn save(tx: &Tx, marked: &Marked) -> Result<(), Error> {
    let changed = occasions::ActiveModel {
        member_id: Set(marked.member.as_uuid()),
        birthday_told_for: Set(marked.birthday_told_for.map(Day::number)),
        anniversary_told_for: Set(marked.anniversary_told_for.map(Day::number)),
        told: Set(signed(marked.told)?),
        ..Default::default()
    };
    Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Up to which day an occasion was told of everybody.
///
/// # Errors
/// A fault of the database.
pub async fn through(on: &impl ConnectionTrait, occasion: Occasion) -> Result<Option<Day>, Error> {
    let row = occasion_progress::Entity::find_by_id(word(occasion).to_owned()).one(on).await?;
    Ok(row.map(|row| Day::from_number(row.through)))
}

/// Stores up to which day an occasion was told of everybody; a later day stays.
///
/// # Errors
/// A fault of the database.
pub async fn save_through(tx: &Tx, occasion: Occasion, day: Day) -> Result<(), Error> {
    use occasion_progress::{Column, Entity, Model};
    let row = Model { occasion: word(occasion).to_owned(), through: day.number() };
    let later = OnConflict::column(Column::Occasion)
        .update_column(Column::Through)
        .action_and_where(Expr::col((Entity, Column::Through)).lt(day.number()))
        .to_owned();
    Entity::insert(row.into_active_model()).on_conflict(later).exec_without_returning(tx).await?;
    Ok(())
}

fn nothing(member: MemberId) -> occasions::Model {
    occasions::Model {
        member_id: member.as_uuid(),
        birthday: None,
        birthday_told_for: None,
        anniversary_told_for: None,
        told: 0,
        birthday_key: 0,
    }
}

fn marked(row: &occasions::Model) -> Result<Marked, Error> {
    Ok(Marked {
        member: MemberId::from_uuid(row.member_id),
        birthday_told_for: row.birthday_told_for.map(Day::from_number),
        anniversary_told_for: row.anniversary_told_for.map(Day::from_number),
        told: counted(row.told)?,
    })
}
