//! Households and who belongs to them.

use anyhow::Context as _;
use kernel::{HouseholdId, MemberId};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, OnConflict},
};
use store::Tx;
use uuid::Uuid;

use super::{
    instant,
    tables::{household_members, households},
};
use crate::{
    domain::household::{Belonging, role_from_word, role_word},
    error::Error,
};

/// Where a member belongs; `None` for nowhere. Hold the member before, where it is to be changed.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(on: &impl ConnectionTrait, member: MemberId) -> Result<Option<Belonging>, Error> {
    household_members::Entity::find_by_id(member.as_uuid()).one(on).await?.as_ref().map(belonging).transpose()
}

/// Who belongs to a household, those who have been there longest first.
///
/// # Errors
/// A fault of the database.
pub async fn members(on: &impl ConnectionTrait, household: HouseholdId) -> Result<Vec<Belonging>, Error> {
    let query = household_members::Entity::find()
        .filter(household_members::Column::Household.eq(household.as_uuid()))
        .order_by_asc(household_members::Column::Since)
        .order_by_asc(household_members::Column::MemberId);
    query.all(on).await?.iter().map(belonging).collect()
}

/// Holds a household against others who come, go or get another role in it, until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, household: HouseholdId) -> Result<(), Error> {
    households::Entity::find_by_id(household.as_uuid()).lock_exclusive().one(tx).await?;
    Ok(())
}

/// Takes a place in a household, which is made where it was not there; `false` when `most` are taken. Others wait for the
/// transaction's end, so that no more come in than may.
///
/// # Errors
/// A fault of the database.
pub async fn take_place(tx: &Tx, household: HouseholdId, most: u32) -> Result<bool, Error> {
    let empty = households::Model { id: household.as_uuid(), members: 0 };
    let first = OnConflict::column(households::Column::Id).do_nothing().to_owned();
    let insert = households::Entity::insert(empty.into_active_model()).on_conflict(first);
    insert.exec_without_returning(tx).await?;
    let most = i32::try_from(most).unwrap_or(i32::MAX);
    let one_more = households::Entity::update_many()
        .col_expr(households::Column::Members, Expr::col(households::Column::Members).add(1))
        .filter(households::Column::Id.eq(household.as_uuid()))
        .filter(households::Column::Members.lt(most));
    Ok(one_more.exec(tx).await?.rows_affected == 1)
}

/// Gives a place in a household back.
///
/// # Errors
/// A fault of the database.
pub async fn free_place(tx: &Tx, household: HouseholdId) -> Result<(), Error> {
    let one_less = households::Entity::update_many()
        .col_expr(households::Column::Members, Expr::col(households::Column::Members).sub(1))
        .filter(households::Column::Id.eq(household.as_uuid()));
    one_less.exec(tx).await?;
    Ok(())
}

/// Stores that a member belongs to a household now.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, belonging: &Belonging) -> Result<(), Error> {
    let row = household_members::Model {
        member_id: belonging.member.as_uuid(),
        household: belonging.household.as_uuid(),
        role: role_word(belonging.role).to_owned(),
        since: belonging.since.micros(),
    };
    household_members::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores another role.
///
/// # Errors
/// A fault of the database.
pub async fn update_role(tx: &Tx, belonging: &Belonging) -> Result<(), Error> {
    let changed = household_members::ActiveModel {
        member_id: Set(belonging.member.as_uuid()),
        role: Set(role_word(belonging.role).to_owned()),
        ..Default::default()
    };
    household_members::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// Stores that a member belongs nowhere now.
///
/// # Errors
/// A fault of the database.
pub async fn delete(tx: &Tx, member: MemberId) -> Result<(), Error> {
    household_members::Entity::delete_by_id(member.as_uuid()).exec(tx).await?;
    Ok(())
}

/// Everybody who belongs to a household: member and household.
///
/// # Errors
/// A fault of the database.
pub async fn all(on: &impl ConnectionTrait) -> Result<Vec<(MemberId, HouseholdId)>, Error> {
    let columns = [household_members::Column::MemberId, household_members::Column::Household];
    let query = household_members::Entity::find().select_only().columns(columns);
    let rows: Vec<(Uuid, Uuid)> = query.into_tuple().all(on).await?;
    let read = |(member, household)| (MemberId::from_uuid(member), HouseholdId::from_uuid(household));
    Ok(rows.into_iter().map(read).collect())
}

/// Every household with how many members it says it has.
///
/// # Errors
/// A fault of the database.
pub async fn counts(on: &impl ConnectionTrait) -> Result<Vec<(HouseholdId, i32)>, Error> {
    let rows = households::Entity::find().all(on).await?;
    Ok(rows.into_iter().map(|row| (HouseholdId::from_uuid(row.id), row.members)).collect())
}

fn belonging(row: &household_members::Model) -> Result<Belonging, Error> {
    let role = role_from_word(&row.role).with_context(|| format!("unknown role {:?}", row.role))?;
    Ok(Belonging {
        member: MemberId::from_uuid(row.member_id),
        household: HouseholdId::from_uuid(row.household),
        role,
        since: instant(row.since),
    })
}
