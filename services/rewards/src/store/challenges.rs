//! Challenges and contests: what they say, and where they stand. How far members have come is in [`super::challenge_entries`].

use kernel::{ChallengeCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, execute, held, instant, micros, query, shared};
use crate::{
    domain::{
        challenge::{Aim, ChallengeTerms},
        taking::Stage,
    },
    error::Error,
};

/// A challenge or a contest as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptChallenge {
    /// Its code.
    pub code: ChallengeCode,
    /// What it says.
    pub terms: ChallengeTerms,
    /// What was done with it.
    pub stage: Stage,
    /// When each of its days begins on the chain's wall clock, and when the last one ends.
    pub days: Vec<Timestamp>,
    /// When it was published.
    pub live_at: Option<Timestamp>,
    /// When it was withdrawn.
    pub withdrawn_at: Option<Timestamp>,
    /// When the contest was decided.
    pub decided_at: Option<Timestamp>,
}

impl KeptChallenge {
    /// When its first day begins.
    #[must_use]
    pub fn starts_at(&self) -> Timestamp {
        self.days.first().copied().unwrap_or(Timestamp::from_micros(0))
    }

    /// When its last day ends.
    #[must_use]
    pub fn ends_at(&self) -> Timestamp {
        self.days.last().copied().unwrap_or(Timestamp::from_micros(0))
    }

    /// Until when purchases of its days are heard of.
    #[must_use]
    pub fn closes_at(&self) -> Timestamp {
        self.terms.closes_at(self.ends_at())
    }

    /// Who gives what it gives.
    #[must_use]
    pub fn source(&self) -> String {
        format!("challenge:{}", self.code)
    }

    /// Where it stands, as people are told.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> &'static str {
        let contest = matches!(self.terms.aim, Aim::Contest { .. });
        match self.stage {
            Stage::Draft => "draft",
            Stage::Ended => "withdrawn",
            Stage::Live if now < self.starts_at() => "scheduled",
            Stage::Live if now < self.ends_at() => "live",
            Stage::Live if now < self.closes_at() || (contest && self.decided_at.is_none()) => "closing",
            Stage::Live if contest => "decided",
            Stage::Live => "over",
        }
    }
}

const COLUMNS: &str = "SELECT code, document, stage, days, live_at, withdrawn_at, decided_at FROM challenges";

pub(super) fn code(row: &QueryResult, index: usize) -> Result<ChallengeCode, Error> {
    ChallengeCode::parse(&at::<String>(row, index)?).map_err(|_| broken("a challenge's code"))
}

fn read(row: &QueryResult) -> Result<KeptChallenge, Error> {
    let days: Vec<i64> =
        serde_json::from_str(&at::<String>(row, 3)?).map_err(|_| broken("days of a challenge"))?;
    Ok(KeptChallenge {
        code: code(row, 0)?,
        terms: serde_json::from_str(&at::<String>(row, 1)?).map_err(|_| broken("a challenge"))?,
        stage: Stage::from_word(&at::<String>(row, 2)?).ok_or_else(|| broken("a stage"))?,
        days: days.into_iter().map(instant).collect(),
        live_at: at::<Option<i64>>(row, 4)?.map(instant),
        withdrawn_at: at::<Option<i64>>(row, 5)?.map(instant),
        decided_at: at::<Option<i64>>(row, 6)?.map(instant),
    })
}

/// A challenge.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &ChallengeCode) -> Result<Option<KeptChallenge>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &ChallengeCode) -> Result<Option<KeptChallenge>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// The same, held against whoever would withdraw or decide it.
///
/// # Errors
/// A fault of the database.
pub async fn keep(tx: &Tx, code: &ChallengeCode) -> Result<Option<KeptChallenge>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", shared(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// Challenges whose codes come after `after`, in order, so many at most; of one stage, or of all.
///
/// # Errors
/// A fault of the database.
pub async fn list(
    on: &impl ConnectionTrait,
    (after, stage): (&str, Option<Stage>),
    limit: u64,
) -> Result<Vec<KeptChallenge>, Error> {
    let sql = format!("{COLUMNS} WHERE code > $1 AND ($2 = '' OR stage = $2) ORDER BY code LIMIT $3");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let values = [after.into(), stage.map_or("", Stage::word).into(), limit.into()];
    query(on, &sql, values).await?.iter().map(read).collect()
}

/// Live ones that close after a time, by code.
///
/// # Errors
/// A fault of the database.
pub async fn live(on: &impl ConnectionTrait, since: Timestamp) -> Result<Vec<KeptChallenge>, Error> {
    let sql = format!("{COLUMNS} WHERE stage = 'live' AND closes_at > $1 ORDER BY code");
    query(on, &sql, [since.micros().into()]).await?.iter().map(read).collect()
}

/// Live ones that closed by a time and are not decided, so many at most.
///
/// # Errors
/// A fault of the database.
pub async fn undecided(
    on: &impl ConnectionTrait,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<ChallengeCode>, Error> {
    let sql = "SELECT code FROM challenges WHERE stage = 'live' AND decided_at IS NULL AND closes_at <= $1 \
               ORDER BY closes_at, code LIMIT $2";
    let rows = query(on, sql, [now.micros().into(), i64::from(limit).into()]).await?;
    rows.iter().map(|row| code(row, 0)).collect()
}

/// Writes down what one says and where it stands.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, kept: &KeptChallenge, now: Timestamp) -> Result<(), Error> {
    let document = serde_json::to_string(&kept.terms).map_err(anyhow::Error::from)?;
    let days: Vec<i64> = kept.days.iter().map(|begins| begins.micros()).collect();
    let days = serde_json::to_string(&days).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO challenges (code, document, stage, days, starts_at, ends_at, closes_at, live_at, withdrawn_at, decided_at, \
               changed_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
               ON CONFLICT (code) DO UPDATE SET document = excluded.document, stage = excluded.stage, days = excluded.days, \
               starts_at = excluded.starts_at, ends_at = excluded.ends_at, closes_at = excluded.closes_at, live_at = excluded.live_at, \
               withdrawn_at = excluded.withdrawn_at, decided_at = excluded.decided_at, changed_at = excluded.changed_at";
    let values = [
        kept.code.as_str().into(),
        document.into(),
        kept.stage.word().into(),
        days.into(),
        kept.starts_at().micros().into(),
        kept.ends_at().micros().into(),
        kept.closes_at().micros().into(),
        micros(kept.live_at).into(),
        micros(kept.withdrawn_at).into(),
        micros(kept.decided_at).into(),
        now.micros().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}
