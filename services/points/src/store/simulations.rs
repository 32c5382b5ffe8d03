//! Simulations that were asked for, and the purchases that they replay.

use anyhow::Context as _;
use contracts::points::ReturnedLine;
use kernel::{Currency, JournalId, MemberId, TillCode, Timestamp};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryResult,
    Statement, TryGetable, Value, sea_query::Expr,
};
use serde::Serialize;
use store::{StoreError, Tx};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    ledger::{self, PurchaseRow},
    tables::simulation::{ActiveModel, Column, Entity, Model},
};
use crate::domain::{Details, JournalKind, Line, ProgrammeDocument, SimulationFigures};

/// Where a simulation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SimulationState {
    /// Nobody has begun with it.
    Waiting,
    /// It is under way.
    Running,
    /// It came to its figures.
    Done,
    /// It came to nothing: a fault, which the log shows.
    Failed,
}

impl SimulationState {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Waiting, "waiting"),
        (Self::Running, "running"),
        (Self::Done, "done"),
        (Self::Failed, "failed"),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(state, _)| *state == self).map_or("failed", |(_, name)| *name)
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(state, _)| *state)
    }
}

/// A simulation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulation {
    /// Its id.
    pub id: Uuid,
    /// The version that is simulated.
    pub version: u32,
    /// Its document when that was asked: a draft may change meanwhile.
    pub document: ProgrammeDocument,
    /// The version that it is compared with.
    pub against: Option<u32>,
    /// Purchases recorded from then on.
    pub since: Timestamp,
    /// Up to, not including, then.
    pub until: Timestamp,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Where it is.
    pub state: SimulationState,
    /// When whoever runs it gave a sign of life.
    pub seen_at: Timestamp,
    /// Purchases and returns that were decided.
    pub done: u64,
    /// How many there are; zero until they were counted.
    pub total: u64,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// What it came to.
    pub figures: Option<SimulationFigures>,
}

/// Whoever gave no sign of life for so long is believed dead.
const SILENT_MILLIS: i64 = 60_000;

/// Keeps a simulation that is asked for.
///
/// # Errors
/// When the database refuses.
pub async fn insert(tx: &Tx, simulation: &Simulation) -> anyhow::Result<()> {
    let row = ActiveModel {
        id: Set(simulation.id),
        version: Set(i32::try_from(simulation.version)?),
        document: Set(serde_json::to_string(&simulation.document)?),
        against: Set(simulation.against.map(i32::try_from).transpose()?),
        since: Set(simulation.since.micros()),
        until: Set(simulation.until.micros()),
        requested_at: Set(simulation.requested_at.micros()),
        state: Set(simulation.state.name().to_owned()),
        seen_at: Set(simulation.seen_at.micros()),
        done: Set(0),
        total: Set(0),
        finished_at: Set(None),
        figures: Set(None),
    };
    Entity::insert(row).exec_without_returning(tx.connection()).await.map_err(StoreError::from)?;
    Ok(())
}

/// A simulation by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn load<C: ConnectionTrait>(db: &C, id: Uuid) -> anyhow::Result<Option<Simulation>> {
    let row = Entity::find_by_id(id).one(db).await.map_err(StoreError::from)?;
    row.as_ref().map(read).transpose()
}

/// Whether any simulation has not ended.
///
/// # Errors
/// When the database refuses.
pub async fn any_open<C: ConnectionTrait>(db: &C) -> anyhow::Result<bool> {
    let open = Entity::find().filter(Column::FinishedAt.is_null()).one(db).await;
    Ok(open.map_err(StoreError::from)?.is_some())
}

/// Takes the oldest simulation that nobody works at; the same one is taken by one worker only.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn take(tx: &Tx, now: Timestamp) -> anyhow::Result<Option<Simulation>> {
    let on = tx.connection();
    let silent = now.plus_millis(-SILENT_MILLIS).micros();
    let open = Entity::find().filter(Column::FinishedAt.is_null()).order_by_asc(Column::RequestedAt);
    for row in open.all(on).await.map_err(StoreError::from)? {
        let simulation = read(&row)?;
        if simulation.state == SimulationState::Running && row.seen_at >= silent {
            continue;
        }
        let taken = Entity::update_many()
            .col_expr(Column::State, Expr::value(SimulationState::Running.name()))
            .col_expr(Column::SeenAt, Expr::value(now.micros()))
            .filter(Column::Id.eq(row.id))
            .filter(Column::State.eq(row.state))
            .filter(Column::SeenAt.eq(row.seen_at))
            .exec(on)
            .await
            .map_err(StoreError::from)?;
        if taken.rows_affected == 1 {
            return Ok(Some(Simulation { state: SimulationState::Running, seen_at: now, ..simulation }));
        }
    }
    Ok(None)
}

/// Notes how far a simulation is, as a sign of life.
///
/// # Errors
/// When the database refuses.
pub async fn note(tx: &Tx, id: Uuid, done: u64, total: u64, now: Timestamp) -> anyhow::Result<()> {
    Entity::update_many()
        .col_expr(Column::Done, Expr::value(i64::try_from(done)?))
        .col_expr(Column::Total, Expr::value(i64::try_from(total)?))
        .col_expr(Column::SeenAt, Expr::value(now.micros()))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

/// Notes what a simulation came to; without figures, that it failed.
///
/// # Errors
/// When the database refuses.
pub async fn end(
    tx: &Tx,
    id: Uuid,
    figures: Option<&SimulationFigures>,
    now: Timestamp,
) -> anyhow::Result<()> {
    let state = if figures.is_some() { SimulationState::Done } else { SimulationState::Failed };
    let figures = figures.map(serde_json::to_string).transpose()?;
    Entity::update_many()
        .col_expr(Column::State, Expr::value(state.name()))
        .col_expr(Column::Figures, Expr::value(figures))
        .col_expr(Column::FinishedAt, Expr::value(now.micros()))
        .filter(Column::Id.eq(id))
        .exec(tx.connection())
        .await
        .map_err(StoreError::from)?;
    Ok(())
}

fn read(row: &Model) -> anyhow::Result<Simulation> {
    Ok(Simulation {
        id: row.id,
        version: u32::try_from(row.version)?,
        document: serde_json::from_str(&row.document)?,
        against: row.against.map(u32::try_from).transpose()?,
        since: Timestamp::from_micros(row.since),
        until: Timestamp::from_micros(row.until),
        requested_at: Timestamp::from_micros(row.requested_at),
        state: SimulationState::parse(&row.state).context("the state of a simulation")?,
        seen_at: Timestamp::from_micros(row.seen_at),
        done: u64::try_from(row.done)?,
        total: u64::try_from(row.total)?,
        finished_at: row.finished_at.map(Timestamp::from_micros),
        figures: row.figures.as_deref().map(serde_json::from_str).transpose()?,
    })
}

/// A purchase or a return of the past.
pub struct PastRow {
    /// Whose.
    pub member: MemberId,
    /// The account's version with it.
    pub version: i64,
    /// Its id.
    pub id: JournalId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Where, as the code is stored.
    pub branch: String,
    /// At which till.
    pub till: TillCode,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// Paid or returned, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The receipt's lines; none for a return.
    pub lines: Vec<Line>,
    /// The lines that came back with a return, where they were named.
    pub came_back: Vec<ReturnedLine>,
    /// How much of it points paid, in minor units.
    pub paid: i64,
    /// What else the till said.
    pub details: Details,
    /// The purchase that a return undid; `None` for a purchase.
    pub original: Option<JournalId>,
    /// Whether a return of it follows.
    pub comes_back: bool,
    /// When the member joined, where that is known.
    pub joined_at: Option<Timestamp>,
}

/// The kinds of journal that are replayed, as a list in SQL.
fn kinds() -> String {
    format!("{}, {}", JournalKind::Purchase.number(), JournalKind::Return.number())
}

/// How many purchases and returns were recorded in a period.
///
/// # Errors
/// When the database refuses.
pub async fn count_past(tx: &Tx, since: Timestamp, until: Timestamp) -> anyhow::Result<u64> {
    let kinds = kinds();
    let sql = format!(
        "SELECT COUNT(*) FROM journals WHERE kind IN ({kinds}) AND recorded_at >= $1 AND recorded_at < $2"
    );
    let rows = query(tx, &sql, [since.micros().into(), until.micros().into()]).await?;
    rows.first().map_or(Ok(0), |row| Ok(u64::try_from(at::<i64>(row, 0)?)?))
}

/// In which order the past is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PastOrder {
    /// Member by member, each account in its own order.
    ByAccount,
    /// As it was recorded.
    ByTime,
}

/// A place in the past: when, whose, and the account's version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PastPlace {
    recorded_at: i64,
    member: Uuid,
    version: i64,
}

impl PastRow {
    /// Where it is.
    #[must_use]
    pub const fn place(&self) -> PastPlace {
        PastPlace {
            recorded_at: self.recorded_at.micros(),
            member: self.member.as_uuid(),
            version: self.version,
        }
    }
}

/// The purchases and returns of a period past a place, in this order, `limit` at most.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn past(
    tx: &Tx,
    order: PastOrder,
    (since, until): (Timestamp, Timestamp),
    after: PastPlace,
    limit: i64,
) -> anyhow::Result<Vec<PastRow>> {
    let (kinds, back) = (kinds(), JournalKind::Return.number());
    let (further, by) = match order {
        PastOrder::ByAccount => ("(member_id, version) > ($1, $2)", "member_id, version"),
        PastOrder::ByTime => {
            ("(recorded_at, member_id, version) > ($6, $1, $2)", "recorded_at, member_id, version")
        }
    };
    let sql = format!(
        "SELECT member_id, version, id, recorded_at, branch, till, occurred_at, amount, currency, lines, details, \
         CASE WHEN kind = {back} THEN original END, \
         EXISTS (SELECT 1 FROM journals r WHERE r.original = journals.id AND r.kind = {back}), \
         (SELECT joined_at FROM members WHERE members.member_id = journals.member_id), trace \
         FROM journals WHERE {further} AND kind IN ({kinds}) \
         AND recorded_at >= $3 AND recorded_at < $4 ORDER BY {by} LIMIT $5"
    );
    let mut values: Vec<Value> = vec![
        after.member.into(),
        after.version.into(),
        since.micros().into(),
        until.micros().into(),
        limit.into(),
    ];
    if order == PastOrder::ByTime {
        values.push(after.recorded_at.into());
    }
    query(tx, &sql, values).await?.iter().map(past_row).collect()
}

fn past_row(row: &QueryResult) -> anyhow::Result<PastRow> {
    let (lines, details): (Option<String>, Option<String>) = (at(row, 9)?, at(row, 10)?);
    let original = at::<Option<Uuid>>(row, 11)?.map(JournalId::from_uuid);
    // A purchase's lines are what was bought, a return's what came back.
    let (sold, back) = if original.is_none() { (lines, None) } else { (None, lines) };
    let trace: Option<String> = at(row, 14)?;
    let decided = trace.filter(|_| original.is_none()).and_then(|text| PurchaseRow::read_decided(&text));
    Ok(PastRow {
        member: MemberId::from_uuid(at(row, 0)?),
        version: at(row, 1)?,
        id: JournalId::from_uuid(at(row, 2)?),
        recorded_at: Timestamp::from_micros(at(row, 3)?),
        branch: at(row, 4)?,
        till: TillCode::parse(&at::<String>(row, 5)?)?,
        occurred_at: Timestamp::from_micros(at(row, 6)?),
        amount: at(row, 7)?,
        currency: Currency::parse(&at::<String>(row, 8)?)?,
        lines: sold.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?,
        came_back: ledger::read_lines(back.as_deref())?,
        paid: decided.and_then(|(.., paid)| paid).map_or(0, |paid| paid.amount),
        details: details.map_or_else(|| Ok(Details::default()), |text| serde_json::from_str(&text))?,
        original,
        comes_back: at(row, 12)?,
        joined_at: at::<Option<i64>>(row, 13)?.map(Timestamp::from_micros),
    })
}

async fn query(
    tx: &Tx,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> anyhow::Result<Vec<QueryResult>> {
    let on = tx.connection();
    let statement = Statement::from_sql_and_values(on.get_database_backend(), sql, values);
    Ok(on.query_all_raw(statement).await.map_err(StoreError::from)?)
}

fn at<T: TryGetable>(row: &QueryResult, index: usize) -> anyhow::Result<T> {
    Ok(row.try_get_by_index(index).map_err(StoreError::from)?)
}
