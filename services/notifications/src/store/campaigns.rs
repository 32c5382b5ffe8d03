//! Campaigns: what they say, where they stand, and how far each has come.
//!
//! **A step of a campaign is one replica's at a time**: it takes the campaign for a while, and what it did stays only where nobody else
//! came between.

use kernel::{CampaignCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::{Backend, Tx};
use uuid::Uuid;

use super::{at, broken, execute, instant, passing_over, query};
use crate::{
    domain::campaign::{Audience, CampaignTerms, Occurring, Stage, Tally},
    error::Error,
};

/// A campaign as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    /// Its code.
    pub code: CampaignCode,
    /// What it says, to whom and how.
    pub terms: CampaignTerms,
    /// Where it stands.
    pub stage: Stage,
    /// When it begins, or began.
    pub starts_at: Option<Timestamp>,
    /// Nobody gets it afterwards.
    pub ends_at: Option<Timestamp>,
    /// When there is something to do about it again.
    pub next_at: Timestamp,
    /// The last member of its audience who had their turn.
    pub walked_to: Option<Uuid>,
    /// Whether everybody of its audience had their turn.
    pub walked: bool,
    /// Members who had their turn.
    pub seen: i64,
    /// Those of them who were held out.
    pub held: i64,
    /// Messages that were queued.
    pub messages: i64,
    /// When somebody changed it last.
    pub changed_at: Timestamp,
    /// When it was over.
    pub over_at: Option<Timestamp>,
    /// What came of it, once that changes no more.
    pub results: Option<Tally>,
}

impl Campaign {
    /// One that was just written down.
    #[must_use]
    pub const fn new(code: CampaignCode, terms: CampaignTerms, now: Timestamp) -> Self {
        Self {
            code,
            terms,
            stage: Stage::Draft,
            starts_at: None,
            ends_at: None,
            next_at: now,
            walked_to: None,
            walked: false,
            seen: 0,
            held: 0,
            messages: 0,
            changed_at: now,
            over_at: None,
            results: None,
        }
    }

    /// Under which cause its messages are kept, where it is sent once.
    #[must_use]
    pub fn cause(&self) -> String {
        cause(&self.code)
    }
}

fn cause(code: &CampaignCode) -> String {
    format!("campaign/{code}")
}

const COLUMNS: &str = "code, terms, stage, starts_at, ends_at, next_at, walked_to, walked, seen, held, messages, changed_at, \
                       over_at, results";

/// A campaign.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &CampaignCode) -> Result<Option<Campaign>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM campaigns WHERE code = $1");
    query(on, &sql, [code.as_str().into()]).await?.first().map(campaign).transpose()
}

/// A campaign that nobody else changes until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &CampaignCode) -> Result<Option<Campaign>, Error> {
    let lock = if tx.backend() == Backend::Postgres { "FOR UPDATE" } else { "" };
    let sql = format!("SELECT {COLUMNS} FROM campaigns WHERE code = $1 {lock}");
    query(tx, &sql, [code.as_str().into()]).await?.first().map(campaign).transpose()
}

/// Up to `limit` campaigns with codes after `after`, by code.
///
/// # Errors
/// A fault of the database.
pub async fn list(on: &impl ConnectionTrait, after: &str, limit: u64) -> Result<Vec<Campaign>, Error> {
    let sql = format!("SELECT {COLUMNS} FROM campaigns WHERE code > $1 ORDER BY code LIMIT $2");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(on, &sql, [after.into(), limit.into()]).await?.iter().map(campaign).collect()
}

/// How many campaigns there are.
///
/// # Errors
/// A fault of the database.
pub async fn count(on: &impl ConnectionTrait) -> Result<i64, Error> {
    let rows = query(on, "SELECT COUNT(*) FROM campaigns", []).await?;
    rows.first().map_or(Ok(0), |row| at(row, 0))
}

/// Writes a campaign down as it is now.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, campaign: &Campaign) -> Result<(), Error> {
    let sql = format!(
        "INSERT INTO campaigns ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) \
         ON CONFLICT (code) DO UPDATE SET terms = excluded.terms, stage = excluded.stage, starts_at = excluded.starts_at, \
         ends_at = excluded.ends_at, next_at = excluded.next_at, walked_to = excluded.walked_to, walked = excluded.walked, \
         seen = excluded.seen, held = excluded.held, messages = excluded.messages, changed_at = excluded.changed_at, \
         over_at = excluded.over_at, results = excluded.results"
    );
    let fault = |fault: serde_json::Error| Error::Fault(fault.into());
    let results = campaign.results.as_ref().map(serde_json::to_string).transpose().map_err(fault)?;
    let values = [
        campaign.code.as_str().into(),
        serde_json::to_string(&campaign.terms).map_err(fault)?.into(),
        campaign.stage.number().into(),
        campaign.starts_at.map(Timestamp::micros).into(),
        campaign.ends_at.map(Timestamp::micros).into(),
        campaign.next_at.micros().into(),
        campaign.walked_to.into(),
        i16::from(campaign.walked).into(),
        campaign.seen.into(),
        campaign.held.into(),
        campaign.messages.into(),
        campaign.changed_at.micros().into(),
        campaign.over_at.map(Timestamp::micros).into(),
        results.into(),
    ];
    execute(tx, &sql, values).await.map(drop)
}

/// Whether there is something to do about a campaign that is sent, or will be.
///
/// # Errors
/// A fault of the database.
pub async fn is_due(on: &impl ConnectionTrait, now: Timestamp) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM campaigns WHERE stage IN (1, 2) AND next_at <= $1 LIMIT 1";
    Ok(!query(on, sql, [now.micros().into()]).await?.is_empty())
}

/// Takes the campaign in one of these stages about which there has been something to do for the longest time, until `until`.
///
/// # Errors
/// A fault of the database.
pub async fn take(
    tx: &Tx,
    stages: [Stage; 2],
    now: Timestamp,
    until: Timestamp,
) -> Result<Option<Campaign>, Error> {
    let sql = format!(
        "UPDATE campaigns SET next_at = $1 WHERE code IN (SELECT code FROM campaigns WHERE stage IN ($2, $3) AND next_at <= $4 \
         ORDER BY next_at LIMIT 1 {}) RETURNING {COLUMNS}",
        passing_over(tx)
    );
    let [one, other] = stages.map(Stage::number);
    let values = [until.micros().into(), one.into(), other.into(), now.micros().into()];
    query(tx, &sql, values).await?.first().map(campaign).transpose()
}

/// The standing campaign that speaks when this happens, the first by its code.
///
/// # Errors
/// A fault of the database.
pub async fn standing(tx: &Tx, happens: Occurring, now: Timestamp) -> Result<Option<Campaign>, Error> {
    let sql =
        format!("SELECT {COLUMNS} FROM campaigns WHERE stage = {} ORDER BY code", Stage::Running.number());
    let all = query(tx, &sql, []).await?;
    for row in &all {
        let found = campaign(row)?;
        let is_it = found.terms.audience == Audience::Whenever { happens };
        if is_it && found.ends_at.is_none_or(|end| end > now) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// Counts members on whose turn came, and how many of them were held out.
///
/// # Errors
/// A fault of the database.
pub async fn count_on(tx: &Tx, code: &CampaignCode, seen: usize, held: usize) -> Result<(), Error> {
    let sql = "UPDATE campaigns SET seen = seen + $2, held = held + $3, messages = messages + $2 - $3 WHERE code = $1";
    let count = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let values = [code.as_str().into(), count(seen).into(), count(held).into()];
    execute(tx, sql, values).await.map(drop)
}

/// Whether a message of a campaign waits still.
///
/// # Errors
/// A fault of the database.
pub async fn has_waiting(on: &impl ConnectionTrait, code: &CampaignCode) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM messages WHERE state = 0 AND kind = 'campaign' AND cause = $1 LIMIT 1";
    Ok(!query(on, sql, [cause(code).into()]).await?.is_empty())
}

fn campaign(row: &QueryResult) -> Result<Campaign, Error> {
    let (code, terms, stage): (String, String, i16) = (at(row, 0)?, at(row, 1)?, at(row, 2)?);
    let time =
        |index| -> Result<Option<Timestamp>, Error> { Ok(at::<Option<i64>>(row, index)?.map(instant)) };
    let results: Option<String> = at(row, 13)?;
    let results = results.map(|text| serde_json::from_str(&text)).transpose();
    Ok(Campaign {
        code: CampaignCode::parse(&code).map_err(|_| broken("a campaign's code"))?,
        terms: serde_json::from_str(&terms).map_err(|_| broken("a campaign's terms"))?,
        stage: Stage::from_number(stage).ok_or_else(|| broken("a campaign's stage"))?,
        starts_at: time(3)?,
        ends_at: time(4)?,
        next_at: instant(at(row, 5)?),
        walked_to: at(row, 6)?,
        walked: at::<i16>(row, 7)? != 0,
        seen: at(row, 8)?,
        held: at(row, 9)?,
        messages: at(row, 10)?,
        changed_at: instant(at(row, 11)?),
        over_at: time(12)?,
        results: results.map_err(|_| broken("a campaign's results"))?,
    })
}
