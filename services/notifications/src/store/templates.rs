//! What the chain has written of what messages say: for each kind a draft, what is live, and what was.

use kernel::Timestamp;
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, execute, instant, query};
use crate::{
    domain::{template::Written, trigger::Trigger},
    error::Error,
};

/// Where a version stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Somebody writes at it.
    Draft,
    /// Messages say it.
    Live,
    /// Messages said it before.
    Former,
}

impl State {
    const fn number(self) -> i16 {
        match self {
            Self::Draft => 0,
            Self::Live => 1,
            Self::Former => 2,
        }
    }

    fn from_number(number: i16) -> Option<Self> {
        [Self::Draft, Self::Live, Self::Former].into_iter().find(|state| state.number() == number)
    }

    /// Its word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Live => "live",
            Self::Former => "former",
        }
    }
}

/// A version of what a kind of message says.
#[derive(Debug, Clone)]
pub struct Version {
    /// Of which kind.
    pub trigger: Trigger,
    /// Its number: versions of a kind only grow.
    pub version: i32,
    /// Where it stands.
    pub state: State,
    /// The words.
    pub words: Written,
    /// Who wrote it.
    pub written_by: String,
    /// When.
    pub written_at: Timestamp,
    /// Who published it.
    pub published_by: Option<String>,
    /// Since when messages say it.
    pub live_from: Option<Timestamp>,
    /// Until when they said it.
    pub live_until: Option<Timestamp>,
}

const COLUMNS: &str =
    "kind, version, state, words, written_by, written_at, published_by, live_from, live_until";
/// The most versions of a kind that are told.
const MOST: i64 = 100;

fn version(row: &QueryResult) -> Result<Version, Error> {
    let trigger = Trigger::from_word(&at::<String>(row, 0)?).ok_or_else(|| broken("a kind of message"))?;
    let state = State::from_number(at(row, 2)?).ok_or_else(|| broken("where a template stands"))?;
    let words =
        serde_json::from_str(&at::<String>(row, 3)?).map_err(|_| broken("the words of a template"))?;
    Ok(Version {
        trigger,
        version: at(row, 1)?,
        state,
        words,
        written_by: at(row, 4)?,
        written_at: instant(at(row, 5)?),
        published_by: at(row, 6)?,
        live_from: at::<Option<i64>>(row, 7)?.map(instant),
        live_until: at::<Option<i64>>(row, 8)?.map(instant),
    })
}

/// Which version of each kind is live, of those that the chain has written itself.
///
/// # Errors
/// A fault of the database.
pub async fn live_versions(on: &impl ConnectionTrait) -> Result<Vec<(String, i32)>, Error> {
    let sql = "SELECT kind, version FROM templates WHERE state = $1 ORDER BY kind";
    let rows = query(on, sql, [State::Live.number().into()]).await?;
    rows.iter().map(|row| Ok((at(row, 0)?, at(row, 1)?))).collect()
}

/// Drafts and what is live, by kind.
///
/// # Errors
/// A fault of the database.
pub async fn current(on: &impl ConnectionTrait) -> Result<Vec<Version>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE state IN (0, 1) ORDER BY kind, version");
    query(on, &sql, []).await?.iter().map(version).collect()
}

/// The versions of a kind, the newest first.
///
/// # Errors
/// A fault of the database.
pub async fn of_kind(on: &impl ConnectionTrait, trigger: Trigger) -> Result<Vec<Version>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE kind = $1 ORDER BY version DESC LIMIT $2");
    query(on, &sql, [trigger.word().into(), MOST.into()]).await?.iter().map(version).collect()
}

/// One version of a kind.
///
/// # Errors
/// A fault of the database.
pub async fn find(
    on: &impl ConnectionTrait,
    trigger: Trigger,
    number: i32,
) -> Result<Option<Version>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM templates WHERE kind = $1 AND version = $2");
    query(on, &sql, [trigger.word().into(), number.into()]).await?.first().map(version).transpose()
}

/// Writes the draft of a kind, with a number of its own each time; nothing when somebody else began one at the same time.
///
/// # Errors
/// A fault of the database.
pub async fn write_draft(
    tx: &Tx,
    trigger: Trigger,
    words: &Written,
    by: &str,
    now: Timestamp,
) -> Result<Option<i32>, Error> {
    let words = serde_json::to_string(words).map_err(|fault| Error::Fault(fault.into()))?;
    let values = || [trigger.word().into(), words.clone().into(), by.into(), now.micros().into()];
    let again = "UPDATE templates SET version = version + 1, words = $2, written_by = $3, written_at = $4 \
                 WHERE kind = $1 AND state = 0 RETURNING version";
    if let Some(row) = query(tx, again, values()).await?.first() {
        return Ok(Some(at(row, 0)?));
    }
    let first = "INSERT INTO templates (kind, version, state, words, written_by, written_at) \
                 SELECT $1, COALESCE(MAX(version), 0) + 1, 0, $2, $3, $4 FROM templates WHERE kind = $1 \
                 ON CONFLICT DO NOTHING RETURNING version";
    query(tx, first, values()).await?.first().map(|row| at(row, 0)).transpose()
}

/// Takes the draft of a kind away; `false` when there is none.
///
/// # Errors
/// A fault of the database.
pub async fn discard_draft(tx: &Tx, trigger: Trigger) -> Result<bool, Error> {
    let sql = "DELETE FROM templates WHERE kind = $1 AND state = 0";
    Ok(execute(tx, sql, [trigger.word().into()]).await? == 1)
}

/// Makes the draft what messages say, when it has this number still; `false` when it does not.
///
/// # Errors
/// A fault of the database.
pub async fn publish(
    tx: &Tx,
    trigger: Trigger,
    number: i32,
    by: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let drafted = "SELECT 1 FROM templates WHERE kind = $1 AND version = $2 AND state = 0";
    if query(tx, drafted, [trigger.word().into(), number.into()]).await?.is_empty() {
        return Ok(false);
    }
    retire(tx, trigger, now).await?;
    let sql = "UPDATE templates SET state = 1, published_by = $3, live_from = $4 \
               WHERE kind = $1 AND version = $2 AND state = 0";
    let values = [trigger.word().into(), number.into(), by.into(), now.micros().into()];
    Ok(execute(tx, sql, values).await? == 1)
}

/// Ends what is live of a kind, so that messages say again what is built in; `false` when that is so already.
///
/// # Errors
/// A fault of the database.
pub async fn retire(tx: &Tx, trigger: Trigger, now: Timestamp) -> Result<bool, Error> {
    let sql = "UPDATE templates SET state = 2, live_until = $2 WHERE kind = $1 AND state = 1";
    Ok(execute(tx, sql, [trigger.word().into(), now.micros().into()]).await? == 1)
}
