//! The words that every crate of Vafa shares: ids, codes, points, money, time, languages, personal data.
//!
//! Owns small value types whose construction checks them, so that a value that exists is a value that is right.
//! Promises: no async, no IO, no clock, no randomness; arithmetic on points and money is checked and never wraps.
//! Absent on purpose: anything that a single service alone needs, and every dependency on a database, a web
//! framework or a bus.

mod clock;
mod code;
mod digest;
mod digests;
mod id;
mod jalali;
mod language;
mod money;
mod pii;
mod points;
mod role;
mod schema;
mod scope;
mod time;

pub use chrono::Weekday;
pub use clock::{Clock, Ids};
pub use code::{
    ActionCode, BranchCode, CampaignCode, CashierCode, CategoryCode, ChallengeCode, CodeError, DrawCode,
    EventCode, GiftRuleCode, OfferCode, PartnerCode, PaymentCode, PlanCode, PurposeCode, QuestionCode,
    RegionCode, RewardCode, SegmentCode, TillCode,
};
pub use digest::{Digest16, DigestError};
pub use digests::Digests;
pub use id::{
    BatchId, CheckoutId, CodeBatchId, DeliveryId, FactId, GiftId, GrantId, HouseholdId, InvitationId,
    JournalId, KeyId, MemberId, MergeId, ParcelId, PaymentId, PhoneChangeId, RedemptionId, SeatId, SessionId,
    SignInId, StaffId, TransferId, VoucherId, VoucherUseId, WebhookId,
};
pub use language::{Language, LanguageError};
pub use money::{Currency, CurrencyError, Money};
pub use pii::Pii;
pub use points::{Overflow, Points};
pub use role::{Grant, Reach, Role};
pub use scope::Scope;
pub use time::{Day, LocalMoment, TimeError, Timestamp};

/// How a member is recognised: the kinds of identifier that a till can send.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    serde::Serialize,
    serde::Deserialize,
    utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum IdentifierKind {
    /// A phone number in E.164 form.
    Phone,
    /// A loyalty card's number.
    Card,
}

impl IdentifierKind {
    /// The word used in stored rows, keyed hashes and messages: `phone` or `card`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Card => "card",
        }
    }

    /// The kind behind a stored word, or `None` for a word that names no kind.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "phone" => Some(Self::Phone),
            "card" => Some(Self::Card),
            _ => None,
        }
    }
}
