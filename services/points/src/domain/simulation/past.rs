//! What happened in the past besides purchases, as it is replayed.

use contracts::points::ReturnedLine;
use kernel::{JournalId, MemberId};

use crate::domain::{Action, Assured, Back, LineBack, Moment};

/// A return of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastReturn {
    /// Whose.
    pub member: MemberId,
    /// The purchase that it undid.
    pub original: JournalId,
    /// How much of its amount.
    pub amount: i64,
    /// Which lines came back, where they were named.
    pub lines: Vec<ReturnedLine>,
    /// When it was recorded.
    pub at: Moment,
}

impl PastReturn {
    pub(super) fn what(&self) -> Back {
        if self.lines.is_empty() {
            return Back::Amount(self.amount);
        }
        let line = |line: &ReturnedLine| LineBack {
            line: Some(line.line),
            sku: None,
            quantity_milli: Some(line.quantity_milli),
            amount: Some(line.amount),
        };
        Back::Lines(self.lines.iter().map(line).collect())
    }
}

/// An action of the past.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastAction {
    /// The journal that recorded it.
    pub id: JournalId,
    /// What was done; the tier is the replay's.
    pub action: Action,
    /// When it was recorded.
    pub at: Moment,
    /// Whether it was undone later, or a part of it.
    pub kept: bool,
}

/// An action of the past, or a part of it, was undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastReversal {
    /// Whose.
    pub member: MemberId,
    /// The action.
    pub action: JournalId,
    /// How much of its value was undone then, with what had been undone before.
    pub undone: i64,
    /// When it was recorded.
    pub at: Moment,
}

/// What was pending of a purchase was made spendable before its day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastActivation {
    /// Whose.
    pub member: MemberId,
    /// The purchase.
    pub purchase: JournalId,
    /// When it was recorded.
    pub at: Moment,
}

/// A person granted a tier, or ended the grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastGrant {
    /// To whom.
    pub member: MemberId,
    /// Which tier until when; `None` for an end.
    pub grant: Option<Assured>,
    /// When.
    pub at: Moment,
}
