//! Staff and the roles that they were given.

use anyhow::{Context as _, anyhow};
use kernel::{Grant, GrantId, Reach, Role, StaffId, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, sea_query::OnConflict,
};
use store::Tx;

use super::{
    Vault,
    cipher::{Cell, NOBODY, STAFF_NAME},
    coded, instant,
    tables::{staff, staff_grants},
};
use crate::{
    domain::staff::{Granted, Person, StaffName, UserName},
    error::Error,
};

/// Stores a new person; `false` when somebody else has the user name.
///
/// # Errors
/// A fault of the database.
pub async fn insert(tx: &Tx, vault: &Vault, person: &Person) -> Result<bool, Error> {
    let id = person.id.as_uuid();
    let row = staff::Model {
        id,
        user_name: person.user_name.as_str().to_owned(),
        display_name: vault.seal(name_cell(id.as_bytes()), person.name.text()),
        since: person.since.micros(),
        disabled_at: person.disabled_at.map(Timestamp::micros),
    };
    let first = OnConflict::column(staff::Column::UserName).do_nothing().to_owned();
    let insert = staff::Entity::insert(row.into_active_model()).on_conflict(first);
    Ok(insert.exec_without_returning(tx).await? == 1)
}

/// The person, when there is one.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn load(on: &impl ConnectionTrait, vault: &Vault, id: StaffId) -> Result<Option<Person>, Error> {
    let row = staff::Entity::find_by_id(id.as_uuid()).one(on).await?;
    row.as_ref().map(|row| person(vault, row)).transpose()
}

/// The person with this user name, when there is one.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn find(
    on: &impl ConnectionTrait,
    vault: &Vault,
    user_name: &UserName,
) -> Result<Option<Person>, Error> {
    let query = staff::Entity::find().filter(staff::Column::UserName.eq(user_name.as_str()));
    query.one(on).await?.as_ref().map(|row| person(vault, row)).transpose()
}

/// The person, when there is one, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn hold(tx: &Tx, vault: &Vault, id: StaffId) -> Result<Option<Person>, Error> {
    let row = staff::Entity::find_by_id(id.as_uuid()).lock_exclusive().one(tx).await?;
    row.as_ref().map(|row| person(vault, row)).transpose()
}

/// Up to `limit` people whose ids come after `after`, in order.
///
/// # Errors
/// A fault of the database, or a name that does not open.
pub async fn list(
    on: &impl ConnectionTrait,
    vault: &Vault,
    after: Option<StaffId>,
    limit: u64,
) -> Result<Vec<Person>, Error> {
    let mut query = staff::Entity::find().order_by_asc(staff::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(staff::Column::Id.gt(after.as_uuid()));
    }
    query.all(on).await?.iter().map(|row| person(vault, row)).collect()
}

/// Stores since when a person, whom the transaction holds, may not come in.
///
/// # Errors
/// A fault of the database.
pub async fn update_disabled(tx: &Tx, person: &Person) -> Result<(), Error> {
    let changed = staff::ActiveModel {
        id: Set(person.id.as_uuid()),
        disabled_at: Set(person.disabled_at.map(Timestamp::micros)),
        ..Default::default()
    };
    staff::Entity::update(changed).exec(tx).await?;
    Ok(())
}

/// The roles that these people have now, oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn grants_of(on: &impl ConnectionTrait, people: &[StaffId]) -> Result<Vec<Granted>, Error> {
    let query = staff_grants::Entity::find()
        .filter(staff_grants::Column::StaffId.is_in(people.iter().map(|id| id.as_uuid())))
        .filter(staff_grants::Column::RevokedAt.is_null())
        .order_by_asc(staff_grants::Column::Id);
    query.all(on).await?.iter().map(granted).collect()
}

/// The grant, held or taken away, when there ever was one.
///
/// # Errors
/// A fault of the database.
pub async fn load_grant(on: &impl ConnectionTrait, id: GrantId) -> Result<Option<Granted>, Error> {
    staff_grants::Entity::find_by_id(id.as_uuid()).one(on).await?.as_ref().map(granted).transpose()
}

/// Stores a role that a person, whom the transaction holds, was given.
///
/// # Errors
/// A fault of the database.
pub async fn insert_grant(tx: &Tx, granted: &Granted) -> Result<(), Error> {
    let (reach, place) = match &granted.grant.reach {
        Reach::Chain => ("chain", ""),
        Reach::Region(region) => ("region", region.as_str()),
        Reach::Branch(branch) => ("branch", branch.as_str()),
    };
    let row = staff_grants::Model {
        id: granted.id.as_uuid(),
        staff_id: granted.staff.as_uuid(),
        role: granted.grant.role.word().to_owned(),
        reach: reach.to_owned(),
        place: place.to_owned(),
        granted_at: granted.granted_at.micros(),
        granted_by: granted.granted_by.map(StaffId::as_uuid),
        revoked_at: None,
        revoked_by: None,
    };
    staff_grants::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

/// Stores that a role was taken away.
///
/// # Errors
/// A fault of the database.
pub async fn update_revoked(tx: &Tx, granted: &Granted) -> Result<(), Error> {
    let changed = staff_grants::ActiveModel {
        id: Set(granted.id.as_uuid()),
        revoked_at: Set(granted.revoked.map(|(at, _)| at.micros())),
        revoked_by: Set(granted.revoked.and_then(|(_, by)| by).map(StaffId::as_uuid)),
        ..Default::default()
    };
    staff_grants::Entity::update(changed).exec(tx).await?;
    Ok(())
}

pub(super) fn name_cell(row: &[u8]) -> Cell<'_> {
    Cell { column: STAFF_NAME, member: NOBODY, row }
}

fn person(vault: &Vault, row: &staff::Model) -> Result<Person, Error> {
    let name = vault.cipher.open(name_cell(row.id.as_bytes()), &row.display_name);
    let name = name.with_context(|| format!("the name of staff {}", row.id))?;
    Ok(Person {
        id: StaffId::from_uuid(row.id),
        user_name: UserName::parse(&row.user_name).context("a user name in a row")?,
        name: StaffName::parse(name.expose()).with_context(|| format!("the name of staff {}", row.id))?,
        since: instant(row.since),
        disabled_at: row.disabled_at.map(instant),
    })
}

fn granted(row: &staff_grants::Model) -> Result<Granted, Error> {
    let broken = || Error::Fault(anyhow!("grant {} is of an unknown role or place", row.id));
    let reach = match row.reach.as_str() {
        "chain" => Reach::Chain,
        "region" => Reach::Region(coded(&row.place)?),
        "branch" => Reach::Branch(coded(&row.place)?),
        _ => return Err(broken()),
    };
    Ok(Granted {
        id: GrantId::from_uuid(row.id),
        staff: StaffId::from_uuid(row.staff_id),
        grant: Grant { role: Role::from_word(&row.role).ok_or_else(broken)?, reach },
        granted_at: instant(row.granted_at),
        granted_by: row.granted_by.map(StaffId::from_uuid),
        revoked: row.revoked_at.map(|at| (instant(at), row.revoked_by.map(StaffId::from_uuid))),
    })
}
