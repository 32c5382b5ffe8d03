//! Rows of the ledger, loaded and written by the batch.

mod columns;
mod load;
mod write;

use kernel::{BranchCode, Currency, Day, Digest16, JournalId, MemberId, Points, TillCode, Timestamp};
use uuid::Uuid;

use crate::domain::{DecisionTrace, LedgerAccount};

pub use load::{Behind, Lots, accounts, behind, earned, known_members, members_behind, purchases, returned};
pub use write::{AccountChange, Batch, EntryRow, LotPoints, write};

/// The rows were changed by somebody else since they were read; the batch must be decided again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the rows were changed by somebody else")]
pub struct Changed;

/// Stored numbers of the kinds of journal; never reused.
pub const PURCHASE: i16 = 1;
/// Points written off because their last day was over.
pub const LAPSE: i16 = 2;
/// A purchase, or a part of it, was returned.
pub const RETURN: i16 = 3;

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
    /// What lapsed next, as it stood then.
    pub expires_next: Option<(Day, Points)>,
    /// The receipt's lines as JSON, when the till sent any.
    pub lines: Option<String>,
}

/// The return part of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnRow {
    /// What the till asked; the amount is what came back.
    pub asked: Asked,
    /// The purchase that it undoes.
    pub original: JournalId,
    /// What was decided.
    pub outcome: ReturnOutcome,
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
}

impl ReturnOutcome {
    /// A short text for a stored row.
    #[must_use]
    pub fn to_text(self) -> String {
        format!("{},{},{}", self.owed, self.lapsed, self.returned)
    }

    /// Reads the stored text; `None` when it is none.
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        let mut numbers = text.split(',').map(|number| number.parse::<i64>().ok());
        let mut next = || numbers.next().flatten();
        Some(Self { owed: Points::new(next()?), lapsed: Points::new(next()?), returned: next()? })
    }
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
    /// What only purchases have.
    pub purchase: Option<PurchaseRow>,
    /// What only returns have.
    pub returned: Option<ReturnRow>,
}

impl JournalRow {
    /// What a till asked; `None` for what no till did.
    #[must_use]
    pub fn asked(&self) -> Option<&Asked> {
        let purchase = self.purchase.as_ref().map(|purchase| &purchase.asked);
        purchase.or_else(|| self.returned.as_ref().map(|returned| &returned.asked))
    }
}

/// The id of an account in ledger rows: a member's own, or one made from kind and funder.
#[must_use]
pub fn account_id(account: &LedgerAccount) -> Uuid {
    let (kind, owner) = match account {
        LedgerAccount::Member(member) => return member.as_uuid(),
        LedgerAccount::Issuance(funder) => ("issuance", funder.to_string()),
        LedgerAccount::Lapse(funder) => ("lapse", funder.to_string()),
        LedgerAccount::Debt(member) => ("debt", member.to_string()),
    };
    let named = format!("vafa ledger account {kind} {owner}");
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    let bytes = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
