//! Who looked at whose data: rows that are only added, each sealed with the one before.
//!
//! **Each row's seal covers the seal before it; where the chain begins and ends is noted apart, under a mark of its own**, so
//! that a row that is changed, left out, cut off or added later is found. What seals and marks are made of is the caller's: this
//! room knows no keys. The database itself refuses to change a row, and to delete one behind the beginning.

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, TryGetable, Value};
use uuid::Uuid;

use crate::{Database, StoreError, Tx};

/// The tables, on PostgreSQL; a service adds them as a step of its own.
pub const POSTGRES: &str = "
CREATE TABLE looks (
    number bigint PRIMARY KEY,
    looked_at bigint NOT NULL,
    staff_id uuid,
    operation text NOT NULL,
    member_id uuid NOT NULL,
    reason text,
    reference text,
    seal bytea NOT NULL
);
CREATE INDEX looks_by_member ON looks (member_id, number);
CREATE INDEX looks_by_staff ON looks (staff_id, number);
CREATE TABLE look_chain (
    id smallint PRIMARY KEY CHECK (id = 1),
    after_number bigint NOT NULL,
    after_seal bytea NOT NULL,
    last_number bigint NOT NULL,
    last_seal bytea NOT NULL,
    mark bytea NOT NULL
);
INSERT INTO look_chain (id, after_number, after_seal, last_number, last_seal, mark) VALUES (1, 0, '', 0, '', '');
CREATE FUNCTION looks_stay() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF TG_OP = 'DELETE' AND OLD.number <= (SELECT after_number FROM look_chain WHERE id = 1) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'looks are only added';
END $$;
CREATE TRIGGER looks_unchanged BEFORE UPDATE ON looks FOR EACH ROW EXECUTE FUNCTION looks_stay();
CREATE TRIGGER looks_kept BEFORE DELETE ON looks FOR EACH ROW EXECUTE FUNCTION looks_stay();
";

/// The tables, on SQLite.
pub const SQLITE: &str = "
CREATE TABLE looks (
    number INTEGER PRIMARY KEY,
    looked_at INTEGER NOT NULL,
    staff_id BLOB,
    operation TEXT NOT NULL,
    member_id BLOB NOT NULL,
    reason TEXT,
    reference TEXT,
    seal BLOB NOT NULL
) STRICT;
CREATE INDEX looks_by_member ON looks (member_id, number);
CREATE INDEX looks_by_staff ON looks (staff_id, number);
CREATE TABLE look_chain (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    after_number INTEGER NOT NULL,
    after_seal BLOB NOT NULL,
    last_number INTEGER NOT NULL,
    last_seal BLOB NOT NULL,
    mark BLOB NOT NULL
) STRICT;
INSERT INTO look_chain (id, after_number, after_seal, last_number, last_seal, mark) VALUES (1, 0, x'', 0, x'', x'');
CREATE TRIGGER looks_unchanged BEFORE UPDATE ON looks BEGIN
    SELECT RAISE(ABORT, 'looks are only added');
END;
CREATE TRIGGER looks_kept BEFORE DELETE ON looks WHEN OLD.number > (SELECT after_number FROM look_chain WHERE id = 1) BEGIN
    SELECT RAISE(ABORT, 'looks are only added');
END;
";

const COLUMNS: &str = "number, looked_at, staff_id, operation, member_id, reason, reference, seal";

/// A look as it lies in its row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookRow {
    /// Its place, from 1, without gaps.
    pub number: i64,
    /// Microseconds UTC.
    pub looked_at: i64,
    /// Who of the staff; absent for the operator's key.
    pub staff_id: Option<Uuid>,
    /// What they called.
    pub operation: String,
    /// At whom.
    pub member_id: Uuid,
    /// The reason's word.
    pub reason: Option<String>,
    /// What the reason is about, in the chain's own words.
    pub reference: Option<String>,
    /// Over this row and the seal before it.
    pub seal: Vec<u8>,
}

/// Where the chain begins and ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LookChain {
    /// The last number that was forgotten since it had been kept long enough; 0 where none was.
    pub after: i64,
    /// Its seal.
    pub after_seal: Vec<u8>,
    /// The last number.
    pub last: i64,
    /// Its seal.
    pub last_seal: Vec<u8>,
    /// Over all of it.
    pub mark: Vec<u8>,
}

/// Which looks are asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct LookFilter {
    /// At this member alone.
    pub member: Option<Uuid>,
    /// By this person alone.
    pub staff: Option<Uuid>,
    /// Not before, in microseconds UTC.
    pub from: Option<i64>,
    /// Before, in microseconds UTC.
    pub until: Option<i64>,
    /// With numbers below this one.
    pub before: Option<i64>,
}

impl LookFilter {
    fn conditions(&self) -> (String, Vec<Value>) {
        let asked: [(&str, Option<Value>); 5] = [
            ("member_id =", self.member.map(Value::from)),
            ("staff_id =", self.staff.map(Value::from)),
            ("looked_at >=", self.from.map(Value::from)),
            ("looked_at <", self.until.map(Value::from)),
            ("number <", self.before.map(Value::from)),
        ];
        let (mut conditions, mut values) = (vec!["number > 0".to_owned()], Vec::new());
        for (condition, value) in asked {
            if let Some(value) = value {
                values.push(value);
                conditions.push(format!("{condition} ${}", values.len()));
            }
        }
        (conditions.join(" AND "), values)
    }
}

const CHAIN: &str =
    "SELECT after_number, after_seal, last_number, last_seal, mark FROM look_chain WHERE id = 1";

/// The chain's ends, held against other writers until the transaction is over.
///
/// # Errors
/// When the database refuses.
pub async fn hold(tx: &Tx) -> Result<LookChain, StoreError> {
    let backend = tx.get_database_backend();
    let sql = match backend {
        sea_orm::DbBackend::Sqlite => CHAIN.to_owned(),
        _ => format!("{CHAIN} FOR UPDATE"),
    };
    chain(tx.query_one_raw(Statement::from_string(backend, sql)).await?)
}

/// The chain's ends, as they are noted apart.
///
/// # Errors
/// When the database refuses.
pub async fn ends(database: &Database) -> Result<LookChain, StoreError> {
    let on = database.connection();
    chain(on.query_one_raw(Statement::from_string(on.get_database_backend(), CHAIN)).await?)
}

fn chain(row: Option<QueryResult>) -> Result<LookChain, StoreError> {
    let row = row.ok_or_else(|| DbErr::RecordNotFound("the ends of the looks".to_owned()))?;
    Ok(LookChain {
        after: at(&row, 0)?,
        after_seal: at(&row, 1)?,
        last: at(&row, 2)?,
        last_seal: at(&row, 3)?,
        mark: at(&row, 4)?,
    })
}

/// Notes the chain's new ends; the transaction holds them.
///
/// # Errors
/// When the database refuses.
pub async fn note_ends(tx: &Tx, chain: &LookChain) -> Result<(), StoreError> {
    let sql = "UPDATE look_chain SET after_number = $1, after_seal = $2, last_number = $3, last_seal = $4, mark = $5 \
               WHERE id = 1";
    let values = [
        chain.after.into(),
        chain.after_seal.clone().into(),
        chain.last.into(),
        chain.last_seal.clone().into(),
        chain.mark.clone().into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Adds a row behind the end that the transaction holds.
///
/// # Errors
/// When the database refuses.
pub async fn append(tx: &Tx, row: &LookRow) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO looks ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)");
    let values: [Value; 8] = [
        row.number.into(),
        row.looked_at.into(),
        row.staff_id.into(),
        row.operation.as_str().into(),
        row.member_id.into(),
        row.reason.clone().into(),
        row.reference.clone().into(),
        row.seal.clone().into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(())
}

/// Up to `limit` rows with numbers above `after`, in order.
///
/// # Errors
/// When the database refuses.
pub async fn page(on: &impl ConnectionTrait, after: i64, limit: u64) -> Result<Vec<LookRow>, StoreError> {
    let sql = format!("SELECT {COLUMNS} FROM looks WHERE number > $1 ORDER BY number LIMIT $2");
    rows(on, &sql, vec![after.into(), counted(limit).into()]).await
}

/// Up to `limit` rows that the filter asks for, the newest first.
///
/// # Errors
/// When the database refuses.
pub async fn newest(
    database: &Database,
    filter: &LookFilter,
    limit: u64,
) -> Result<Vec<LookRow>, StoreError> {
    let (conditions, mut values) = filter.conditions();
    values.push(counted(limit).into());
    let limit = values.len();
    let sql = format!("SELECT {COLUMNS} FROM looks WHERE {conditions} ORDER BY number DESC LIMIT ${limit}");
    rows(database.connection(), &sql, values).await
}

/// Deletes the rows that the chain begins behind, as the transaction noted before.
///
/// # Errors
/// When the database refuses.
pub async fn drop_forgotten(tx: &Tx, after: i64) -> Result<u64, StoreError> {
    let sql = "DELETE FROM looks WHERE number <= $1";
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [after.into()]);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

async fn rows(on: &impl ConnectionTrait, sql: &str, values: Vec<Value>) -> Result<Vec<LookRow>, StoreError> {
    let found =
        on.query_all_raw(Statement::from_sql_and_values(on.get_database_backend(), sql, values)).await?;
    found.iter().map(read).collect()
}

fn read(row: &QueryResult) -> Result<LookRow, StoreError> {
    Ok(LookRow {
        number: at(row, 0)?,
        looked_at: at(row, 1)?,
        staff_id: at(row, 2)?,
        operation: at(row, 3)?,
        member_id: at(row, 4)?,
        reason: at(row, 5)?,
        reference: at(row, 6)?,
        seal: at(row, 7)?,
    })
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> Result<T, StoreError> {
    Ok(row.try_get_by_index(index)?)
}

fn counted(limit: u64) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
