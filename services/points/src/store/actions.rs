//! What is kept of an action beside its movements, in the journal's own row.

use anyhow::Context as _;
use contracts::membership::ActionValue;
use kernel::{ActionCode, JournalId, MemberId, Points, Timestamp};
use serde::{Deserialize, Serialize};
use store::Tx;
use uuid::Uuid;

use super::{
    ledger::{JournalRow, ReturnOutcome},
    rows::{at, query},
};
use crate::domain::{Credit, DecisionTrace, JournalKind, measure_of};

/// An action as it was asked and decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionRow {
    /// What was done.
    #[serde(rename = "a")]
    pub action: ActionCode,
    /// Which one of its kind.
    #[serde(rename = "r")]
    pub reference: String,
    /// When.
    #[serde(rename = "o")]
    pub occurred_at: Timestamp,
    /// How much of it.
    #[serde(rename = "v", default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ActionValue>,
    /// The programme version that decided.
    #[serde(rename = "p")]
    pub programme_version: u32,
    /// What it earned, pending or not.
    #[serde(rename = "g")]
    pub granted: Points,
    /// How much of that is pending.
    #[serde(rename = "w")]
    pub pending: Points,
    /// How much of it was counted for tiers.
    #[serde(rename = "q")]
    pub qualifying: Points,
    /// What each rule about it made of it.
    #[serde(rename = "t", with = "as_text")]
    pub trace: DecisionTrace,
}

/// Traces as in the rows of purchases.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de::Error as _};

    use crate::domain::DecisionTrace;

    pub fn serialize<S: Serializer>(trace: &DecisionTrace, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&trace.to_text())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<DecisionTrace, D::Error> {
        let text = String::deserialize(deserializer)?;
        DecisionTrace::from_text(&text).ok_or_else(|| D::Error::custom("no decision trace"))
    }
}

impl ActionRow {
    /// How much of it there is to undo: its units, what was paid, or one for an action without a value.
    #[must_use]
    pub fn measure(&self) -> i64 {
        measure_of(self.value.as_ref())
    }

    /// What it counts for tiers once so much of it was undone.
    #[must_use]
    pub fn credit(&self, undone: i64) -> Credit {
        let (all, counted) = (i128::from(self.measure().max(1)), i128::from(self.qualifying.count()));
        let left = (all - i128::from(undone)).clamp(0, all);
        // Rounded up, as what a return leaves is; it is no more than all of it, which fits.
        let points = i64::try_from((counted * left + all - 1) / all).unwrap_or_default();
        Credit::of_action(Points::new(points))
    }

    /// A text for the journal's row.
    #[must_use]
    pub fn to_text(&self) -> String {
        serde_json::to_string(self).expect("an action is a plain struct")
    }

    /// The action that a journal records; `None` for anything else.
    #[must_use]
    pub fn of(row: &JournalRow) -> Option<Self> {
        let operation = row.operation().filter(|operation| operation.kind == JournalKind::Bonus)?;
        serde_json::from_str(operation.outcome.as_deref()?).ok()
    }
}

/// How much of an action was undone. Lock its account before.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn undone(tx: &Tx, action: JournalId) -> anyhow::Result<i64> {
    let sql = "SELECT trace FROM journals WHERE original = $1 AND kind = $2";
    let values = [action.as_uuid().into(), JournalKind::ActionReversal.number().into()];
    let rows = query(tx, sql, values).await?;
    let read = |row| returned(&at::<String>(row, 0)?);
    rows.iter().map(read).try_fold(0, |most, undone| Ok(undone?.max(most)))
}

fn returned(outcome: &str) -> anyhow::Result<i64> {
    Ok(ReturnOutcome::from_text(outcome).context("a reversal's outcome")?.returned)
}

/// What actions count for tiers, past a place in the journals, in order, `limit` at most: whose, the account's version, how
/// much.
///
/// # Errors
/// When the database refuses, or a row cannot be read.
pub async fn counted(
    tx: &Tx,
    after: (Uuid, i64),
    limit: i64,
) -> anyhow::Result<Vec<(MemberId, i64, Credit)>> {
    let sql = "SELECT j.member_id, j.version, j.trace, (SELECT r.trace FROM journals r WHERE r.original = j.id \
               AND r.kind = $1 ORDER BY r.version DESC LIMIT 1) FROM journals j \
               WHERE j.kind = $2 AND (j.member_id, j.version) > ($3, $4) ORDER BY j.member_id, j.version LIMIT $5";
    let kinds = [JournalKind::ActionReversal, JournalKind::Bonus].map(JournalKind::number);
    let values = [kinds[0].into(), kinds[1].into(), after.0.into(), after.1.into(), limit.into()];
    let rows = query(tx, sql, values).await?;
    rows.iter()
        .map(|row| {
            let action: ActionRow =
                serde_json::from_str(&at::<String>(row, 2)?).context("an action's row")?;
            let undone = at::<Option<String>>(row, 3)?.as_deref().map_or(Ok(0), returned)?;
            Ok((MemberId::from_uuid(at(row, 0)?), at(row, 1)?, action.credit(undone)))
        })
        .collect()
}
