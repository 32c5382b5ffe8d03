//! Messages: recorded once for each member, kind and cause, and ended once.

use std::sync::LazyLock;

use kernel::{MemberId, Timestamp};
use store::{
    Column, ColumnType, Tx,
    bulk::{BulkDelete, BulkInsert, BulkUpdate},
};
use uuid::Uuid;

use super::execute;
use crate::{
    domain::{
        message::{MessageId, State},
        trigger::{Lane, Trigger},
        value::Values,
    },
    error::Error,
};

/// A message that is to be recorded.
#[derive(Debug, Clone)]
pub struct Fresh {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub member: MemberId,
    /// Of which kind.
    pub trigger: Trigger,
    /// What it is about: a member has one of each kind and cause.
    pub cause: String,
    /// What its words name.
    pub values: Values,
    /// When it happened.
    pub told_at: Timestamp,
    /// When it is of no use any more.
    pub not_after: Timestamp,
}

static INSERT: LazyLock<BulkInsert> = LazyLock::new(|| {
    let columns = [
        ("id", ColumnType::Uuid),
        ("member_id", ColumnType::Uuid),
        ("kind", ColumnType::Text),
        ("cause", ColumnType::Text),
        ("named", ColumnType::Text),
        ("lane", ColumnType::I16),
        ("state", ColumnType::I16),
        ("due_at", ColumnType::I64),
        ("not_after", ColumnType::I64),
        ("tries", ColumnType::I32),
        ("failures", ColumnType::I32),
        ("told_at", ColumnType::I64),
        ("queued_at", ColumnType::I64),
    ];
    BulkInsert::new("messages", &columns, "ON CONFLICT (member_id, kind, cause) DO NOTHING")
});

/// Records messages that are due at once; **one for each member, kind and cause, however often it is asked**. Answers how many were
/// new.
///
/// # Errors
/// A fault of the database.
pub async fn record(tx: &Tx, fresh: &[Fresh], now: Timestamp) -> Result<u64, Error> {
    if fresh.is_empty() {
        return Ok(0);
    }
    let named: Result<Vec<String>, _> = fresh.iter().map(|one| serde_json::to_string(&one.values)).collect();
    let named = named.map_err(|fault| Error::Fault(fault.into()))?;
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let ids: Vec<Uuid> = fresh.iter().map(|one| one.id.0).collect();
    let members: Vec<Uuid> = fresh.iter().map(|one| one.member.as_uuid()).collect();
    let kinds: Vec<&str> = fresh.iter().map(|one| one.trigger.word()).collect();
    let causes: Vec<&str> = fresh.iter().map(|one| one.cause.as_str()).collect();
    let lanes: Vec<i16> = fresh.iter().map(|one| one.trigger.terms().lane.number()).collect();
    let not_after: Vec<i64> = fresh.iter().map(|one| one.not_after.micros()).collect();
    let told: Vec<i64> = fresh.iter().map(|one| one.told_at.micros()).collect();
    let states = vec![State::Waiting.number(); fresh.len()];
    let (nows, none) = (vec![now.micros(); fresh.len()], vec![0_i32; fresh.len()]);
    let columns = [
        Column::Uuid(&ids),
        Column::Uuid(&members),
        Column::Text(&kinds),
        Column::Text(&causes),
        Column::Text(&named),
        Column::I16(&lanes),
        Column::I16(&states),
        Column::I64(&nows),
        Column::I64(&not_after),
        Column::I32(&none),
        Column::I32(&none),
        Column::I64(&told),
        Column::I64(&nows),
    ];
    Ok(INSERT.run(tx, &columns).await?)
}

/// How a message ends, or waits on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ending {
    /// Which one.
    pub id: MessageId,
    /// By which try: whoever was too slow changes nothing.
    pub tries: u32,
    /// Where it stands now.
    pub state: State,
    /// Why, where it did not go.
    pub why: Option<String>,
    /// When it is due again, where it waits.
    pub due_at: Timestamp,
    /// How often no provider took it, this time included.
    pub failures: u32,
}

static END: LazyLock<BulkUpdate> = LazyLock::new(|| {
    let keys = [("id", ColumnType::Uuid), ("state", ColumnType::I16), ("tries", ColumnType::I32)];
    let set = [
        ("state", ColumnType::I16),
        ("why", ColumnType::Text),
        ("due_at", ColumnType::I64),
        ("failures", ColumnType::I32),
        ("finished_at", ColumnType::I64),
    ];
    BulkUpdate::new("messages", &keys, &set)
});

/// Ends messages that wait, or lets them wait on; one that somebody else has taken meanwhile stays as it is.
///
/// # Errors
/// A fault of the database.
pub async fn end(tx: &Tx, endings: &[Ending], now: Timestamp) -> Result<(), Error> {
    if endings.is_empty() {
        return Ok(());
    }
    let signed = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
    let ids: Vec<Uuid> = endings.iter().map(|one| one.id.0).collect();
    let before = vec![State::Waiting.number(); endings.len()];
    let tries: Vec<i32> = endings.iter().map(|one| signed(one.tries)).collect();
    let states: Vec<i16> = endings.iter().map(|one| one.state.number()).collect();
    let whys: Vec<Option<&str>> = endings.iter().map(|one| one.why.as_deref()).collect();
    let due: Vec<i64> = endings.iter().map(|one| one.due_at.micros()).collect();
    let failures: Vec<i32> = endings.iter().map(|one| signed(one.failures)).collect();
    let finished: Vec<Option<i64>> =
        endings.iter().map(|one| (one.state != State::Waiting).then_some(now.micros())).collect();
    let columns = [
        Column::Uuid(&ids),
        Column::I16(&before),
        Column::I32(&tries),
        Column::I16(&states),
        Column::TextOrNull(&whys),
        Column::I64(&due),
        Column::I32(&failures),
        Column::I64OrNull(&finished),
    ];
    END.run(tx, &columns).await?;
    Ok(())
}

static DELETE: LazyLock<BulkDelete> =
    LazyLock::new(|| BulkDelete::new("messages", &[("id", ColumnType::Uuid)]));

/// Deletes messages with their attempts.
///
/// # Errors
/// A fault of the database.
pub async fn delete(tx: &Tx, ids: &[MessageId]) -> Result<(), Error> {
    let ids: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    DELETE.run(tx, &[Column::Uuid(&ids)]).await?;
    Ok(())
}

/// Notes that a text of the code lane is about to be handed over; `false` when it was noted before.
///
/// # Errors
/// A fault of the database.
pub async fn note_urgent(
    tx: &Tx,
    id: MessageId,
    member: MemberId,
    kind: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let sql = "INSERT INTO messages (id, member_id, kind, cause, named, lane, state, due_at, not_after, tries, failures, \
               told_at, queued_at, finished_at) VALUES ($1, $2, $3, $4, '{}', $5, $6, $7, $7, 1, 0, $7, $7, $7) \
               ON CONFLICT DO NOTHING";
    let values = [
        id.0.into(),
        member.as_uuid().into(),
        kind.into(),
        id.to_string().into(),
        Lane::Code.number().into(),
        State::Sent.number().into(),
        now.micros().into(),
    ];
    Ok(execute(tx, sql, values).await? == 1)
}

/// The kind of messages that bring one-time codes, whose words are membership's.
pub const CODE: &str = "one_time_code";
/// The kind of messages that answer a text.
pub const ANSWER: &str = "text_answer";
/// The kind of messages by which the chain tries its own words.
pub const TRIED: &str = "tried_words";
