//! What is to be known before one member refers another: whether that one is new, and what the two have in common.

use kernel::MemberId;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

use super::{
    households, instant,
    members::known,
    merges, sessions,
    tables::{activity, members},
};
use crate::{
    domain::referral::{Newcomer, Ties},
    error::Error,
};

/// When a member joined, and whether they bought anything yet; `None` when there is no such member.
///
/// # Errors
/// A fault of the database.
pub async fn newcomer(on: &impl ConnectionTrait, id: MemberId) -> Result<Option<Newcomer>, Error> {
    let joined = known(id).select_only().column(members::Column::JoinedAt).into_tuple();
    let Some(joined): Option<i64> = joined.one(on).await? else { return Ok(None) };
    // What somebody bought by another id of theirs was bought by them.
    let names = merges::absorbed_by(on, &[id]).await?.into_iter().map(|(absorbed, _)| absorbed);
    let names = names.chain([id]).map(MemberId::as_uuid);
    let query = activity::Entity::find().filter(activity::Column::MemberId.is_in(names));
    let bought = query.count(on).await? > 0;
    Ok(Some(Newcomer { member: id, joined_at: instant(joined), bought }))
}

/// Whether two members live in one household, or were signed in on one device.
///
/// # Errors
/// A fault of the database.
pub async fn ties(on: &impl ConnectionTrait, one: MemberId, other: MemberId) -> Result<Ties, Error> {
    let home = households::of_member(on, one).await?.map(|belonging| belonging.household);
    let theirs = households::of_member(on, other).await?.map(|belonging| belonging.household);
    let device = sessions::share_installation(on, one, other).await?;
    Ok(Ties { household: home.is_some() && home == theirs, device })
}
