//! What members show in place of a card for a minute, as keyed hashes.

use kernel::{Digest16, MemberId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use store::Tx;

use super::{
    blind_index,
    tables::card_tokens::{self as rows, Column, Entity},
};
use crate::error::Error;

/// Lets a number lead to a member until it lapses; `false` when it leads to somebody.
///
/// # Errors
/// A fault of the database.
pub async fn insert(
    tx: &Tx,
    digest: Digest16,
    member: MemberId,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool, Error> {
    let row = rows::Model {
        digest: digest.0.to_vec(),
        member_id: member.as_uuid(),
        made_at: now.micros(),
        expires_at: expires_at.micros(),
    };
    let first = OnConflict::column(Column::Digest).do_nothing().to_owned();
    let inserted =
        Entity::insert(row.into_active_model()).on_conflict(first).exec_without_returning(tx).await?;
    Ok(inserted == 1)
}

/// The member to whom the number with one of these keyed hashes leads at `now`.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    on: &impl ConnectionTrait,
    every: impl IntoIterator<Item = Digest16>,
    now: Timestamp,
) -> Result<Option<MemberId>, Error> {
    let every = every.into_iter().map(blind_index::bytes);
    let query = Entity::find().filter(Column::Digest.is_in(every)).filter(Column::ExpiresAt.gt(now.micros()));
    Ok(query.one(on).await?.map(|row| MemberId::from_uuid(row.member_id)))
}

/// Forgets the member's numbers but the one that was made last: it may be on its way to the till.
///
/// # Errors
/// A fault of the database.
pub async fn forget_but_last(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let own = Column::MemberId.eq(member.as_uuid());
    let last = Entity::find().filter(own.clone()).order_by_desc(Column::MadeAt).order_by_asc(Column::Digest);
    let Some(last) = last.limit(1).one(tx).await? else { return Ok(()) };
    Entity::delete_many().filter(own).filter(Column::Digest.ne(last.digest)).exec(tx).await?;
    Ok(())
}
