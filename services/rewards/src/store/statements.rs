//! Statements that are closed. **No row of them is ever changed.**

use kernel::{Day, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Value};
use store::Tx;

use super::{at, broken, execute, instant, offers::code, query};
use crate::{
    domain::statement::{Line, What},
    error::Error,
};

/// Lines of one insertion.
const ROWS: usize = 100;

/// A statement that is closed, without its lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Its number; all statements are counted together.
    pub number: i64,
    /// Who pays; nobody where it is the chain.
    pub sponsor: Option<String>,
    /// Its first day.
    pub from: Day,
    /// Its last day.
    pub to: Day,
    /// What was given or used comes to.
    pub charge: i64,
    /// What came back comes to, below zero.
    pub correction: i64,
    /// When it was closed.
    pub closed_at: Timestamp,
    /// By whom: `operator`, or the id of one of the staff.
    pub closed_by: String,
}

const COLUMNS: &str =
    "SELECT number, sponsor, from_day, to_day, charge, correction, closed_at, closed_by FROM statements";

fn read(row: &QueryResult) -> Result<Statement, Error> {
    let sponsor: String = at(row, 1)?;
    Ok(Statement {
        number: at(row, 0)?,
        sponsor: Some(sponsor).filter(|name| !name.is_empty()),
        from: Day::from_number(at(row, 2)?),
        to: Day::from_number(at(row, 3)?),
        charge: at(row, 4)?,
        correction: at(row, 5)?,
        closed_at: instant(at(row, 6)?),
        closed_by: at(row, 7)?,
    })
}

/// A statement.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, number: i64) -> Result<Option<Statement>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE number = $1"), [number.into()]).await?;
    rows.first().map(read).transpose()
}

/// The latest statement of one who pays.
///
/// # Errors
/// A fault of the database.
pub async fn latest(on: &impl ConnectionTrait, sponsor: Option<&str>) -> Result<Option<Statement>, Error> {
    let sql = format!("{COLUMNS} WHERE sponsor = $1 ORDER BY to_day DESC LIMIT 1");
    let rows = query(on, &sql, [sponsor.unwrap_or_default().into()]).await?;
    rows.first().map(read).transpose()
}

/// The statement of one who pays that ends with a day.
///
/// # Errors
/// A fault of the database.
pub async fn ending(
    on: &impl ConnectionTrait,
    sponsor: Option<&str>,
    to: Day,
) -> Result<Option<Statement>, Error> {
    let sql = format!("{COLUMNS} WHERE sponsor = $1 AND to_day = $2");
    let rows = query(on, &sql, [sponsor.unwrap_or_default().into(), to.number().into()]).await?;
    rows.first().map(read).transpose()
}

/// Statements before the one of this number, the latest first, so many at most; those of one who pays alone where they are named.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    sponsor: Option<&str>,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Statement>, Error> {
    let sql =
        format!("{COLUMNS} WHERE number < $1 AND ($2 = 0 OR sponsor = $3) ORDER BY number DESC LIMIT $4");
    let values = [
        before.unwrap_or(i64::MAX).into(),
        i64::from(sponsor.is_some()).into(),
        sponsor.unwrap_or_default().into(),
        i64::try_from(limit).unwrap_or(i64::MAX).into(),
    ];
    query(on, &sql, values).await?.iter().map(read).collect()
}

/// The lines of a statement.
///
/// # Errors
/// A fault of the database.
pub async fn lines(on: &impl ConnectionTrait, number: i64) -> Result<Vec<Line>, Error> {
    let sql =
        "SELECT reward, version, what, units, amount FROM statement_lines WHERE number = $1 ORDER BY place";
    let line = |row: &QueryResult| {
        let what = What::from_word(&at::<String>(row, 2)?).ok_or_else(|| broken("a line of a statement"))?;
        Ok(Line {
            reward: code(row, 0)?,
            version: at(row, 1)?,
            what,
            units: at(row, 3)?,
            amount: at(row, 4)?,
        })
    };
    query(on, sql, [number.into()]).await?.iter().map(line).collect()
}

/// The number of the next statement.
///
/// # Errors
/// A fault of the database.
pub async fn next_number(on: &impl ConnectionTrait) -> Result<i64, Error> {
    let rows = query(on, "SELECT COALESCE(MAX(number), 0) + 1 FROM statements", []).await?;
    rows.first().map_or(Ok(1), |row| at(row, 0))
}

/// Writes a statement down, for ever.
///
/// # Errors
/// [`Error::Met`] where somebody else closed one at the same time; a fault of the database.
pub async fn insert(tx: &Tx, fresh: &Statement, lines: &[Line]) -> Result<(), Error> {
    let sql = "INSERT INTO statements (number, sponsor, from_day, to_day, charge, correction, closed_at, closed_by) \
               VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
    let values = [
        fresh.number.into(),
        fresh.sponsor.as_deref().unwrap_or_default().into(),
        fresh.from.number().into(),
        fresh.to.number().into(),
        fresh.charge.into(),
        fresh.correction.into(),
        fresh.closed_at.micros().into(),
        fresh.closed_by.as_str().into(),
    ];
    execute(tx, sql, values).await?;
    let numbered: Vec<(i32, &Line)> = (1..).zip(lines).collect();
    for some in numbered.chunks(ROWS) {
        let (mut values, mut rows): (Vec<Value>, Vec<String>) = (Vec::new(), Vec::new());
        for (place, line) in some {
            let places: Vec<String> = (1..=7).map(|place| format!("${}", values.len() + place)).collect();
            rows.push(format!("({})", places.join(", ")));
            values.extend([
                Value::from(fresh.number),
                (*place).into(),
                line.reward.as_str().into(),
                line.version.into(),
                line.what.word().into(),
                line.units.into(),
                line.amount.into(),
            ]);
        }
        let columns = "number, place, reward, version, what, units, amount";
        let sql = format!("INSERT INTO statement_lines ({columns}) VALUES {}", rows.join(", "));
        execute(tx, &sql, values).await?;
    }
    Ok(())
}
