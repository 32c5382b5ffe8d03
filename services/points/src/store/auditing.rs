//! Rows as an audit reads them: everything, of one moment.

use anyhow::Context as _;
use kernel::{BranchCode, Day, Digest16, IdentifierKind, MemberId, Points};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, Statement};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use super::{
    rows::{at, bound, query},
    tables::{branch, identifier},
};
use crate::domain::{JournalKind, Template, TransferStatus};

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
    /// How many of the points cannot be passed on.
    pub bound: Points,
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
                       funder, bound FROM journals WHERE template IS NOT NULL AND (member_id, version) > ($1, $2) \
                       ORDER BY member_id, version LIMIT $3";
            query(tx, sql, [member, version, limit.into()]).await?
        }
        Movements::Legs => {
            let sql = "SELECT member_id, version, leg, template, debit, credit, points, expires_on, funder, bound \
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
                bound: bound(row, 9)?,
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

/// Lots with points that cannot be passed on: member, last day, funder, points, and how many of them.
///
/// # Errors
/// When the database refuses.
pub async fn bound_lots(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i32, String, i64, i64)>> {
    let sql = "SELECT member_id, expires_on, funder, points, bound FROM lots WHERE bound IS NOT NULL";
    let rows = query(tx, sql, []).await?;
    rows.iter()
        .map(|row| Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, at(row, 2)?, at(row, 3)?, at(row, 4)?)))
        .collect()
}

/// What is aside with points that cannot be passed on: member, whether held, last day, funder, points, and how many of them.
///
/// # Errors
/// When the database refuses.
pub async fn bound_asides(tx: &Tx) -> anyhow::Result<Vec<(MemberId, bool, i32, String, i64, i64)>> {
    let sql =
        "SELECT member_id, hold_id, expires_on, funder, points, bound FROM asides WHERE bound IS NOT NULL";
    let rows = query(tx, sql, []).await?;
    rows.iter()
        .map(|row| {
            let (member, held) = (MemberId::from_uuid(at(row, 0)?), !at::<Uuid>(row, 1)?.is_nil());
            Ok((member, held, at(row, 2)?, at(row, 3)?, at(row, 4)?, at(row, 5)?))
        })
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

/// What open transfers have on their way, by the branches that pay for it.
///
/// # Errors
/// When the database refuses.
pub async fn on_the_way(tx: &Tx) -> anyhow::Result<Vec<(String, i64)>> {
    let sql = "SELECT e.funder, CAST(SUM(e.points) AS bigint) FROM transfers t JOIN entries e \
               ON e.member_id = t.sender AND e.version = t.sent_version AND e.template = $1 \
               WHERE t.ended_at IS NULL GROUP BY e.funder";
    let rows = query(tx, sql, [Template::TransferSent.number().into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// A transfer with what its journals moved.
pub struct AuditedTransfer {
    /// Its id.
    pub id: Uuid,
    /// Whether it is still on its way.
    pub open: bool,
    /// What it says: points and fee.
    pub says: [i64; 2],
    /// What left the sender: points and fee.
    pub left: [i64; 2],
    /// What arrived or came back: points and fee.
    pub reached: [i64; 2],
}

/// Every transfer with the sums of its two journals. Points arrive at the receiver or come back to the sender, as its status
/// says; a fee comes back or is none.
///
/// # Errors
/// When the database refuses.
pub async fn transfers(tx: &Tx) -> anyhow::Result<Vec<AuditedTransfer>> {
    let sum = |owner: &str, version: &str, template: Template| {
        let number = template.number();
        format!(
            "(SELECT CAST(COALESCE(SUM(points), 0) AS bigint) FROM entries e WHERE e.member_id = {owner} \
             AND e.version = {version} AND e.template = {number})"
        )
    };
    let completed = TransferStatus::Completed.number();
    let arrived = sum("t.receiver", "t.ended_version", Template::TransferReceived);
    let returned = sum("t.sender", "t.ended_version", Template::TransferReturned);
    let sql = format!(
        "SELECT t.id, CASE WHEN t.ended_at IS NULL THEN 1 ELSE 0 END, t.points, t.fee, {}, {}, \
         CASE WHEN t.status = {completed} THEN {arrived} ELSE {returned} END, \
         CASE WHEN t.status = {completed} THEN t.fee ELSE {} END FROM transfers t",
        sum("t.sender", "t.sent_version", Template::TransferSent),
        sum("t.sender", "t.sent_version", Template::TransferFee),
        sum("t.sender", "t.ended_version", Template::FeeReturned),
    );
    let rows = query(tx, &sql, []).await?;
    rows.iter()
        .map(|row| {
            Ok(AuditedTransfer {
                id: at(row, 0)?,
                open: at::<i32>(row, 1)? == 1,
                says: [at(row, 2)?, at(row, 3)?],
                left: [at(row, 4)?, at(row, 5)?],
                reached: [at(row, 6)?, at(row, 7)?],
            })
        })
        .collect()
}

/// Transfers of which a lot left and did not end as the same lot: same last day, same branch, same points.
///
/// # Errors
/// When the database refuses.
pub async fn changed_lots(tx: &Tx) -> anyhow::Result<Vec<Uuid>> {
    let completed = TransferStatus::Completed.number();
    let sql = format!(
        "SELECT DISTINCT t.id FROM transfers t JOIN entries s ON s.member_id = t.sender \
         AND s.version = t.sent_version AND s.template = {} LEFT JOIN entries a \
         ON a.member_id = CASE WHEN t.status = {completed} THEN t.receiver ELSE t.sender END \
         AND a.version = t.ended_version AND a.template IN ({}, {}) AND a.expires_on = s.expires_on \
         AND a.funder = s.funder AND a.points = s.points \
         WHERE t.ended_at IS NOT NULL AND a.member_id IS NULL",
        Template::TransferSent.number(),
        Template::TransferReceived.number(),
        Template::TransferReturned.number(),
    );
    query(tx, &sql, []).await?.iter().map(|row| at(row, 0)).collect()
}

/// What was drawn within households, by what it was drawn for, last day and funder: how many more points were given than drawn.
///
/// # Errors
/// When the database refuses.
pub async fn drawn_lots(tx: &Tx) -> anyhow::Result<Vec<(Uuid, Day, String, i64)>> {
    let [given, drawn] = [Template::PoolGiven, Template::PoolDrawn].map(Template::number);
    let kinds = [JournalKind::PoolGiven, JournalKind::PoolDrawn].map(JournalKind::number);
    let sql = format!(
        "SELECT COALESCE(j.original, j.id), e.expires_on, e.funder, CAST(SUM(CASE e.template WHEN {given} THEN e.points \
         WHEN {drawn} THEN -e.points ELSE 0 END) AS bigint) FROM journals j JOIN entries e \
         ON e.member_id = j.member_id AND e.version = j.version WHERE j.kind IN ({}, {}) \
         GROUP BY COALESCE(j.original, j.id), e.expires_on, e.funder",
        kinds[0], kinds[1],
    );
    let rows = query(tx, &sql, []).await?;
    rows.iter()
        .map(|row| Ok((at(row, 0)?, Day::from_number(at(row, 1)?), at(row, 2)?, at(row, 3)?)))
        .collect()
}

/// Every keyed hash that was heard of, and whose key is not gone: hash, member, kind, whether active.
///
/// # Errors
/// When the database refuses.
pub async fn identifiers(
    database: &Database,
) -> anyhow::Result<Vec<(Digest16, MemberId, IdentifierKind, bool)>> {
    let known = identifier::Entity::find().filter(identifier::Column::GoneAt.is_null());
    let rows = known.all(database.connection()).await.map_err(StoreError::from)?;
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
