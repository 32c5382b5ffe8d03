//! Movements of a time, summed: out of the journals, or out of the days that were closed.

use std::{collections::BTreeMap, sync::LazyLock};

use anyhow::Context as _;
use kernel::{BranchCode, Day, Points, Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, Value};
use store::{Column, ColumnType, StoreError, Tx, bulk::BulkInsert};

use super::rows::{at, query};
use crate::domain::{
    Book, Template,
    money::{DaySums, Flow, Place, Sum},
};

/// A day that was summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClosedDay {
    /// Which.
    pub day: Day,
    /// Its first instant.
    pub begins: Timestamp,
    /// The first instant of the next one.
    pub ends: Timestamp,
}

/// The last day that was closed.
///
/// # Errors
/// When the database refuses.
pub async fn last_closed(tx: &Tx) -> anyhow::Result<Option<ClosedDay>> {
    let sql = "SELECT day, begins, ends FROM closed_days ORDER BY day DESC LIMIT 1";
    query(tx, sql, []).await?.first().map(closed_day).transpose()
}

/// Every closed day, oldest first.
///
/// # Errors
/// When the database refuses.
pub async fn closed_days(tx: &Tx) -> anyhow::Result<Vec<ClosedDay>> {
    let sql = "SELECT day, begins, ends FROM closed_days ORDER BY day";
    query(tx, sql, []).await?.iter().map(closed_day).collect()
}

fn closed_day(row: &QueryResult) -> anyhow::Result<ClosedDay> {
    Ok(ClosedDay {
        day: Day::from_number(at(row, 0)?),
        begins: Timestamp::from_micros(at(row, 1)?),
        ends: Timestamp::from_micros(at(row, 2)?),
    })
}

/// When some early journal was recorded, most likely one of the first day; `None` when there is none at all.
///
/// # Errors
/// When the database refuses.
pub async fn early(tx: &Tx) -> anyhow::Result<Option<Timestamp>> {
    // The first one of all would take reading every one.
    moment(tx, "SELECT recorded_at FROM journals LIMIT 1", None).await
}

/// When the first journal before an instant was recorded; `None` when there is none.
///
/// # Errors
/// When the database refuses.
pub async fn first_before(tx: &Tx, until: Timestamp) -> anyhow::Result<Option<Timestamp>> {
    // The lower bound says nothing new, but lets PostgreSQL take the condition for a narrow one whatever the instant is.
    let sql = "SELECT min(recorded_at) FROM journals WHERE recorded_at >= 0 AND recorded_at < $1";
    moment(tx, sql, Some(until.micros().into())).await
}

async fn moment(tx: &Tx, sql: &str, value: Option<Value>) -> anyhow::Result<Option<Timestamp>> {
    let rows = query(tx, sql, value).await?;
    let found: Option<i64> = rows.first().map_or(Ok(None), |row| at(row, 0))?;
    Ok(found.map(Timestamp::from_micros))
}

/// The movements of the journals recorded from one instant up to another, summed.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn recorded(tx: &Tx, from: Timestamp, until: Timestamp) -> anyhow::Result<DaySums> {
    // Not through the view `entries`: first movements are found by their time alone, legs through their journals.
    let firsts = "SELECT funder, branch, template, expires_on, CAST(SUM(moved) AS bigint) FROM journals \
                  WHERE recorded_at >= $1 AND recorded_at < $2 AND template IS NOT NULL \
                  GROUP BY funder, branch, template, expires_on";
    let legs = "SELECT l.funder, j.branch, l.template, l.expires_on, CAST(SUM(l.points) AS bigint) FROM journals j \
                JOIN legs l ON l.member_id = j.member_id AND l.version = j.version \
                WHERE j.recorded_at >= $1 AND j.recorded_at < $2 GROUP BY l.funder, j.branch, l.template, l.expires_on";
    let mut sums = DaySums::default();
    for sql in [firsts, legs] {
        for row in query(tx, sql, [from.micros().into(), until.micros().into()]).await? {
            sums.take(Sum {
                funder: branch(&at::<String>(&row, 0)?)?,
                branch: at::<Option<String>>(&row, 1)?.as_deref().map(branch).transpose()?,
                template: template(at(&row, 2)?)?,
                expires_on: Day::from_number(at(&row, 3)?),
                points: Points::new(at(&row, 4)?),
            })?;
        }
    }
    Ok(sums)
}

/// What moved on the closed days from one to another, both included.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn flows(tx: &Tx, from: Day, to: Day) -> anyhow::Result<BTreeMap<Flow, Points>> {
    let sql = "SELECT funder, branch, template, CAST(SUM(points) AS bigint) FROM day_flows \
               WHERE day >= $1 AND day <= $2 GROUP BY funder, branch, template";
    let rows = query(tx, sql, [from.number().into(), to.number().into()]).await?;
    rows.iter()
        .map(|row| {
            let branch_text: String = at(row, 1)?;
            let counter = (!branch_text.is_empty()).then(|| branch(&branch_text)).transpose()?;
            Ok(((branch(&at::<String>(row, 0)?)?, counter, template(at(row, 2)?)?), Points::new(at(row, 3)?)))
        })
        .collect()
}

/// How what is owed changed on the closed days from one to another, both included, by where it lies.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn owed(tx: &Tx, from: Day, to: Day) -> anyhow::Result<BTreeMap<Place, Points>> {
    let sql = "SELECT book, funder, expires_on, CAST(SUM(points) AS bigint) FROM day_owed \
               WHERE day >= $1 AND day <= $2 GROUP BY book, funder, expires_on";
    let rows = query(tx, sql, [from.number().into(), to.number().into()]).await?;
    rows.iter()
        .map(|row| {
            let book = Book::from_name(&at::<String>(row, 0)?).context("a book")?;
            let place = (book, branch(&at::<String>(row, 1)?)?, Day::from_number(at(row, 2)?));
            Ok((place, Points::new(at(row, 3)?)))
        })
        .collect()
}

/// Keeps the sums of a day.
///
/// # Errors
/// A unique violation when somebody else closed the day; otherwise why the database refused.
pub async fn close(tx: &Tx, closed: ClosedDay, sums: &DaySums, now: Timestamp) -> anyhow::Result<()> {
    let sql = "INSERT INTO closed_days (day, begins, ends, closed_at) VALUES ($1, $2, $3, $4)";
    let day = closed.day.number();
    let values =
        [day.into(), closed.begins.micros().into(), closed.ends.micros().into(), now.micros().into()];
    let statement = Statement::from_sql_and_values(tx.connection().get_database_backend(), sql, values);
    tx.connection().execute_raw(statement).await.map_err(StoreError::from)?;
    let flows: Vec<_> = sums.flows.iter().collect();
    for part in flows.chunks(ROWS) {
        let days = vec![day; part.len()];
        let funders: Vec<&str> = part.iter().map(|((funder, _, _), _)| funder.as_str()).collect();
        let branches: Vec<&str> =
            part.iter().map(|((_, counter, _), _)| counter.as_ref().map_or("", BranchCode::as_str)).collect();
        let templates: Vec<i16> = part.iter().map(|((_, _, template), _)| template.number()).collect();
        let points: Vec<i64> = part.iter().map(|(_, points)| points.count()).collect();
        let columns = [
            Column::I32(&days),
            Column::Text(&funders),
            Column::Text(&branches),
            Column::I16(&templates),
            Column::I64(&points),
        ];
        FLOWS.run(tx, &columns).await?;
    }
    let owed: Vec<_> = sums.owed.iter().collect();
    for part in owed.chunks(ROWS) {
        let days = vec![day; part.len()];
        let books: Vec<&str> = part.iter().map(|((book, _, _), _)| book.name()).collect();
        let funders: Vec<&str> = part.iter().map(|((_, funder, _), _)| funder.as_str()).collect();
        let last_days: Vec<i32> = part.iter().map(|((_, _, last), _)| last.number()).collect();
        let points: Vec<i64> = part.iter().map(|(_, points)| points.count()).collect();
        let columns = [
            Column::I32(&days),
            Column::Text(&books),
            Column::Text(&funders),
            Column::I32(&last_days),
            Column::I64(&points),
        ];
        OWED.run(tx, &columns).await?;
    }
    Ok(())
}

/// Rows in one statement at most.
const ROWS: usize = 1_000;

static FLOWS: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("day", ColumnType::I32),
        ("funder", ColumnType::Text),
        ("branch", ColumnType::Text),
        ("template", ColumnType::I16),
        ("points", ColumnType::I64),
    ];
    BulkInsert::new("day_flows", &columns, "")
});

static OWED: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("day", ColumnType::I32),
        ("book", ColumnType::Text),
        ("funder", ColumnType::Text),
        ("expires_on", ColumnType::I32),
        ("points", ColumnType::I64),
    ];
    BulkInsert::new("day_owed", &columns, "")
});

fn branch(text: &str) -> anyhow::Result<BranchCode> {
    BranchCode::parse(text).context("a branch")
}

fn template(number: i16) -> anyhow::Result<Template> {
    Template::from_number(number).with_context(|| format!("template {number}"))
}
