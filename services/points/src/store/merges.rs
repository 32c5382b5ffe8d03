//! Whose accounts went into whose, and the rows that follow.

use std::{collections::HashMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{MemberId, Timestamp, TransferId};
use sea_orm::{ConnectionTrait as _, Statement, Value};
use store::{Column, ColumnType, Database, StoreError, Tx, bulk::BulkSelect};
use uuid::Uuid;

use super::rows::{at, query};
use crate::domain::Guard;

static SURVIVORS: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("merged_members", "member_id, survivor", ("member_id", ColumnType::Uuid))
});
static ABSORBED: LazyLock<BulkSelect> = LazyLock::new(|| {
    BulkSelect::new("merged_members", "member_id, survivor", ("survivor", ColumnType::Uuid))
});

/// Whose account has everything now of those of these members whose own went into it; the others are absent.
///
/// # Errors
/// When the database refuses.
pub async fn survivors(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, MemberId>> {
    SURVIVORS.run(tx, Column::Uuid(members)).await?.iter().map(pair).collect()
}

/// Who has everything of a member now: the member, unless their account went into another one.
///
/// # Errors
/// When the database refuses.
pub async fn survivor_of(tx: &Tx, member: MemberId) -> anyhow::Result<MemberId> {
    Ok(survivors(tx, &[member.as_uuid()]).await?.remove(&member).unwrap_or(member))
}

/// Whose accounts went into those of these members, and into which.
///
/// # Errors
/// When the database refuses.
pub async fn absorbed_by(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, MemberId>> {
    ABSORBED.run(tx, Column::Uuid(members)).await?.iter().map(pair).collect()
}

/// Every name of a person: the member who stays first, then those whose accounts went into theirs, in the order of their ids.
///
/// # Errors
/// When the database refuses.
pub async fn names_of(tx: &Tx, member: MemberId) -> anyhow::Result<Vec<MemberId>> {
    let survivor = survivor_of(tx, member).await?;
    let mut absorbed: Vec<MemberId> = absorbed_by(tx, &[survivor.as_uuid()]).await?.into_keys().collect();
    absorbed.sort_unstable();
    Ok(std::iter::once(survivor).chain(absorbed).collect())
}

fn pair(row: &sea_orm::QueryResult) -> anyhow::Result<(MemberId, MemberId)> {
    Ok((MemberId::from_uuid(at(row, 0)?), MemberId::from_uuid(at(row, 1)?)))
}

/// Every pair: whose account went into whose.
///
/// # Errors
/// When the database refuses.
pub async fn all(tx: &Tx) -> anyhow::Result<HashMap<MemberId, MemberId>> {
    query(tx, "SELECT member_id, survivor FROM merged_members", []).await?.iter().map(pair).collect()
}

/// The same, outside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn list(database: &Database) -> anyhow::Result<Vec<(MemberId, MemberId)>> {
    let on = database.connection();
    let sql = "SELECT member_id, survivor FROM merged_members";
    let statement = Statement::from_string(on.get_database_backend(), sql);
    on.query_all_raw(statement).await.map_err(StoreError::from)?.iter().map(pair).collect()
}

/// Whose account has everything of a member now, when theirs went into another one, outside a transaction.
///
/// # Errors
/// When the database refuses.
pub async fn read(database: &Database, member: MemberId) -> anyhow::Result<Option<MemberId>> {
    let on = database.connection();
    let sql = "SELECT survivor FROM merged_members WHERE member_id = $1";
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, [member.as_uuid().into()]);
    let row = on.query_one_raw(statement).await.map_err(StoreError::from)?;
    row.map(|row| Ok(MemberId::from_uuid(at(&row, 0)?))).transpose()
}

/// What moves with a merge besides the ledger, in this order: `$1` gets it from `$2`. The segment that a paid plan is goes with the
/// plan, which membership tells of.
const MOVE: [&str; 11] = [
    "UPDATE merged_members SET survivor = $1 WHERE survivor = $2",
    "UPDATE identifiers SET member_id = $1 WHERE member_id = $2",
    "INSERT INTO segment_members (member_id, segment) SELECT $1, segment FROM segment_members WHERE member_id = $2 \
     AND segment NOT IN (SELECT segment FROM plan_standings WHERE member_id = $2 AND segment IS NOT NULL) \
     ON CONFLICT (member_id, segment) DO NOTHING",
    "DELETE FROM segment_members WHERE member_id = $2 AND member_id <> $1",
    "DELETE FROM plan_standings WHERE member_id = $2 AND member_id <> $1",
    "INSERT INTO occasions (member_id, occasion, told_at) SELECT $1, occasion, told_at FROM occasions \
     WHERE member_id = $2 ON CONFLICT (member_id, occasion, told_at) DO NOTHING",
    "DELETE FROM occasions WHERE member_id = $2 AND member_id <> $1",
    "UPDATE proposals SET member_id = $1 WHERE member_id = $2",
    "DELETE FROM standings WHERE member_id = $2 AND member_id <> $1",
    "DELETE FROM guards WHERE member_id = $2 AND member_id <> $1",
    "UPDATE households SET household = member_id, counts = 0, head = 0 WHERE member_id = $2 AND member_id <> $1",
];

/// Notes that a member's account went into another one, and lets what is kept beside the ledger follow.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, absorbed: MemberId, survivor: MemberId, at: Timestamp) -> anyhow::Result<()> {
    for sql in MOVE {
        run(tx, sql, vec![survivor.as_uuid().into(), absorbed.as_uuid().into()]).await?;
    }
    let sql = "INSERT INTO merged_members (member_id, survivor, merged_at) VALUES ($1, $2, $3)";
    run(tx, sql, vec![absorbed.as_uuid().into(), survivor.as_uuid().into(), at.micros().into()]).await
}

/// A guard of the absorbed account goes on at the other one: no shorter than either, and no more points go than the fewer.
///
/// # Errors
/// When the database refuses.
pub async fn keep_guarded(tx: &Tx, survivor: MemberId, guard: Guard) -> anyhow::Result<()> {
    let sql = "UPDATE guards SET points_left = $2 WHERE member_id = $1 AND points_left > $2";
    run(tx, sql, vec![survivor.as_uuid().into(), guard.left.count().into()]).await
}

/// Transfers of a member that are on their way, in the order of their ids, each with both sides.
///
/// # Errors
/// When the database refuses.
pub async fn open_transfers(tx: &Tx, member: MemberId) -> anyhow::Result<Vec<(TransferId, [MemberId; 2])>> {
    let sql = "SELECT id, sender, receiver FROM transfers WHERE ended_at IS NULL AND (sender = $1 OR receiver = $1) \
               ORDER BY id";
    let rows = query(tx, sql, [member.as_uuid().into()]).await?;
    let side = |row: &_, place| anyhow::Ok(MemberId::from_uuid(at(row, place)?));
    rows.iter().map(|row| Ok((TransferId::from_uuid(at(row, 0)?), [side(row, 1)?, side(row, 2)?]))).collect()
}

/// Lets a transfer that is on its way arrive at another account of the same person.
///
/// # Errors
/// When the database refuses.
pub async fn redirect(tx: &Tx, transfer: TransferId, receiver: MemberId) -> anyhow::Result<()> {
    let sql = "UPDATE transfers SET receiver = $2 WHERE id = $1";
    run(tx, sql, vec![transfer.as_uuid().into(), receiver.as_uuid().into()]).await
}

/// What a member has whose account went into another one, which must be nothing: how many rows of lots, of what is aside, of accounts
/// that are not closed or not empty, of standings, segments, keyed hashes, and of transfers on their way; and of pairs whose survivor
/// was absorbed, too.
///
/// # Errors
/// When the database refuses.
pub async fn left_behind(tx: &Tx) -> anyhow::Result<Vec<(MemberId, &'static str)>> {
    const PLACES: [(&str, &str); 9] = [
        ("a lot", "lots x ON x.member_id = m.member_id"),
        ("points aside", "asides x ON x.member_id = m.member_id"),
        (
            "an account that is open or not empty",
            "accounts x ON x.member_id = m.member_id AND (x.balance <> 0 OR x.debt <> 0 OR x.marks <> 2)",
        ),
        ("a standing", "standings x ON x.member_id = m.member_id"),
        ("a segment", "segment_members x ON x.member_id = m.member_id"),
        ("a guard", "guards x ON x.member_id = m.member_id"),
        ("a phone or card", "identifiers x ON x.member_id = m.member_id"),
        (
            "a transfer on its way",
            "transfers x ON x.ended_at IS NULL AND (x.sender = m.member_id OR x.receiver = m.member_id)",
        ),
        ("a survivor who was absorbed", "merged_members x ON x.member_id = m.survivor"),
    ];
    let mut found = Vec::new();
    for (what, place) in PLACES {
        let sql = format!("SELECT DISTINCT m.member_id FROM merged_members m JOIN {place}");
        for row in query(tx, &sql, []).await? {
            found.push((MemberId::from_uuid(at(&row, 0)?), what));
        }
    }
    Ok(found)
}

/// What left each absorbed account by the journal of the merge, less what came by that of the survivor, lot by lot: absorbed member,
/// last day, funder, bound or not, how many more left than came.
///
/// # Errors
/// When the database refuses.
pub async fn uneven(tx: &Tx) -> anyhow::Result<Vec<(MemberId, i64)>> {
    use crate::domain::{JournalKind, Template};
    let out =
        [Template::MergedOut, Template::PendingMergedOut, Template::HeldMergedOut, Template::DebtMergedIn];
    let came =
        [Template::MergedIn, Template::PendingMergedIn, Template::HeldMergedIn, Template::DebtMergedOut];
    let numbers =
        |templates: [Template; 4]| templates.map(|template| template.number().to_string()).join(",");
    let [left, right] = [JournalKind::MergedOut, JournalKind::MergedIn].map(JournalKind::number);
    // The journal of who gives is about who gets, and the other way round.
    let sql = format!(
        "SELECT CASE WHEN j.kind = {left} THEN j.member_id ELSE j.original END AS absorbed, \
         CAST(SUM(CASE WHEN e.template IN ({}) THEN e.points WHEN e.template IN ({}) THEN -e.points ELSE 0 END) AS bigint) \
         FROM journals j JOIN entries e ON e.member_id = j.member_id AND e.version = j.version \
         WHERE j.kind IN ({left}, {right}) \
         GROUP BY CASE WHEN j.kind = {left} THEN j.member_id ELSE j.original END, e.expires_on, e.funder",
        numbers(out),
        numbers(came),
    );
    let rows = query(tx, &sql, []).await?;
    let sums = rows.iter().map(|row| {
        let absorbed = at::<Option<Uuid>>(row, 0)?.context("a merge without the other side")?;
        Ok((MemberId::from_uuid(absorbed), at::<i64>(row, 1)?))
    });
    sums.collect()
}

async fn run(tx: &Tx, sql: &str, values: Vec<Value>) -> anyhow::Result<()> {
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}
