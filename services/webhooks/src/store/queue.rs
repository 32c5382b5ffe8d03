//! Whose turn it is, what is over, and what was kept long enough.
//!
//! **One replica serves a webhook at a time**: it takes the webhook for a while by its row, and whoever died with one loses
//! it when that while is over.

use kernel::{Timestamp, WebhookId};
use sea_orm::{ConnectionTrait, FromQueryResult as _, QueryResult, Statement, Value};
use store::{Backend, Tx};

use super::{tables::webhooks::Model, webhooks::webhook};
use crate::{
    domain::{
        delivery::{NOT_WANTED, OUT_OF_TIME, Standing},
        webhook::{State, Webhook},
    },
    error::Error,
};

/// Takes up to `limit` webhooks with due messages until `until`, those first that were served longest ago.
///
/// # Errors
/// A fault of the database.
pub async fn take_turns(
    tx: &Tx,
    now: Timestamp,
    until: Timestamp,
    limit: u64,
) -> Result<Vec<Webhook>, Error> {
    // Whom another replica looks at just now, it shall have.
    let pass_over = match tx.backend() {
        Backend::Postgres => "FOR UPDATE OF w SKIP LOCKED",
        Backend::Sqlite => "",
    };
    let sql = format!(
        "UPDATE webhooks SET leased_until = $2, served_at = $1 WHERE id IN (SELECT w.id FROM webhooks w \
         WHERE w.state = 'active' AND w.leased_until <= $1 AND COALESCE(w.paused_until, 0) <= $1 \
         AND EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = w.id AND d.standing = 0 AND d.next_at <= $1) \
         ORDER BY w.served_at, w.id LIMIT $3 {pass_over}) AND leased_until <= $1 RETURNING *"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [now.micros().into(), until.micros().into(), limit.into()];
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    let rows = Model::find_by_statement(statement).all(tx).await?;
    rows.iter().map(webhook).collect()
}

/// Gives a webhook back, whose turn ends at `until`, so that its next turn need not wait.
///
/// # Errors
/// A fault of the database.
pub async fn end_turn(tx: &Tx, id: WebhookId, until: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE webhooks SET leased_until = 0 WHERE id = $1 AND leased_until = $2";
    run(tx, sql, [id.as_uuid().into(), until.micros().into()]).await?;
    Ok(())
}

/// Makes dead letters of up to `limit` messages: those whose time is over while nobody tried them, and those of webhooks
/// that want nothing any more. Answers how many.
///
/// # Errors
/// A fault of the database.
pub async fn give_up(tx: &Tx, now: Timestamp, limit: u32) -> Result<u64, Error> {
    // What a turn of now could still try is left to it: the last attempt is at the deadline.
    let late = now.plus_millis(-60_000).micros();
    let sql = "UPDATE deliveries SET standing = $1, finished_at = $2, last_outcome = COALESCE(last_outcome, $3) \
               WHERE id IN (SELECT id FROM deliveries WHERE standing = 0 AND deadline <= $4 LIMIT $5) AND standing = 0";
    let dead = Standing::Dead.number();
    let values = [dead.into(), now.micros().into(), OUT_OF_TIME.into(), late.into(), i64::from(limit).into()];
    let over = run(tx, sql, values).await?;
    let sql = "UPDATE deliveries SET standing = $1, finished_at = $2, last_outcome = $3 WHERE id IN (SELECT d.id \
               FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE w.state IN ('ended', 'removed', 'off') \
               AND d.standing = 0 LIMIT $4) AND standing = 0";
    let values = [dead.into(), now.micros().into(), NOT_WANTED.into(), i64::from(limit).into()];
    Ok(over + run(tx, sql, values).await?)
}

/// How long what is kept.
#[derive(Debug, Clone, Copy)]
pub struct Keeping {
    /// Messages that were taken.
    pub delivered_since: Timestamp,
    /// Dead letters.
    pub dead_since: Timestamp,
}

/// Deletes up to `limit` messages that were kept long enough, and those of removed webhooks, with their attempts; then
/// removed webhooks that nothing is left of. Answers how many messages.
///
/// # Errors
/// A fault of the database.
pub async fn forget(tx: &Tx, keeping: Keeping, limit: u32) -> Result<u64, Error> {
    let mut gone = 0;
    let lines = [(Standing::Delivered, keeping.delivered_since), (Standing::Dead, keeping.dead_since)];
    for (standing, since) in lines {
        let which = "SELECT id FROM deliveries WHERE standing = $1 AND finished_at < $2 ORDER BY finished_at LIMIT $3";
        let values = [standing.number().into(), since.micros().into(), i64::from(limit).into()];
        gone += delete(tx, which, values).await?;
    }
    let which =
        "SELECT d.id FROM deliveries d JOIN webhooks w ON w.id = d.webhook_id WHERE w.state = $1 LIMIT $2";
    gone += delete(tx, which, [State::Removed.word().into(), i64::from(limit).into()]).await?;
    let sql = "DELETE FROM webhooks WHERE state = $1 AND leased_until <= $2 \
               AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.webhook_id = webhooks.id)";
    let values = [State::Removed.word().into(), keeping.dead_since.micros().into()];
    run(tx, sql, values).await?;
    Ok(gone)
}

/// Deletes the messages that a question names; their attempts go with them.
async fn delete<const N: usize>(tx: &Tx, which: &str, values: [Value; N]) -> Result<u64, Error> {
    run(tx, &format!("DELETE FROM deliveries WHERE id IN ({which})"), values).await
}

/// How many messages wait, and since when the oldest one does.
///
/// # Errors
/// A fault of the database.
pub async fn waiting(on: &impl ConnectionTrait) -> Result<(u64, Option<Timestamp>), Error> {
    let sql = "SELECT COUNT(*), MIN(created_at) FROM deliveries WHERE standing = 0";
    let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await?;
    let count: i64 = read(row.as_ref(), 0)?.unwrap_or_default();
    let oldest: Option<i64> = read(row.as_ref(), 1)?;
    Ok((u64::try_from(count).unwrap_or_default(), oldest.map(Timestamp::from_micros)))
}

/// How many rows there are, and how many break a promise that `flaw` describes as SQL.
///
/// # Errors
/// A fault of the database.
pub async fn flaws(on: &impl ConnectionTrait, table: &str, flaw: &str) -> Result<(u64, u64), Error> {
    let sql = format!("SELECT COUNT(*), COUNT(CASE WHEN {flaw} THEN 1 END) FROM {table}");
    let row = on.query_one_raw(Statement::from_string(on.get_database_backend(), sql)).await?;
    let number = |at| -> Result<u64, Error> {
        let count: Option<i64> = read(row.as_ref(), at)?;
        Ok(u64::try_from(count.unwrap_or_default()).unwrap_or_default())
    };
    Ok((number(0)?, number(1)?))
}

fn read(row: Option<&QueryResult>, at: usize) -> Result<Option<i64>, Error> {
    Ok(row.map(|row| row.try_get_by_index::<Option<i64>>(at)).transpose()?.flatten())
}

async fn run(tx: &Tx, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<u64, Error> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}
