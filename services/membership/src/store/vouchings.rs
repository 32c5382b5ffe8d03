//! Until when fresh codes vouch for members, and at which counter.

use std::{
    collections::{BTreeSet, HashMap},
    sync::LazyLock,
};

use kernel::{MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, Statement};
use store::{
    Column,
    ColumnType::{Text, Uuid as Id},
    Database, Tx,
    bulk::BulkSelect,
};
use uuid::Uuid;

use super::instant;
use crate::{
    domain::{member::MemberStatus, vouching::VouchedAt},
    error::Error,
};

static CONFIRMED: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("members", "id, confirmed_at, status", ("id", Id)));
static UNTIL: LazyLock<BulkSelect> = LazyLock::new(|| {
    let keys = [("member_id", Id), ("branch", Text), ("till", Text), ("staff", Text)];
    BulkSelect::by("vouchings", "member_id, branch, till, staff, expires_at", &keys)
});

/// Notes that a code vouches for a member at a counter until then; the later end counts.
///
/// # Errors
/// A fault of the database.
pub async fn note(
    tx: &Tx,
    id: Uuid,
    member: MemberId,
    at: &VouchedAt,
    until: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO vouchings (id, member_id, branch, till, staff, expires_at) VALUES ($1, $2, $3, $4, $5, $6) \
               ON CONFLICT (member_id, branch, till, staff) DO UPDATE SET expires_at = excluded.expires_at \
               WHERE vouchings.expires_at < excluded.expires_at";
    let [branch, till, staff] = at.columns();
    let values =
        [id.into(), member.as_uuid().into(), branch.into(), till.into(), staff.into(), until.micros().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Until when codes vouch for these members at these counters, be it over or not; absent where none ever did.
///
/// # Errors
/// A fault of the database.
pub async fn until(
    database: &Database,
    of: &[(MemberId, VouchedAt)],
) -> Result<HashMap<(MemberId, [String; 3]), Timestamp>, Error> {
    let sought: BTreeSet<(Uuid, [String; 3])> =
        of.iter().map(|(member, at)| (member.as_uuid(), at.columns())).collect();
    let members: Vec<Uuid> = sought.iter().map(|(member, _)| *member).collect();
    let part = |place: usize| sought.iter().map(|(_, at)| at[place].as_str()).collect::<Vec<_>>();
    let (branches, tills, staff) = (part(0), part(1), part(2));
    let keys = [Column::Uuid(&members), Column::Text(&branches), Column::Text(&tills), Column::Text(&staff)];
    let mut found = HashMap::new();
    for row in UNTIL.read_by(database, &keys).await? {
        let at = [1, 2, 3].map(|place| row.try_get_by_index::<String>(place));
        let [branch, till, staff] = at;
        let counter = [branch?, till?, staff?];
        let member = MemberId::from_uuid(row.try_get_by_index(0)?);
        found.insert((member, counter), instant(row.try_get_by_index(4)?));
    }
    Ok(found)
}

/// Lets no code vouch for a member any more.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, member: MemberId) -> Result<(), Error> {
    let sql = "DELETE FROM vouchings WHERE member_id = $1";
    let values = [member.as_uuid().into()];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Whether the phones of these members were confirmed; absent for whoever is no member, or has left.
///
/// # Errors
/// A fault of the database.
pub async fn confirmed(database: &Database, of: &[MemberId]) -> Result<HashMap<MemberId, bool>, Error> {
    let ids: BTreeSet<Uuid> = of.iter().map(|member| member.as_uuid()).collect();
    let ids: Vec<Uuid> = ids.into_iter().collect();
    let mut found = HashMap::new();
    for row in CONFIRMED.read(database, Column::Uuid(&ids)).await? {
        if row.try_get_by_index::<String>(2)? != MemberStatus::Erased.word() {
            let confirmed_at: Option<i64> = row.try_get_by_index(1)?;
            found.insert(MemberId::from_uuid(row.try_get_by_index(0)?), confirmed_at.is_some());
        }
    }
    Ok(found)
}
