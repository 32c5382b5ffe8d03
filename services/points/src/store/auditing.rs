//! Rows as an audit reads them: everything, of one moment.

use anyhow::Context as _;
use kernel::{BranchCode, Day, Digest16, IdentifierKind, MemberId, Points};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use super::{
    rows::{at, query},
    tables::{branch, identifier},
};

/// An entry as it is stored.
pub struct StoredEntry {
    /// Whose lot moved.
    pub member: MemberId,
    /// The account's version with its journal.
    pub version: i64,
    /// Which movement of the journal.
    pub leg: i16,
    /// The template's number.
    pub template: i16,
    /// The account that the points left.
    pub debit: Uuid,
    /// The account that the points reached.
    pub credit: Uuid,
    /// How many.
    pub points: Points,
    /// The lot's last day.
    pub expires_on: Day,
    /// The lot's funder.
    pub funder: BranchCode,
}

/// A place among the entries: member, version, leg.
pub type EntryPlace = (Uuid, i64, i16);

/// Where a journal's movements lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Movements {
    /// The first of each journal, in its own row.
    First,
    /// The others.
    Legs,
}

/// Entries past a place, in order, `limit` at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn entries(
    tx: &Tx,
    movements: Movements,
    after: EntryPlace,
    limit: i64,
) -> anyhow::Result<Vec<StoredEntry>> {
    let (member, version) = (after.0.into(), after.1.into());
    // Not through the view `entries`: each part is read along its own index.
    let rows = match movements {
        Movements::First => {
            let sql = "SELECT member_id, version, CAST(0 AS smallint), template, debit, credit, moved, expires_on, \
                       funder FROM journals WHERE template IS NOT NULL AND (member_id, version) > ($1, $2) \
                       ORDER BY member_id, version LIMIT $3";
            query(tx, sql, [member, version, limit.into()]).await?
        }
        Movements::Legs => {
            let sql = "SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder \
                       FROM legs WHERE (member_id, version, leg) > ($1, $2, $3) \
                       ORDER BY member_id, version, leg LIMIT $4";
            query(tx, sql, [member, version, after.2.into(), limit.into()]).await?
        }
    };
    rows.iter()
        .map(|row| {
            Ok(StoredEntry {
                member: MemberId::from_uuid(at(row, 0)?),
                version: at(row, 1)?,
                leg: at(row, 2)?,
                template: at(row, 3)?,
                debit: at(row, 4)?,
                credit: at(row, 5)?,
                points: Points::new(at(row, 6)?),
                expires_on: Day::from_number(at(row, 7)?),
                funder: BranchCode::parse(&at::<String>(row, 8)?).context("an entry's funder")?,
            })
        })
        .collect()
}

/// The balance of every account.
///
/// # Errors
/// When the database refuses.
pub async fn balances(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64)>> {
    let rows = query(tx, "SELECT member_id, balance FROM accounts", []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// The debt of every account that owes something.
///
/// # Errors
/// When the database refuses.
pub async fn debts(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64)>> {
    let rows = query(tx, "SELECT member_id, debt FROM accounts WHERE debt <> 0", []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// What every account says lapses next: member, last day, points.
///
/// # Errors
/// When the database refuses.
pub async fn summaries(tx: &Tx) -> anyhow::Result<Vec<(MemberId, Option<i32>, Option<i64>)>> {
    let rows = query(tx, "SELECT member_id, next_on, next_points FROM accounts", []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, at(row, 2)?))).collect()
}

/// Every lot: member, last day, funder, points.
///
/// # Errors
/// When the database refuses.
pub async fn lots(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i32, String, i64)>> {
    let rows = query(tx, "SELECT member_id, expires_on, funder, points FROM lots", []).await?;
    rows.iter()
        .map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, at(row, 2)?, at(row, 3)?)))
        .collect()
}

/// Everything that is aside: member, whether held, last day, funder, points.
///
/// # Errors
/// When the database refuses.
pub async fn asides(tx: &Tx) -> anyhow::Result<Vec<(MemberId, bool, i32, String, i64)>> {
    let rows = query(tx, "SELECT member_id, hold_id, expires_on, funder, points FROM asides", []).await?;
    rows.iter()
        .map(|row| {
            let held = !at::<Uuid>(row, 1)?.is_nil();
            Ok((MemberId::from_uuid(at(row, 0)?), held, at(row, 2)?, at(row, 3)?, at(row, 4)?))
        })
        .collect()
}

/// The marks of every account.
///
/// # Errors
/// When the database refuses.
pub async fn marks(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i16)>> {
    let rows = query(tx, "SELECT member_id, marks FROM accounts", []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// Every journal: member, version, points.
///
/// # Errors
/// When the database refuses.
pub async fn journals(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64, i64)>> {
    let rows = query(tx, "SELECT member_id, version, points FROM journals", []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, at(row, 2)?))).collect()
}

/// Every account with its version, its number of journals, and the highest of their versions.
///
/// # Errors
/// When the database refuses.
pub async fn numbering(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64, i64, i64)>> {
    let sql = "SELECT a.member_id, a.version, count(j.version), coalesce(max(j.version), 0) FROM accounts a \
               LEFT JOIN journals j ON j.member_id = a.member_id GROUP BY a.member_id, a.version";
    let rows = query(tx, sql, []).await?;
    rows.iter()
        .map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, at(row, 2)?, at(row, 3)?)))
        .collect()
}

/// Journals whose balance is not the one before plus their points.
///
/// # Errors
/// When the database refuses.
pub async fn broken_steps(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64)>> {
    // The difference of two balances always fits; their sum with points may not, where rows are looked at that no journal
    // follows on.
    let sql = "SELECT j.member_id, j.version FROM journals j JOIN journals p \
               ON p.member_id = j.member_id AND p.version = j.version - 1 WHERE j.points <> j.balance - p.balance \
               UNION ALL SELECT member_id, version FROM journals WHERE version = 1 AND balance <> points";
    let rows = query(tx, sql, []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// Members with journals and no account, with the highest version of theirs.
///
/// # Errors
/// When the database refuses.
pub async fn orphans(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64)>> {
    let sql = "SELECT j.member_id, max(j.version) FROM journals j LEFT JOIN accounts a \
               ON a.member_id = j.member_id WHERE a.member_id IS NULL GROUP BY j.member_id";
    let rows = query(tx, sql, []).await?;
    rows.iter().map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?))).collect()
}

/// Every keyed hash that was heard of: hash, member, kind, whether active.
///
/// # Errors
/// When the database refuses.
pub async fn identifiers(
    database: &Database,
) -> anyhow::Result<Vec<(Digest16, MemberId, IdentifierKind, bool)>> {
    let rows = identifier::Entity::find().all(database.connection()).await.map_err(StoreError::from)?;
    rows.into_iter()
        .map(|row| {
            let kind = IdentifierKind::from_word(&row.kind).context("a kind of identifier")?;
            Ok((Digest16(*row.digest.as_bytes()), MemberId::from_uuid(row.member_id), kind, row.active))
        })
        .collect()
}

/// Every branch that was heard of, with its region.
///
/// # Errors
/// When the database refuses.
pub async fn branches(database: &Database) -> anyhow::Result<Vec<(String, String)>> {
    let rows = branch::Entity::find().all(database.connection()).await.map_err(StoreError::from)?;
    Ok(rows.into_iter().map(|row| (row.branch, row.region)).collect())
}

/// For every account: the member, the highest version, and how many purchases it has.
///
/// # Errors
/// When the database refuses.
pub async fn purchase_counts(database: &Database) -> anyhow::Result<Vec<(MemberId, u64, u64)>> {
    let connection = database.connection();
    let sql = "SELECT member_id, max(version), count(CASE WHEN kind = 1 THEN 1 END) FROM journals GROUP BY member_id";
    let rows = connection.query_all_raw(Statement::from_string(connection.get_database_backend(), sql)).await;
    rows.map_err(StoreError::from)?
        .iter()
        .map(|row| {
            let (version, purchases): (i64, i64) = (at(row, 1)?, at(row, 2)?);
            Ok((MemberId::from_uuid(at(row, 0)?), u64::try_from(version)?, u64::try_from(purchases)?))
        })
        .collect()
}
