//! Rules by which members are given something.

use kernel::{GiftRuleCode, Timestamp};
use sea_orm::{ConnectionTrait, QueryResult};
use store::Tx;

use super::{at, broken, execute, held, instant, query};
use crate::{domain::gift_rule::GiftRule, error::Error};

/// A rule as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptRule {
    /// Its code.
    pub code: GiftRuleCode,
    /// What it says.
    pub rule: GiftRule,
    /// What luck is drawn with.
    pub salt: Vec<u8>,
    /// Up to which last purchase those who are away were looked at.
    pub seen_to: Timestamp,
}

const COLUMNS: &str = "SELECT code, document, salt, seen_to FROM gift_rules";

fn read(row: &QueryResult) -> Result<KeptRule, Error> {
    Ok(KeptRule {
        code: GiftRuleCode::parse(&at::<String>(row, 0)?).map_err(|_| broken("a rule's code"))?,
        rule: serde_json::from_str(&at::<String>(row, 1)?).map_err(|_| broken("a rule"))?,
        salt: at(row, 2)?,
        seen_to: instant(at(row, 3)?),
    })
}

/// A rule.
///
/// # Errors
/// A fault of the database.
pub async fn load(on: &impl ConnectionTrait, code: &GiftRuleCode) -> Result<Option<KeptRule>, Error> {
    let rows = query(on, &format!("{COLUMNS} WHERE code = $1"), [code.as_str().into()]).await?;
    rows.first().map(read).transpose()
}

/// The same, held against others until the transaction ends.
///
/// # Errors
/// A fault of the database.
pub async fn hold(tx: &Tx, code: &GiftRuleCode) -> Result<Option<KeptRule>, Error> {
    let sql = format!("{COLUMNS} WHERE code = $1{}", held(tx));
    query(tx, &sql, [code.as_str().into()]).await?.first().map(read).transpose()
}

/// Every rule, by code.
///
/// # Errors
/// A fault of the database.
pub async fn all(on: &impl ConnectionTrait) -> Result<Vec<KeptRule>, Error> {
    query(on, &format!("{COLUMNS} ORDER BY code"), []).await?.iter().map(read).collect()
}

/// Writes a rule down; a known one keeps what luck is drawn with.
///
/// # Errors
/// A fault of the database.
pub async fn write(tx: &Tx, kept: &KeptRule, now: Timestamp) -> Result<(), Error> {
    let document = serde_json::to_string(&kept.rule).map_err(anyhow::Error::from)?;
    let sql = "INSERT INTO gift_rules (code, document, salt, seen_to, changed_at) VALUES ($1, $2, $3, $4, $5) \
               ON CONFLICT (code) DO UPDATE SET document = excluded.document, changed_at = excluded.changed_at";
    let values = [
        kept.code.as_str().into(),
        document.into(),
        kept.salt.clone().into(),
        kept.seen_to.micros().into(),
        now.micros().into(),
    ];
    execute(tx, sql, values).await.map(drop)
}

/// Notes up to which last purchase those who are away were looked at.
///
/// # Errors
/// A fault of the database.
pub async fn saw(tx: &Tx, code: &GiftRuleCode, to: Timestamp) -> Result<(), Error> {
    let sql = "UPDATE gift_rules SET seen_to = $1 WHERE code = $2 AND seen_to < $1";
    execute(tx, sql, [to.micros().into(), code.as_str().into()]).await.map(drop)
}
