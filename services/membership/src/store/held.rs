//! Several members held at a time, always in the order of their ids, so that nobody waits in a circle.

use std::collections::BTreeMap;

use kernel::MemberId;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use store::Tx;
use uuid::Uuid;

use super::{counted, members, tables};
use crate::error::Error;

/// Members whom a transaction holds against other writers, with how many facts were told about each.
#[derive(Debug)]
pub struct HeldMembers(BTreeMap<MemberId, u64>);

impl HeldMembers {
    /// Holds these members until the transaction ends; those whom there are, and who have not left.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn hold(tx: &Tx, ids: &[MemberId]) -> Result<Self, Error> {
        use tables::members::{Column, Entity};
        let query = Entity::find().filter(Column::Id.is_in(ids.iter().map(|id| id.as_uuid())));
        let query = query.filter(members::still_here()).select_only().columns([Column::Id, Column::Version]);
        let ordered = query.order_by_asc(Column::Id).lock_exclusive();
        let rows: Vec<(Uuid, i64)> = ordered.into_tuple().all(tx).await?;
        let read = |(id, version)| Ok((MemberId::from_uuid(id), counted(version)?));
        Ok(Self(rows.into_iter().map(read).collect::<Result<_, Error>>()?))
    }

    /// Whether the member is held.
    #[must_use]
    pub fn has(&self, id: MemberId) -> bool {
        self.0.contains_key(&id)
    }

    /// Counts one more fact about a member who is held, and answers its number; `None` for anybody else.
    ///
    /// # Errors
    /// A fault of the database.
    pub async fn count_fact(&mut self, tx: &Tx, id: MemberId) -> Result<Option<u64>, Error> {
        let Some(version) = self.0.get_mut(&id) else { return Ok(None) };
        *version += 1;
        members::update_member_version(tx, id, *version).await?;
        Ok(Some(*version))
    }
}
