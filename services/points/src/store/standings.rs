//! Where members stand on the ladder of tiers.

use std::{collections::HashMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{Day, JournalId, MemberId};
use sea_orm::QueryResult;
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
};
use uuid::Uuid;

use super::{
    ledger::Changed,
    rows::{at, query},
};
use crate::domain::{JournalKind, ProgrammeDocument, Standing};

/// A standing as it was read, with its revision; zero for one that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStanding {
    /// The revision that was read.
    pub revision: u64,
    /// Where the member stands.
    pub standing: Standing,
}

/// A standing to be written.
#[derive(Clone, Debug)]
pub struct StandingRow {
    /// Whose.
    pub member: MemberId,
    /// The revision that was read; zero for a new one.
    pub read: u64,
    /// On which day time alone may change the tier next.
    pub changes_on: Option<Day>,
    /// Where the member stands now.
    pub standing: Standing,
}

use ColumnType::{I32, I64, Text, Uuid as Id};

static BY_MEMBER: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("standings", "member_id, revision, standing", ("member_id", Id)));

static NEW: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [("member_id", Id), ("revision", I64), ("changes_on", I32), ("standing", Text)];
    BulkInsert::new("standings", &columns, "")
});

static KNOWN: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let set = [("revision", I64), ("changes_on", I32), ("standing", Text)];
    BulkUpdate::new("standings", &[("member_id", Id), ("revision", I64)], &set)
});

/// The standings of these members; who has none is absent.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn load(tx: &Tx, members: &[Uuid]) -> anyhow::Result<HashMap<MemberId, StoredStanding>> {
    BY_MEMBER.run(tx, Column::Uuid(members)).await?.iter().map(of_row).collect()
}

/// Standings that time alone may have changed by `today`, `limit` at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn due(tx: &Tx, today: Day, limit: i64) -> anyhow::Result<Vec<(MemberId, StoredStanding)>> {
    let sql = "SELECT member_id, revision, standing FROM standings WHERE changes_on <= $1 \
               ORDER BY changes_on, member_id LIMIT $2";
    each(tx, sql, [today.number().into(), limit.into()]).await
}

/// Every standing.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn all(tx: &Tx) -> anyhow::Result<Vec<(MemberId, StoredStanding)>> {
    each(tx, "SELECT member_id, revision, standing FROM standings", []).await
}

async fn each(
    tx: &Tx,
    sql: &str,
    values: impl IntoIterator<Item = sea_orm::Value>,
) -> anyhow::Result<Vec<(MemberId, StoredStanding)>> {
    query(tx, sql, values).await?.iter().map(of_row).collect()
}

fn of_row(row: &QueryResult) -> anyhow::Result<(MemberId, StoredStanding)> {
    let member = MemberId::from_uuid(at(row, 0)?);
    Ok((member, stored(member, at(row, 1)?, &at::<String>(row, 2)?)?))
}

fn stored(member: MemberId, revision: i64, text: &str) -> anyhow::Result<StoredStanding> {
    let standing = serde_json::from_str(text).with_context(|| format!("the standing of {member}"))?;
    Ok(StoredStanding { revision: u64::try_from(revision)?, standing })
}

/// Writes standings, each once.
///
/// # Errors
/// [`Changed`], or a unique violation, when somebody else changed one since it was read; otherwise why the database refused.
/// The caller rolls back.
pub async fn write(tx: &Tx, rows: &[StandingRow]) -> anyhow::Result<()> {
    let (mut fresh, mut known): (Vec<&StandingRow>, Vec<&StandingRow>) =
        rows.iter().partition(|row| row.read == 0);
    for rows in [&mut fresh, &mut known] {
        rows.sort_unstable_by_key(|row| row.member);
    }
    if !fresh.is_empty() {
        let columns = Columns::of(&fresh)?;
        let texts = columns.texts();
        NEW.run(
            tx,
            &[Column::Uuid(&columns.members), columns.now()[0], columns.now()[1], Column::Text(&texts)],
        )
        .await?;
    }
    if known.is_empty() {
        return Ok(());
    }
    let columns = Columns::of(&known)?;
    let texts = columns.texts();
    let [revisions, days] = columns.now();
    let bound =
        [Column::Uuid(&columns.members), Column::I64(&columns.read), revisions, days, Column::Text(&texts)];
    let touched = KNOWN.run(tx, &bound).await?;
    if touched == known.len() as u64 { Ok(()) } else { Err(Changed.into()) }
}

struct Columns {
    members: Vec<Uuid>,
    read: Vec<i64>,
    revisions: Vec<i64>,
    days: Vec<Option<i32>>,
    standings: Vec<String>,
}

impl Columns {
    fn of(rows: &[&StandingRow]) -> anyhow::Result<Self> {
        let read = rows.iter().map(|row| i64::try_from(row.read)).collect::<Result<Vec<_>, _>>()?;
        let standings = rows.iter().map(|row| serde_json::to_string(&row.standing));
        Ok(Self {
            members: rows.iter().map(|row| row.member.as_uuid()).collect(),
            revisions: read.iter().map(|read| read + 1).collect(),
            read,
            days: rows.iter().map(|row| row.changes_on.map(Day::number)).collect(),
            standings: standings.collect::<Result<_, _>>()?,
        })
    }

    fn now(&self) -> [Column<'_>; 2] {
        [Column::I64(&self.revisions), Column::I32OrNull(&self.days)]
    }

    fn texts(&self) -> Vec<&str> {
        self.standings.iter().map(String::as_str).collect()
    }
}

/// A purchase that counts for a tier, as an audit reads it.
pub struct Counted {
    /// Who bought.
    pub member: MemberId,
    /// The account's version with it.
    pub version: i64,
    /// How it was decided.
    pub trace: String,
    /// What was paid.
    pub amount: i64,
    /// How much of that was returned.
    pub returned: i64,
    /// The programme version that decided it.
    pub programme_version: u32,
    /// What was returned by lines, where anything was.
    pub by_lines: Option<ByLines>,
}

/// A purchase of which lines came back.
pub struct ByLines {
    /// Which.
    pub purchase: JournalId,
    /// Its lines as JSON.
    pub lines: String,
}

/// Purchases that programmes with tiers decided, past a place, in order, `limit` at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn counted(tx: &Tx, after: (Uuid, i64), limit: i64) -> anyhow::Result<Vec<Counted>> {
    let versions = programmes_with_tiers(tx).await?;
    if versions.is_empty() {
        return Ok(Vec::new());
    }
    let sql = format!(
        "SELECT p.member_id, p.version, p.trace, p.amount, CAST(COALESCE((SELECT SUM(r.amount) FROM journals r \
         WHERE r.original = p.id AND r.kind = $4), 0) AS bigint), p.id, p.programme_version, \
         CASE WHEN EXISTS (SELECT 1 FROM journals r WHERE r.original = p.id AND r.kind = $4 AND r.lines IS NOT NULL) \
         THEN p.lines END FROM journals p \
         WHERE p.kind = $5 AND p.programme_version IN ({}) AND (p.member_id, p.version) > ($1, $2) \
         ORDER BY p.member_id, p.version LIMIT $3",
        versions.join(",")
    );
    let kinds = [JournalKind::Return, JournalKind::Purchase].map(JournalKind::number);
    let values = [after.0.into(), after.1.into(), limit.into(), kinds[0].into(), kinds[1].into()];
    let rows = query(tx, &sql, values).await?;
    rows.iter()
        .map(|row| {
            let (id, version) = (at::<Uuid>(row, 5)?, at::<i32>(row, 6)?);
            let programme_version = u32::try_from(version)?;
            let by_lines = at::<Option<String>>(row, 7)?
                .map(|lines| ByLines { purchase: JournalId::from_uuid(id), lines });
            Ok(Counted {
                member: MemberId::from_uuid(at(row, 0)?),
                version: at(row, 1)?,
                trace: at(row, 2)?,
                amount: at(row, 3)?,
                returned: at(row, 4)?,
                programme_version,
                by_lines,
            })
        })
        .collect()
}

/// The numbers of the versions whose documents have tiers.
async fn programmes_with_tiers(tx: &Tx) -> anyhow::Result<Vec<String>> {
    let rows = query(tx, "SELECT version, document FROM programmes", []).await?;
    let mut found = Vec::new();
    for row in &rows {
        let document: ProgrammeDocument = serde_json::from_str(&at::<String>(row, 1)?)?;
        if document.tiers.is_some() {
            found.push(at::<i32>(row, 0)?.to_string());
        }
    }
    Ok(found)
}
