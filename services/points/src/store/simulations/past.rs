//! The past of a chain as its journals have it: purchases, returns, actions, and what was activated before its day.

use anyhow::Context as _;
use contracts::points::ReturnedLine;
use kernel::{Currency, JournalId, MemberId, TillCode, Timestamp};
use sea_orm::{QueryResult, Value};
use store::Tx;
use uuid::Uuid;

use crate::{
    domain::{Details, JournalKind, Line},
    store::{
        actions::ActionRow,
        ledger::{self, PurchaseRow, ReturnOutcome},
        rows::{at, query},
    },
};

/// Something of the past that is decided again.
pub struct PastRow {
    /// Whose.
    pub member: MemberId,
    /// The account's version with it.
    pub version: i64,
    /// Its id.
    pub id: JournalId,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Whether a return, a reversal or an activation of it follows.
    pub followed: bool,
    /// What it was.
    pub deed: PastDeed,
}

/// What it was.
pub enum PastDeed {
    /// A purchase.
    Purchase(Box<PastPurchase>),
    /// A return.
    Return {
        /// The purchase.
        original: JournalId,
        /// How much of its amount.
        amount: i64,
        /// The lines that came back, where they were named.
        lines: Vec<ReturnedLine>,
    },
    /// An action.
    Action {
        /// What was said of it.
        said: Box<ActionRow>,
        /// Where, as the code is stored.
        branch: Option<String>,
    },
    /// An action, or a part of it, was undone.
    Reversal {
        /// The action.
        action: JournalId,
        /// How much of its value was undone by then.
        undone: i64,
    },
    /// What was pending of a purchase could be spent before its day.
    Activation {
        /// The purchase.
        purchase: JournalId,
    },
}

/// A purchase of the past.
pub struct PastPurchase {
    /// Where, as the code is stored.
    pub branch: String,
    /// At which till.
    pub till: TillCode,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// Paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The receipt's lines.
    pub lines: Vec<Line>,
    /// How much of it points paid, in minor units.
    pub paid: i64,
    /// What else the till said.
    pub details: Details,
    /// When the member joined, where that is known.
    pub joined_at: Option<Timestamp>,
}

use JournalKind::{ActionReversal, Activation, Bonus, Closure, Expiry, Freeze, Purchase, Return, Unfreeze};

fn numbers(kinds: &[JournalKind]) -> String {
    kinds.iter().map(|kind| kind.number().to_string()).collect::<Vec<_>>().join(", ")
}

/// The journals that are replayed, as a condition in SQL. What became spendable by itself does so again.
fn replayed() -> String {
    let kinds = numbers(&[Purchase, Return, Bonus, ActionReversal]);
    format!("(kind IN ({kinds}) OR (kind = {} AND original IS NOT NULL))", Activation.number())
}

/// How much of the past there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Journals of the period that are replayed.
    pub total: u64,
    /// Whether it has any that are not: spending, transfers, corrections by hand.
    pub spent: bool,
    /// Whether there are any before it.
    pub before: bool,
}

/// How much there is in a period.
///
/// # Errors
/// When the database refuses.
pub async fn size(tx: &Tx, since: Timestamp, until: Timestamp) -> anyhow::Result<Size> {
    // These happen by themselves, or move nothing; a closure writes off what the member had.
    let others = numbers(&[Purchase, Return, Bonus, ActionReversal, Activation, Expiry, Freeze, Unfreeze]);
    let sql = format!(
        "SELECT COUNT(CASE WHEN {} THEN 1 END), COUNT(CASE WHEN kind NOT IN ({others}) AND (kind <> {} OR points <> 0) \
         THEN 1 END) FROM journals WHERE recorded_at >= $1 AND recorded_at < $2",
        replayed(),
        Closure.number(),
    );
    let rows = query(tx, &sql, [since.micros().into(), until.micros().into()]).await?;
    let (total, spent) = match rows.first() {
        Some(row) => (u64::try_from(at::<i64>(row, 0)?)?, at::<i64>(row, 1)? > 0),
        None => (0, false),
    };
    let earlier = "SELECT 1 FROM journals WHERE recorded_at < $1 LIMIT 1";
    let before = since.micros() > 0 && !query(tx, earlier, [since.micros().into()]).await?.is_empty();
    Ok(Size { total, spent, before })
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

/// What is replayed of a period past a place, in this order, `limit` at most.
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
    let (replayed, followers) = (replayed(), numbers(&[Return, ActionReversal, Activation]));
    let (further, by) = match order {
        PastOrder::ByAccount => ("(member_id, version) > ($1, $2)", "member_id, version"),
        PastOrder::ByTime => {
            ("(recorded_at, member_id, version) > ($6, $1, $2)", "recorded_at, member_id, version")
        }
    };
    let sql = format!(
        "SELECT member_id, version, id, recorded_at, kind, branch, till, occurred_at, amount, currency, lines, details, \
         original, EXISTS (SELECT 1 FROM journals r WHERE r.original = journals.id AND r.kind IN ({followers})), \
         (SELECT joined_at FROM members WHERE members.member_id = journals.member_id), trace \
         FROM journals WHERE {further} AND {replayed} \
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
    Ok(PastRow {
        member: MemberId::from_uuid(at(row, 0)?),
        version: at(row, 1)?,
        id: JournalId::from_uuid(at(row, 2)?),
        recorded_at: Timestamp::from_micros(at(row, 3)?),
        followed: at(row, 13)?,
        deed: deed(row)?,
    })
}

fn deed(row: &QueryResult) -> anyhow::Result<PastDeed> {
    let original = || {
        let id: Option<Uuid> = at(row, 12)?;
        id.map(JournalId::from_uuid).context("a journal about nothing")
    };
    let lines: Option<String> = at(row, 10)?;
    let trace: Option<String> = at(row, 15)?;
    let kind = JournalKind::from_number(at(row, 4)?).context("the kind of a journal")?;
    Ok(match kind {
        Return => PastDeed::Return {
            original: original()?,
            amount: at(row, 8)?,
            lines: ledger::read_lines(lines.as_deref())?,
        },
        Bonus => PastDeed::Action {
            said: serde_json::from_str(&trace.unwrap_or_default()).context("an action's row")?,
            branch: at(row, 5)?,
        },
        ActionReversal => {
            let outcome = ReturnOutcome::from_text(&trace.unwrap_or_default());
            PastDeed::Reversal {
                action: original()?,
                undone: outcome.context("a reversal's outcome")?.returned,
            }
        }
        Activation => PastDeed::Activation { purchase: original()? },
        _ => PastDeed::Purchase(Box::new(purchase(row, lines, trace)?)),
    })
}

fn purchase(row: &QueryResult, lines: Option<String>, trace: Option<String>) -> anyhow::Result<PastPurchase> {
    let details: Option<String> = at(row, 11)?;
    let decided = trace.and_then(|text| PurchaseRow::read_decided(&text));
    Ok(PastPurchase {
        branch: at(row, 5)?,
        till: TillCode::parse(&at::<String>(row, 6)?)?,
        occurred_at: Timestamp::from_micros(at(row, 7)?),
        amount: at(row, 8)?,
        currency: Currency::parse(&at::<String>(row, 9)?)?,
        lines: lines.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(&text))?,
        paid: decided.and_then(|(.., paid)| paid).map_or(0, |paid| paid.amount),
        details: details.map_or_else(|| Ok(Details::default()), |text| serde_json::from_str(&text))?,
        joined_at: at::<Option<i64>>(row, 14)?.map(Timestamp::from_micros),
    })
}
