//! Rows of the ledger, loaded and written by the batch.

mod asides;
mod columns;
mod drawn;
mod load;
mod write;

use anyhow::Context as _;
use contracts::points::{ReturnedLine, RewardGrant};
use kernel::{
    BranchCode, Currency, Day, Digest16, JournalId, MemberId, Overflow, Points, RedemptionId, TillCode,
    Timestamp,
};
use uuid::Uuid;

use crate::domain::{
    Book, CameBack, DecisionTrace, JournalKind, LedgerAccount, Owner, PaidByPoints, grants_from_text,
    grants_to_text, is_of_redemption,
};

pub use asides::{asides, marks, read_marks};
pub use drawn::drawn_text;
pub use load::{
    Behind, Lots, accounts, activated, behind, came_back, due, earned, fresh_account, give_lots,
    known_members, members_behind, moved, paid_with, purchases, returns_before, reversed,
};
pub use write::{AccountChange, Batch, EntryRow, LotPoints, write};

/// The rows were changed by somebody else since they were read; the batch must be decided again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the rows were changed by somebody else")]
pub struct Changed;

/// What a till asked, of a purchase or a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Digest of caller and idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of everything that was asked.
    pub fingerprint: Digest16,
    /// Where.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// The receipt's number.
    pub receipt: String,
    /// Which operation on it.
    pub operation: String,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// Paid or returned, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
}

/// The purchase part of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseRow {
    /// What the till asked.
    pub asked: Asked,
    /// The programme version that decided.
    pub programme_version: u32,
    /// What each rule made of it.
    pub trace: DecisionTrace,
    /// How many of the points are pending.
    pub pending: Points,
    /// What points paid of it, where they did; the journal just before it moved them.
    pub paid: Option<PaidByPoints>,
    /// What lapsed next, as it stood then.
    pub expires_next: Option<(Day, Points)>,
    /// The receipt's lines as JSON, when the till sent any.
    pub lines: Option<String>,
    /// What else the till said, as JSON, when it said anything.
    pub details: Option<String>,
}

impl PurchaseRow {
    /// What was decided, as a short text for a stored row: the trace, and behind semicolons how much is pending and what
    /// points paid, if any.
    #[must_use]
    pub fn decided(&self) -> String {
        let mut text = self.trace.to_text();
        if self.pending.is_positive() || self.paid.is_some() {
            text.push(';');
            text.push_str(&self.pending.to_string());
        }
        if let Some(PaidByPoints { points, amount }) = self.paid {
            text.extend([";", &points.to_string(), ",", &amount.to_string()]);
        }
        text
    }

    /// Reads the stored text; `None` when it is none.
    #[must_use]
    pub fn read_decided(text: &str) -> Option<(DecisionTrace, Points, Option<PaidByPoints>)> {
        let mut parts = text.splitn(3, ';');
        let trace = DecisionTrace::from_text(parts.next()?)?;
        let pending = parts.next().map_or(Some(0), |pending| pending.parse().ok())?;
        let paid = match parts.next() {
            Some(paid) => {
                let (points, amount) = paid.split_once(',')?;
                Some(PaidByPoints { points: Points::new(points.parse().ok()?), amount: amount.parse().ok()? })
            }
            None => None,
        };
        Some((trace, Points::new(pending), paid))
    }
}

/// The return part of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnRow {
    /// What the till asked; the amount is what came back.
    pub asked: Asked,
    /// The purchase that it undoes.
    pub original: JournalId,
    /// The lines that came back as JSON, where they were named.
    pub lines: Option<String>,
    /// What was decided.
    pub outcome: ReturnOutcome,
    /// Rewards and draw tickets that it took back.
    pub revoked: Vec<RewardGrant>,
}

impl ReturnRow {
    /// What was decided, as a short text for a stored row: the outcome, and behind a semicolon what was revoked, if anything.
    #[must_use]
    pub fn decided(&self) -> String {
        let outcome = self.outcome.to_text();
        if self.revoked.is_empty() { outcome } else { format!("{outcome};{}", grants_to_text(&self.revoked)) }
    }

    /// Reads the stored text; `None` when it is none.
    #[must_use]
    pub fn read_decided(text: &str) -> Option<(ReturnOutcome, Vec<RewardGrant>)> {
        let (outcome, revoked) = text.split_once(';').unwrap_or((text, ""));
        Some((ReturnOutcome::from_text(outcome)?, grants_from_text(revoked)?))
    }

    /// The lines that came back; none where they were not named.
    ///
    /// # Errors
    /// When the text is none that was stored.
    pub fn came_back(&self) -> anyhow::Result<Vec<ReturnedLine>> {
        read_lines(self.lines.as_deref())
    }

    /// Points that were taken out of the account, pending ones among them, by what the journal added.
    ///
    /// # Errors
    /// [`Overflow`], which a return that was decided cannot cause.
    pub fn points_taken(&self, change: Points) -> Result<Points, Overflow> {
        let CameBack { points, recovered, .. } = self.outcome.came_back;
        self.outcome.pending.minus(change)?.plus(points)?.minus(recovered)
    }
}

/// Lines that came back, as a text for a stored row; none where there are none.
#[must_use]
pub fn lines_text(lines: &[ReturnedLine]) -> Option<String> {
    (!lines.is_empty()).then(|| serde_json::to_string(lines).expect("lines are plain structs"))
}

/// Reads the stored text.
///
/// # Errors
/// When it is none.
pub fn read_lines(text: Option<&str>) -> anyhow::Result<Vec<ReturnedLine>> {
    text.map_or_else(|| Ok(Vec::new()), |text| serde_json::from_str(text).context("lines that came back"))
}

/// What a return came to, as far as its movements do not say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReturnOutcome {
    /// Points that were spent already and are owed now.
    pub owed: Points,
    /// Points that were due and had lapsed.
    pub lapsed: Points,
    /// How much of the purchase's amount has been returned with it.
    pub returned: i64,
    /// Points that were taken while they were pending.
    pub pending: Points,
    /// What came back of points that had paid for the purchase.
    pub came_back: CameBack,
}

impl ReturnOutcome {
    /// A short text for a stored row.
    #[must_use]
    pub fn to_text(self) -> String {
        let Self { owed, lapsed, returned, pending, came_back } = self;
        let text = format!("{owed},{lapsed},{returned},{pending}");
        if came_back == CameBack::default() {
            return text;
        }
        let CameBack { points, recovered, amount } = came_back;
        format!("{text},{points},{recovered},{amount}")
    }

    /// Reads the stored text; `None` when it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.split(',').map(|number| number.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        let (owed, lapsed, returned) = (Points::new(next()?), Points::new(next()?), next()?);
        // Returns that were recorded before there were pending points say nothing of them, and most give no points back.
        let mut points = || Points::new(next().unwrap_or_default());
        let (pending, came, recovered) = (points(), points(), points());
        let came_back = CameBack { points: came, recovered, amount: next().unwrap_or_default() };
        Some(Self { owed, lapsed, returned, pending, came_back })
    }
}

/// The operation part of a journal: what is neither a purchase nor a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OperationRow {
    /// What happened.
    pub kind: JournalKind,
    /// Who asked, by digests of caller and idempotency key, and of everything that was asked; `None` for what nobody
    /// asked.
    pub request: Option<(Digest16, Digest16)>,
    /// What it is about: a hold, a transfer, a redemption.
    pub about: Option<Uuid>,
    /// The branch where it happened.
    pub branch: Option<BranchCode>,
    /// The person or service that did it.
    pub actor: Option<String>,
    /// Why, in that person's words or as a stable word.
    pub reason: Option<String>,
    /// What was decided, as far as the movements do not say it.
    pub outcome: Option<String>,
}

impl OperationRow {
    /// An operation that nobody asked for, and that is about nothing else: points lapsed, a job passed.
    #[must_use]
    pub const fn of_kind(kind: JournalKind) -> Self {
        Self { kind, request: None, about: None, branch: None, actor: None, reason: None, outcome: None }
    }

    /// The purchase that the points paid for: they come back with its return, and in no other way.
    #[must_use]
    pub fn paid_for(&self) -> Option<JournalId> {
        let redeems = matches!(self.kind, JournalKind::Redemption | JournalKind::Capture);
        let outcome = self.outcome.as_deref().filter(|_| redeems)?;
        Uuid::parse_str(outcome).ok().map(JournalId::from_uuid)
    }

    /// Until when a hold sets points aside, out of its stored outcome: how many, and the instant in microseconds.
    #[must_use]
    pub fn held_until(&self) -> Option<Timestamp> {
        self.outcome.as_deref()?.split_once(',')?.1.parse().ok().map(Timestamp::from_micros)
    }
}

/// What a journal records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// A till's purchase.
    Purchase(Box<PurchaseRow>),
    /// A till's return.
    Return(Box<ReturnRow>),
    /// Anything else.
    Operation(Box<OperationRow>),
}

/// A journal as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalRow {
    /// Its id.
    pub id: JournalId,
    /// Whose account.
    pub member: MemberId,
    /// The account's version with it.
    pub version: u64,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Points it added; negative when it took some away.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// What it records.
    pub deed: Deed,
}

impl JournalRow {
    /// What happened.
    #[must_use]
    pub fn kind(&self) -> JournalKind {
        match &self.deed {
            Deed::Purchase(_) => JournalKind::Purchase,
            Deed::Return(_) => JournalKind::Return,
            Deed::Operation(operation) => operation.kind,
        }
    }

    /// What a till asked; `None` for what no till did.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        match &self.deed {
            Deed::Purchase(purchase) => Some(&purchase.asked),
            Deed::Return(returned) => Some(&returned.asked),
            Deed::Operation(_) => None,
        }
    }

    /// What only purchases have.
    #[must_use]
    pub fn purchase(&self) -> Option<&PurchaseRow> {
        if let Deed::Purchase(purchase) = &self.deed { Some(purchase) } else { None }
    }

    /// What only returns have.
    #[must_use]
    pub fn returned(&self) -> Option<&ReturnRow> {
        if let Deed::Return(returned) = &self.deed { Some(returned) } else { None }
    }

    /// What only operations have.
    #[must_use]
    pub fn operation(&self) -> Option<&OperationRow> {
        if let Deed::Operation(operation) = &self.deed { Some(operation) } else { None }
    }

    /// What it is about: the purchase that a return undoes, or what an operation is about.
    #[must_use]
    pub fn about(&self) -> Option<Uuid> {
        match &self.deed {
            Deed::Purchase(_) => None,
            Deed::Return(returned) => Some(returned.original.as_uuid()),
            Deed::Operation(operation) => operation.about,
        }
    }

    /// The redemption of a reward that it pays for, be it from a hold or at once.
    #[must_use]
    pub fn pays_reward(&self) -> Option<RedemptionId> {
        let redeems = matches!(self.kind(), JournalKind::Redemption | JournalKind::Capture);
        let of = self.about().map(JournalId::from_uuid).filter(|of| redeems && is_of_redemption(*of));
        of.map(|of| RedemptionId::from_uuid(of.as_uuid()))
    }

    /// The digests of caller and key, and of everything that was asked; `None` for what nobody asked.
    #[must_use]
    pub fn request(&self) -> Option<(Digest16, Digest16)> {
        match &self.deed {
            Deed::Operation(operation) => operation.request,
            Deed::Purchase(_) | Deed::Return(_) => {
                self.asked().map(|asked| (asked.idempotency_key, asked.fingerprint))
            }
        }
    }
}

/// The id of an account in ledger rows: a member's own, or one made from kind and funder.
#[must_use]
pub fn account_id(account: &LedgerAccount) -> Uuid {
    let kind = account.book.name();
    let named = match &account.owner {
        Owner::Member(member) if account.book == Book::Member => return member.as_uuid(),
        Owner::Member(member) => format!("vafa ledger account {kind} {member}"),
        Owner::Funder(funder) => format!("vafa ledger account {kind} {funder}"),
    };
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    let bytes = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
