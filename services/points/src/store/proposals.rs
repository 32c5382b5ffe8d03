//! Adjustments that wait for a second person.

use anyhow::Context as _;
use kernel::{BranchCode, Day, Digest16, MemberId, Points, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use store::{Database, StoreError, Tx};
use uuid::Uuid;

use super::rows::at;
use crate::domain::Lot;

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    /// It waits for a second person.
    Waiting,
    /// It was approved and recorded.
    Approved,
    /// It was rejected.
    Rejected,
}

impl ProposalState {
    const fn number(self) -> i16 {
        match self {
            Self::Waiting => 0,
            Self::Approved => 1,
            Self::Rejected => 2,
        }
    }
}

/// An adjustment that was proposed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProposalRow {
    /// Its id; the adjustment's journal has it too once it is recorded.
    pub id: Uuid,
    /// Whose account.
    pub member: MemberId,
    /// How many points; negative when they are to be taken.
    pub points: i64,
    /// Of which lot, where they are given.
    pub lot: Option<Lot>,
    /// Who proposed it.
    pub actor: String,
    /// Why.
    pub reason: String,
    /// When.
    pub proposed_at: Timestamp,
    /// Digest of the caller and the idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked.
    pub fingerprint: Digest16,
    /// What became of it.
    pub state: ProposalState,
    /// Who decided.
    pub decided_by: Option<String>,
}

const COLUMNS: &str = "id, member_id, points, expires_on, funder, actor, reason, proposed_at, idempotency_key, \
                       fingerprint, state, decided_by";

/// Keeps a proposal, unless there is one of this id already.
///
/// # Errors
/// When the database refuses.
pub async fn propose(tx: &Tx, row: &ProposalRow) -> anyhow::Result<()> {
    let sql = format!(
        "INSERT INTO proposals ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
         ON CONFLICT (id) DO NOTHING"
    );
    let values: [Value; 12] = [
        row.id.into(),
        row.member.as_uuid().into(),
        row.points.into(),
        row.lot.as_ref().map(|lot| lot.expires_on.number()).into(),
        row.lot.as_ref().map(|lot| lot.funder.to_string()).into(),
        row.actor.clone().into(),
        row.reason.clone().into(),
        row.proposed_at.micros().into(),
        Uuid::from_bytes(row.idempotency_key.0).into(),
        Uuid::from_bytes(row.fingerprint.0).into(),
        row.state.number().into(),
        row.decided_by.clone().into(),
    ];
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    connection.execute_raw(statement).await.map_err(StoreError::from)?;
    Ok(())
}

/// Decides a proposal that waits; answers whether it did.
///
/// # Errors
/// When the database refuses.
pub async fn decide(
    tx: &Tx,
    id: Uuid,
    state: ProposalState,
    by: &str,
    at: Timestamp,
) -> anyhow::Result<bool> {
    let sql = "UPDATE proposals SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1 AND state = 0";
    let values: [Value; 4] = [id.into(), state.number().into(), by.into(), at.micros().into()];
    let connection = tx.connection();
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, values);
    Ok(connection.execute_raw(statement).await.map_err(StoreError::from)?.rows_affected() == 1)
}

/// A proposal by its id.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn find(tx: &Tx, id: Uuid) -> anyhow::Result<Option<ProposalRow>> {
    one(tx.connection(), id).await
}

/// The same outside a transaction.
///
/// # Errors
/// When the database refuses, or the row cannot be read.
pub async fn read(database: &Database, id: Uuid) -> anyhow::Result<Option<ProposalRow>> {
    one(database.connection(), id).await
}

async fn one(connection: &impl ConnectionTrait, id: Uuid) -> anyhow::Result<Option<ProposalRow>> {
    let sql = format!("SELECT {COLUMNS} FROM proposals WHERE id = $1");
    let statement = Statement::from_sql_and_values(connection.get_database_backend(), sql, [id.into()]);
    let row = connection.query_one_raw(statement).await.map_err(StoreError::from)?;
    row.as_ref().map(proposal).transpose()
}

fn proposal(row: &QueryResult) -> anyhow::Result<ProposalRow> {
    let points: i64 = at(row, 2)?;
    let (day, funder): (Option<i32>, Option<String>) = (at(row, 3)?, at(row, 4)?);
    let lot = match day.zip(funder) {
        Some((day, funder)) => {
            let funder = BranchCode::parse(&funder).context("a proposal's funder")?;
            Some(Lot::new(Day::from_number(day), funder, Points::new(points)))
        }
        None => None,
    };
    let state = match at::<i16>(row, 10)? {
        0 => ProposalState::Waiting,
        1 => ProposalState::Approved,
        _ => ProposalState::Rejected,
    };
    Ok(ProposalRow {
        id: at(row, 0)?,
        member: MemberId::from_uuid(at(row, 1)?),
        points,
        lot,
        actor: at(row, 5)?,
        reason: at(row, 6)?,
        proposed_at: Timestamp::from_micros(at(row, 7)?),
        idempotency_key: Digest16(*at::<Uuid>(row, 8)?.as_bytes()),
        fingerprint: Digest16(*at::<Uuid>(row, 9)?.as_bytes()),
        state,
        decided_by: at(row, 11)?,
    })
}
