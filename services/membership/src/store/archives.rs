//! Archives that were handed out.

use anyhow::Context as _;
use kernel::{MemberId, StaffId, Timestamp};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use store::Tx;
use uuid::Uuid;

use super::{
    instant,
    tables::archives::{Column, Entity, Model},
};
use crate::{
    domain::archive::{Archive, Maker},
    error::Error,
};

/// When archives of a member were handed out after `since`, earliest first.
///
/// # Errors
/// A fault of the database.
pub async fn made_since(
    on: &impl ConnectionTrait,
    member: MemberId,
    since: Timestamp,
) -> Result<Vec<Timestamp>, Error> {
    let query = Entity::find().select_only().column(Column::MadeAt).order_by_asc(Column::MadeAt);
    let query = query.filter(Column::MemberId.eq(member.as_uuid())).filter(Column::MadeAt.gt(since.micros()));
    let times: Vec<i64> = query.into_tuple().all(on).await?;
    Ok(times.into_iter().map(instant).collect())
}

/// Notes that one is handed out.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, id: Uuid, archive: &Archive) -> Result<(), Error> {
    let staff_id = match archive.maker {
        Maker::Staff(staff) => Some(staff.as_uuid()),
        Maker::Member | Maker::Operator => None,
    };
    let row = Model {
        id,
        member_id: archive.member.as_uuid(),
        made_at: archive.made_at.micros(),
        maker: archive.maker.word().to_owned(),
        staff_id,
    };
    Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Up to `limit` archives of a member that were handed out, the latest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_member(
    on: &impl ConnectionTrait,
    member: MemberId,
    limit: u64,
) -> Result<Vec<Archive>, Error> {
    let query = Entity::find().filter(Column::MemberId.eq(member.as_uuid())).limit(limit);
    let rows = query.order_by_desc(Column::MadeAt).order_by_desc(Column::Id).all(on).await?;
    rows.iter().map(archive).collect()
}

fn archive(row: &Model) -> Result<Archive, Error> {
    let maker = Maker::from_row(&row.maker, row.staff_id.map(StaffId::from_uuid));
    Ok(Archive {
        member: MemberId::from_uuid(row.member_id),
        made_at: instant(row.made_at),
        maker: maker.with_context(|| format!("an archive was had by the unknown {:?}", row.maker))?,
    })
}
