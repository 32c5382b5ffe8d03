//! Attempts at messages: written down before a provider is called, so that none that may have been sent is forgotten.

use std::sync::LazyLock;

use kernel::{Day, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkInsert, BulkSelect, BulkUpdate},
};
use uuid::Uuid;

use super::{at, broken, execute, instant, query};
use crate::{
    domain::{
        attempt::{Attempt, Standing},
        channel::Channel,
        message::MessageId,
        sending::Notice,
    },
    error::Error,
};

const COLUMNS: &str =
    "id, message_id, channel, provider, standing, reference, parts, cost, why, begun_at, noted_at";

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("message_id", ColumnType::Uuid),
        ("channel", ColumnType::Text),
        ("provider", ColumnType::Text),
        ("standing", ColumnType::I16),
        ("parts", ColumnType::I16),
        ("cost", ColumnType::I64),
        ("begun_at", ColumnType::I64),
        ("noted_at", ColumnType::I64),
    ];
    BulkInsert::new("attempts", &columns, "")
});

static NOTE: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let set = [
        ("standing", ColumnType::I16),
        ("reference", ColumnType::Text),
        ("cost", ColumnType::I64),
        ("why", ColumnType::Text),
        ("noted_at", ColumnType::I64),
    ];
    // A receipt that was faster than the answer stays.
    BulkUpdate::new("attempts", &[("id", ColumnType::Uuid), ("standing", ColumnType::I16)], &set)
});

static OF_MESSAGES: LazyLock<BulkSelect> =
    LazyLock::new(|| BulkSelect::new("attempts", COLUMNS, ("message_id", ColumnType::Uuid)));

fn parts(number: u16) -> i16 {
    i16::try_from(number).unwrap_or(i16::MAX)
}

/// Writes down that providers will be called.
///
/// # Errors
/// A fault of the database.
pub async fn begin(tx: &Tx, attempts: &[Attempt]) -> Result<(), Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = attempts.iter().map(|one| one.id).collect();
    let messages: Vec<Uuid> = attempts.iter().map(|one| one.message.0).collect();
    let channels: Vec<&str> = attempts.iter().map(|one| one.channel.word()).collect();
    let providers: Vec<&str> = attempts.iter().map(|one| one.provider.as_str()).collect();
    let standings: Vec<i16> = attempts.iter().map(|one| one.standing.number()).collect();
    let parts: Vec<i16> = attempts.iter().map(|one| parts(one.parts)).collect();
    let costs: Vec<i64> = attempts.iter().map(|one| one.cost).collect();
    let begun: Vec<i64> = attempts.iter().map(|one| one.begun_at.micros()).collect();
    let columns = [
        Column::Uuid(&ids),
        Column::Uuid(&messages),
        Column::Text(&channels),
        Column::Text(&providers),
        Column::I16(&standings),
        Column::I16(&parts),
        Column::I64(&costs),
        Column::I64(&begun),
        Column::I64(&begun),
    ];
    INSERT.run(tx, &columns).await?;
    Ok(())
}

/// Notes what came of attempts that were being handed over; those of which a receipt came before stay as it says.
///
/// # Errors
/// A fault of the database.
pub async fn note(tx: &Tx, attempts: &[Attempt]) -> Result<(), Error> {
    if attempts.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = attempts.iter().map(|one| one.id).collect();
    let handing = vec![Standing::Handing.number(); attempts.len()];
    let standings: Vec<i16> = attempts.iter().map(|one| one.standing.number()).collect();
    let references: Vec<Option<&str>> = attempts.iter().map(|one| one.reference.as_deref()).collect();
    let costs: Vec<i64> = attempts.iter().map(|one| one.cost).collect();
    let whys: Vec<Option<&str>> = attempts.iter().map(|one| one.why.as_deref()).collect();
    let noted: Vec<i64> = attempts.iter().map(|one| one.noted_at.micros()).collect();
    let columns = [
        Column::Uuid(&ids),
        Column::I16(&handing),
        Column::I16(&standings),
        Column::TextOrNull(&references),
        Column::I64(&costs),
        Column::TextOrNull(&whys),
        Column::I64(&noted),
    ];
    NOTE.run(tx, &columns).await?;
    Ok(())
}

/// The attempts at these messages, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_messages(tx: &Tx, messages: &[MessageId]) -> Result<Vec<Attempt>, Error> {
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<Uuid> = messages.iter().map(|one| one.0).collect();
    let rows = OF_MESSAGES.run(tx, Column::Uuid(&ids)).await?;
    let mut all = rows.iter().map(attempt).collect::<Result<Vec<Attempt>, Error>>()?;
    all.sort_by_key(|one| (one.begun_at, one.id));
    Ok(all)
}

/// The attempts at a message, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_message(on: &impl ConnectionTrait, message: MessageId) -> Result<Vec<Attempt>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM attempts WHERE message_id = $1 ORDER BY begun_at, id");
    query(on, &sql, [message.0.into()]).await?.iter().map(attempt).collect()
}

/// The attempt that a provider's receipt is about: by our id, or else by the provider's own name for it.
///
/// # Errors
/// A fault of the database.
pub async fn by_notice(tx: &Tx, provider: &str, notice: &Notice) -> Result<Option<Attempt>, Error> {
    if let Some(id) = notice.attempt {
        let sql = format!("SELECT {COLUMNS} FROM attempts WHERE id = $1 AND provider = $2");
        let rows = query(tx, &sql, [id.into(), provider.into()]).await?;
        if let Some(row) = rows.first() {
            return attempt(row).map(Some);
        }
    }
    let Some(reference) = &notice.reference else { return Ok(None) };
    let sql = format!("SELECT {COLUMNS} FROM attempts WHERE provider = $1 AND reference = $2");
    let rows = query(tx, &sql, [provider.into(), reference.as_str().into()]).await?;
    rows.first().map(attempt).transpose()
}

/// Up to `limit` attempts that a provider took and said no more of, begun after `from` (a time and the id that was last) and before
/// `until`, the oldest first.
///
/// # Errors
/// A fault of the database.
pub async fn taken(
    on: &impl ConnectionTrait,
    provider: &str,
    from: (Timestamp, Uuid),
    until: Timestamp,
    limit: u64,
) -> Result<Vec<Attempt>, Error> {
    let sql = format!(
        "SELECT {COLUMNS} FROM attempts WHERE provider = $1 AND standing = 1 AND begun_at >= $2 AND begun_at < $3 \
         AND (begun_at > $2 OR id > $4) AND reference IS NOT NULL ORDER BY begun_at, id LIMIT $5"
    );
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values =
        [provider.into(), from.0.micros().into(), until.micros().into(), from.1.into(), limit.into()];
    query(on, &sql, values).await?.iter().map(attempt).collect()
}

/// Changes where an attempt stands that stood so; `false` where somebody changed it in between.
///
/// # Errors
/// A fault of the database.
pub async fn change(tx: &Tx, stood: Standing, to: &Attempt) -> Result<bool, Error> {
    let sql = "UPDATE attempts SET standing = $1, reference = $2, why = $3, noted_at = $4 WHERE id = $5 AND standing = $6";
    let values = [
        to.standing.number().into(),
        to.reference.clone().into(),
        to.why.clone().into(),
        to.noted_at.micros().into(),
        to.id.into(),
        stood.number().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Adds what attempts cost to what their providers cost that day.
///
/// # Errors
/// A fault of the database.
pub async fn add_spent(tx: &Tx, day: Day, attempts: &[Attempt]) -> Result<(), Error> {
    let mut sums = std::collections::BTreeMap::<&str, (i64, i64, i64)>::new();
    for one in attempts.iter().filter(|one| one.standing != Standing::Failed) {
        let sum = sums.entry(&one.provider).or_default();
        *sum = (sum.0 + 1, sum.1 + i64::from(one.parts), sum.2.saturating_add(one.cost));
    }
    // In the order of their names, so that two who add never wait for each other in a circle.
    for (provider, (attempts, parts, cost)) in sums {
        let sql = "INSERT INTO spent (provider, day, attempts, parts, cost) VALUES ($1, $2, $3, $4, $5) \
                   ON CONFLICT (provider, day) DO UPDATE SET attempts = spent.attempts + excluded.attempts, \
                   parts = spent.parts + excluded.parts, cost = spent.cost + excluded.cost";
        let values = [provider.into(), day.number().into(), attempts.into(), parts.into(), cost.into()];
        execute(tx, sql, values).await?;
    }
    Ok(())
}

/// What each provider cost on a day, in thousandths of the minor unit.
///
/// # Errors
/// A fault of the database.
pub async fn spent_on(on: &impl ConnectionTrait, day: Day) -> Result<Vec<(String, i64)>, Error> {
    let rows = query(on, "SELECT provider, cost FROM spent WHERE day = $1", [day.number().into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

fn attempt(row: &QueryResult) -> Result<Attempt, Error> {
    let (channel, standing): (String, i16) = (at(row, 2)?, at(row, 4)?);
    let timed = |index| -> Result<Timestamp, Error> { Ok(instant(at(row, index)?)) };
    Ok(Attempt {
        id: at(row, 0)?,
        message: MessageId(at(row, 1)?),
        channel: Channel::from_word(&channel).ok_or_else(|| broken("a channel"))?,
        provider: at(row, 3)?,
        standing: Standing::from_number(standing).ok_or_else(|| broken("a standing"))?,
        reference: at(row, 5)?,
        parts: u16::try_from(at::<i16>(row, 6)?).map_err(|_| broken("a count of parts"))?,
        cost: at(row, 7)?,
        why: at(row, 8)?,
        begun_at: timed(9)?,
        noted_at: timed(10)?,
    })
}
