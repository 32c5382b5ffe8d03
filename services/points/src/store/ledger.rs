//! Rows of the ledger, loaded and written by the batch.

mod columns;
mod load;
mod write;

use kernel::{BranchCode, Currency, Day, Digest16, JournalId, MemberId, Points, TillCode, Timestamp};
use uuid::Uuid;

use crate::domain::{DecisionTrace, LedgerAccount};

pub use load::{Behind, accounts, behind, known_members, members_behind, purchases};
pub use write::{AccountChange, Batch, EntryRow, write};

/// The rows were changed by somebody else since they were read; the batch must be decided again.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the rows were changed by somebody else")]
pub struct Changed;

/// Stored numbers of the kinds of journal; never reused.
pub const PURCHASE: i16 = 1;
/// Points written off because their last day was over.
pub const LAPSE: i16 = 2;

/// The purchase part of a journal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PurchaseRow {
    /// Digest of caller and idempotency key.
    pub idempotency_key: Digest16,
    /// Digest of what was asked.
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
    /// Paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// The programme version that decided.
    pub programme_version: u32,
    /// What each rule made of it.
    pub trace: DecisionTrace,
    /// What lapsed next, as it stood then.
    pub expires_next: Option<(Day, Points)>,
    /// The receipt's lines as JSON, when the till sent any.
    pub lines: Option<String>,
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
}

/// The id of an account in ledger rows: a member's own, or one made from kind and funder.
#[must_use]
pub fn account_id(account: &LedgerAccount) -> Uuid {
    let (kind, funder) = match account {
        LedgerAccount::Member(member) => return member.as_uuid(),
        LedgerAccount::Issuance(funder) => ("issuance", funder),
        LedgerAccount::Lapse(funder) => ("lapse", funder),
    };
    let named = format!("vafa ledger account {kind} {funder}");
    let hash = ring::digest::digest(&ring::digest::SHA256, named.as_bytes());
    let bytes = hash.as_ref().first_chunk::<16>().copied().unwrap_or_default();
    uuid::Builder::from_custom_bytes(bytes).into_uuid()
}
