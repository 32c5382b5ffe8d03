//! Reading sheets page by page, each page as large as memory likes.

use anyhow::{Context as _, anyhow};
use kernel::{Day, MemberId, Timestamp};
use sea_orm::{ConnectionTrait as _, QueryResult, Statement, TryGetable};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use store::{Backend, Database, StoreError};
use uuid::Uuid;

use super::{Field, Given, Kind, Sheet};

/// The most rows of a page.
pub const PAGE_ROWS: usize = 100;

/// A page that has so many bytes takes no further row.
pub const PAGE_BYTES: usize = 1024 * 1024;

/// The number of a day that never comes.
const NEVER: i64 = 2_147_483_647;

/// A value as a row holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A name of 16 bytes.
    Id(Uuid),
    /// A number, also in place of a time, a day, or yes and no.
    Whole(i64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// Behind which row of which sheet a page begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The sheet.
    pub sheet: String,
    /// What the last row before has in the columns of the sheet's key.
    pub after: Vec<Cell>,
}

/// A sealed value, and where it stands.
#[derive(Clone, Copy, Debug)]
pub struct SealedCell<'a> {
    /// The table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// What the row has in the first column of the sheet's key, as bytes.
    pub row: &'a [u8],
    /// The value.
    pub sealed: &'a [u8],
}

/// Rows of a sheet, as they are given out.
#[derive(Clone, Debug)]
pub struct SheetRows {
    /// The sheet.
    pub sheet: &'static Sheet,
    /// Its rows, by the names of the columns; what is empty or withheld is not there.
    pub rows: Vec<Map<String, Value>>,
}

/// A page of a service's sheets.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Rows, sheet by sheet; a sheet may go on from the page before.
    pub sheets: Vec<SheetRows>,
    /// Where the next page begins; none behind the last one.
    pub next: Option<Place>,
}

/// Opens what is sealed.
pub type Open<'a> = &'a (dyn Fn(SealedCell<'_>) -> anyhow::Result<String> + Sync);

/// Reads the page of a member's rows behind `from`, the first one when it is none.
///
/// # Errors
/// A place that is none of these sheets, a fault of the database, or a value that is not what its column says.
pub async fn read(
    database: &Database,
    sheets: &'static [&'static Sheet],
    member: MemberId,
    from: Option<&Place>,
    open: Open<'_>,
) -> anyhow::Result<Reading> {
    let begins = |place: &Place| sheets.iter().position(|sheet| sheet.name == place.sheet);
    let first = from.map_or(Some(0), begins).ok_or(StoreError::Cursor)?;
    let (mut found, mut rows_left, mut bytes) = (Vec::new(), PAGE_ROWS, 0);
    for (index, sheet) in sheets.iter().copied().enumerate().skip(first) {
        let after = from.filter(|_| index == first).map(|place| place.after.as_slice());
        let mut rows = Vec::new();
        let mut last = None;
        for cells in select(database, sheet, member, after, rows_left).await? {
            bytes += size(&cells);
            rows.push(told(sheet, &cells, open)?);
            last = Some(key(sheet, &cells));
            if bytes >= PAGE_BYTES {
                break;
            }
        }
        rows_left -= rows.len();
        found.push(SheetRows { sheet, rows });
        // A page is full behind a row: where it ended with the sheet, the next one finds out.
        if let Some(after) = last.filter(|_| rows_left == 0 || bytes >= PAGE_BYTES) {
            return Ok(Reading { sheets: found, next: Some(Place { sheet: sheet.name.to_owned(), after }) });
        }
    }
    Ok(Reading { sheets: found, next: None })
}

/// What a column is asked as, so that all numbers are of one size on both databases.
fn asked(field: &Field) -> String {
    let column = field.column;
    match field.kind {
        Kind::Whole | Kind::Money | Kind::Time | Kind::Day | Kind::Coded(_) => {
            format!("CAST({column} AS bigint)")
        }
        // Truths are truths in some tables, and small numbers in others.
        Kind::Truth => format!("CAST(CAST({column} AS int) AS bigint)"),
        _ => column.to_owned(),
    }
}

fn statement(sheet: &Sheet, backend: Backend, behind: bool) -> String {
    let columns: Vec<String> = sheet.fields.iter().map(asked).collect();
    let (compared, direction) = if sheet.newest_first { ("<", "DESC") } else { (">", "ASC") };
    let bytes = if backend == Backend::Postgres { "uuid_send($1)" } else { "$1" };
    let (keys, whose) = (sheet.key.join(", "), sheet.whose.replace("{bytes}", bytes));
    let ordered: Vec<String> = sheet.key.iter().map(|column| format!("{column} {direction}")).collect();
    let places: Vec<String> = (0..sheet.key.len()).map(|place| format!("${}", place + 3)).collect();
    let behind =
        if behind { format!(" AND ({keys}) {compared} ({})", places.join(", ")) } else { String::new() };
    format!(
        "SELECT {} FROM {} WHERE ({whose}){behind} ORDER BY {} LIMIT $2",
        columns.join(", "),
        sheet.table,
        ordered.join(", "),
    )
}

async fn select(
    database: &Database,
    sheet: &Sheet,
    member: MemberId,
    after: Option<&[Cell]>,
    limit: usize,
) -> anyhow::Result<Vec<Vec<Cell>>> {
    if after.is_some_and(|cells| cells.len() != sheet.key.len()) {
        return Err(StoreError::Cursor.into());
    }
    let mut values: Vec<sea_orm::Value> = vec![member.as_uuid().into(), i64::try_from(limit)?.into()];
    values.extend(after.unwrap_or_default().iter().cloned().map(sea_orm::Value::from));
    let sql = statement(sheet, database.backend(), after.is_some());
    let on = database.connection();
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    let rows = on.query_all_raw(statement).await.map_err(StoreError::from)?;
    let cells = |row: &QueryResult| {
        let read = |(index, field): (usize, &Field)| {
            cell(row, index, field.kind).with_context(|| format!("{}.{}", sheet.table, field.column))
        };
        sheet.fields.iter().enumerate().map(read).collect()
    };
    rows.iter().map(cells).collect()
}

impl From<Cell> for sea_orm::Value {
    fn from(cell: Cell) -> Self {
        match cell {
            Cell::Empty => None::<i64>.into(),
            Cell::Id(id) => id.into(),
            Cell::Whole(number) => number.into(),
            Cell::Text(text) => text.into(),
            Cell::Bytes(bytes) => bytes.into(),
        }
    }
}

fn cell(row: &QueryResult, index: usize, kind: Kind) -> anyhow::Result<Cell> {
    fn at<T: TryGetable>(row: &QueryResult, index: usize, cell: fn(T) -> Cell) -> anyhow::Result<Cell> {
        let value: Option<T> = row.try_get_by_index(index).map_err(StoreError::from)?;
        Ok(value.map_or(Cell::Empty, cell))
    }
    match kind {
        Kind::Id => at(row, index, Cell::Id),
        Kind::Bytes | Kind::Sealed | Kind::SealedDocument => at(row, index, Cell::Bytes),
        Kind::Whole | Kind::Money | Kind::Truth | Kind::Time | Kind::Day | Kind::Coded(_) => {
            at(row, index, Cell::Whole)
        }
        Kind::Text | Kind::Word | Kind::Document => at(row, index, Cell::Text),
    }
}

fn size(cells: &[Cell]) -> usize {
    let of = |cell: &Cell| match cell {
        Cell::Text(text) => text.len(),
        Cell::Bytes(bytes) => bytes.len(),
        Cell::Empty | Cell::Id(_) | Cell::Whole(_) => 16,
    };
    cells.iter().map(of).sum()
}

/// What a row has in the columns of its sheet's key.
fn key(sheet: &Sheet, cells: &[Cell]) -> Vec<Cell> {
    let of = |column: &&str| {
        let place = sheet.fields.iter().position(|field| field.column == *column);
        place.and_then(|place| cells.get(place)).cloned().unwrap_or(Cell::Empty)
    };
    sheet.key.iter().map(of).collect()
}

/// A row as it is given out.
fn told(sheet: &'static Sheet, cells: &[Cell], open: Open<'_>) -> anyhow::Result<Map<String, Value>> {
    let row = match key(sheet, cells).first() {
        Some(Cell::Id(id)) => id.as_bytes().to_vec(),
        Some(Cell::Text(text)) => text.clone().into_bytes(),
        Some(Cell::Bytes(bytes)) => bytes.clone(),
        _ => Vec::new(),
    };
    let mut given = Map::new();
    for (field, cell) in sheet.fields.iter().zip(cells) {
        let never = matches!(field.kind, Kind::Day) && *cell == Cell::Whole(NEVER);
        if matches!(field.given, Given::Withheld(_)) || *cell == Cell::Empty || never {
            continue;
        }
        let Sheet { table, .. } = sheet;
        let opened = |sealed: &[u8]| open(SealedCell { table, column: field.column, row: &row, sealed });
        let value = value(field, cell, &opened).with_context(|| format!("{table}.{}", field.column))?;
        given.insert(field.column.to_owned(), value);
    }
    Ok(given)
}

fn value(
    field: &Field,
    cell: &Cell,
    open: &dyn Fn(&[u8]) -> anyhow::Result<String>,
) -> anyhow::Result<Value> {
    Ok(match (field.kind, cell) {
        (Kind::Truth, Cell::Whole(number)) => Value::Bool(*number != 0),
        (Kind::Time, Cell::Whole(micros)) => Timestamp::from_micros(*micros).to_string().into(),
        (Kind::Day, Cell::Whole(number)) => Day::from_number(i32::try_from(*number)?).to_string().into(),
        (Kind::Coded(word), Cell::Whole(number)) => {
            word(*number).with_context(|| format!("the number {number} says nothing"))?.into()
        }
        (_, Cell::Whole(number)) => (*number).into(),
        (_, Cell::Id(id)) => id.to_string().into(),
        (Kind::Document, Cell::Text(text)) => document(text),
        (_, Cell::Text(text)) => text.clone().into(),
        (Kind::Sealed, Cell::Bytes(sealed)) => open(sealed)?.into(),
        (Kind::SealedDocument, Cell::Bytes(sealed)) => document(&open(sealed)?),
        (_, Cell::Bytes(_) | Cell::Empty) => return Err(anyhow!("bytes are not given out")),
    })
}

/// A document; the text itself where it is none.
fn document(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| text.into())
}
