//! Facts that `points` tells: what was earned, what lapsed, which programme is in force.

use kernel::{BranchCode, Currency, Day, JournalId, MemberId, Points, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::FactData;

mod erasures;
mod grants;
mod merges;
mod operations;
mod pool;
mod redemptions;
mod rewards;
mod transfers;

pub use erasures::MemberForgotten;
pub use grants::{ActionReversed, PointsGranted};
pub use merges::{AccountAbsorbed, AccountMerged};
pub use operations::{
    AccountStateChanged, PointsActivated, PointsAdjusted, PointsCaptured, PointsHeld, PointsRedeemed,
    PointsReleased, RedemptionReversed,
};
pub use pool::{DrawnFrom, PoolDrawn, PoolGiven};
pub use redemptions::{RedemptionRefunded, RedemptionRefused, RefundRefused, WhyRefused};
pub use rewards::{GrantKind, RewardGrant, RewardsGranted, RewardsRevoked};
pub use transfers::{
    TransferCompleted, TransferDeclined, TransferExpired, TransferRecalled, TransferRequested,
};

/// The service that owns these facts, and the name of its stream.
pub const SOURCE: &str = "points";

const MEMBER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0001));
const JOURNAL: JournalId = JournalId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0003));

/// A purchase was recorded for a member; it may have earned nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsEarned {
    /// Whose purchase.
    pub member_id: MemberId,
    /// The journal that recorded it; the purchase's id on the API.
    pub journal_id: JournalId,
    /// Where it was made.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// Paid, in minor units.
    pub amount: i64,
    /// Of this currency.
    pub currency: Currency,
    /// Points it earned; zero when no rule gave any.
    pub points: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
    /// The programme version that decided.
    pub programme_version: u32,
    /// What was bought, by the categories that the till named: up to [`MOST_CATEGORIES`], those with the largest amounts first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryAmount>,
}

/// Categories that one fact names at most.
pub const MOST_CATEGORIES: usize = 20;

/// How much was paid for goods of a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CategoryAmount {
    /// The category, as the till named it.
    #[schema(example = "coffee")]
    pub category: String,
    /// How much, in minor units.
    pub amount: i64,
}

/// Points of a member lapsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsExpired {
    /// Whose points.
    pub member_id: MemberId,
    /// The journal that recorded it.
    pub journal_id: JournalId,
    /// How many.
    pub points: Points,
    /// The last day on which they could be spent.
    pub expired_on: Day,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// A purchase, or a part of it, was returned, and what it had earned was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsReturned {
    /// Whose purchase.
    pub member_id: MemberId,
    /// The journal that recorded it; the return's id on the API.
    pub journal_id: JournalId,
    /// The purchase that it undoes.
    pub purchase_id: JournalId,
    /// Where it was brought back.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// How much of the purchase's amount, in minor units.
    pub amount: i64,
    /// The lines that came back, where they were named: they add up to the amount.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<ReturnedLine>,
    /// The categories of what came back, where that is known: up to [`MOST_CATEGORIES`], those with the largest amounts first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<CategoryAmount>,
    /// Of this currency.
    pub currency: Currency,
    /// Points taken out of the account.
    pub points: Points,
    /// Points that were spent already and are owed now.
    pub owed: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// All that the member owes afterwards.
    pub debt: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

/// A line of a purchase that came back, or a part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReturnedLine {
    /// Its place on the purchase's receipt: 1 is the first.
    #[schema(example = 1)]
    pub line: u32,
    /// The article.
    pub sku: String,
    /// How many thousandths of its unit; none when money alone came back.
    pub quantity_milli: i64,
    /// How much of its amount, in minor units.
    pub amount: i64,
}

/// A version of the programme was announced: it will not change any more, and comes into force at a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeAnnounced {
    /// Which version.
    pub version: u32,
    /// When it comes into force.
    pub live_from: Timestamp,
    /// The parts that differ from the version before it: fields of the document, and things in them by their codes, such
    /// as `rules/weekend`.
    pub changed: Vec<String>,
}

/// A version of the programme came into force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProgrammeWentLive {
    /// Which version.
    pub version: u32,
}

impl FactData for PointsEarned {
    const TYPE: &'static str = "vafa.points.points_earned.v1";
    const ABOUT: &'static str = "A purchase was recorded for a member; it may have earned nothing. Where the till named categories, `categories` has up to 20 of them, each with `category` and `amount`, the largest first. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            branch: BranchCode::parse("tehran-vanak").expect("a code"),
            till: TillCode::parse("till-1").expect("a code"),
            occurred_at: Timestamp::from_micros(1_795_000_000_000_000),
            amount: 1_250_000,
            currency: Currency::parse("IRR").expect("a currency"),
            points: Points::new(125),
            balance: Points::new(900),
            account_version: 7,
            programme_version: 1,
            categories: Vec::new(),
        }
    }
}

/// Why a tier is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TierChangeCause {
    /// A purchase reached it.
    Purchase,
    /// A return took credit back.
    Return,
    /// An action counted, or was undone.
    Action,
    /// A period was over, or what had been assured ran out.
    Time,
    /// A person granted it.
    Grant,
    /// Two accounts of one person became one.
    Merge,
}

/// A member's tier is another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TierChanged {
    /// Whose.
    pub member_id: MemberId,
    /// The tier's code now; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The code of the one before; absent for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Why.
    pub cause: TierChangeCause,
    /// When it was noticed; by time alone it may have changed earlier.
    pub changed_at: Timestamp,
}

impl FactData for TierChanged {
    const TYPE: &'static str = "vafa.points.tier_changed.v1";
    const ABOUT: &'static str = "A member's tier is another one. Subject: the member id, `/tier`.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            tier: Some("gold".to_owned()),
            before: Some("silver".to_owned()),
            cause: TierChangeCause::Purchase,
            changed_at: Timestamp::from_micros(1_795_000_000_000_000),
        }
    }
}

impl FactData for PointsExpired {
    const TYPE: &'static str = "vafa.points.points_expired.v1";
    const ABOUT: &'static str = "Points of a member lapsed. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            points: Points::new(40),
            expired_on: Day::from_number(20_700),
            balance: Points::new(860),
            account_version: 8,
        }
    }
}

impl FactData for PointsReturned {
    const TYPE: &'static str = "vafa.points.points_returned.v1";
    const ABOUT: &'static str = "A purchase, or a part of it, was returned, and what it had earned was taken back. Where the till named lines, `lines` has each with `line` (its place on the purchase's receipt, from 1), `sku`, `quantity_milli` and `amount`; where it named categories, `categories` has each with `category` and `amount`, as far as that is known. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JournalId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0004)),
            purchase_id: JOURNAL,
            branch: BranchCode::parse("tehran-vanak").expect("a code"),
            till: TillCode::parse("till-1").expect("a code"),
            occurred_at: Timestamp::from_micros(1_795_000_000_000_000),
            amount: 250_000,
            lines: Vec::new(),
            categories: Vec::new(),
            currency: Currency::parse("IRR").expect("a currency"),
            points: Points::new(25),
            owed: Points::ZERO,
            balance: Points::new(835),
            debt: Points::ZERO,
            account_version: 9,
        }
    }
}

impl FactData for ProgrammeAnnounced {
    const TYPE: &'static str = "vafa.points.programme_announced.v1";
    const ABOUT: &'static str = "A version of the programme was announced: it will not change any more, and comes into force at a time. Subject: `programme`.";
    fn sample() -> Self {
        Self {
            version: 2,
            live_from: Timestamp::from_micros(1_796_000_000_000_000),
            changed: vec!["expiry".to_owned(), "rules/weekend".to_owned()],
        }
    }
}

impl FactData for ProgrammeWentLive {
    const TYPE: &'static str = "vafa.points.programme_went_live.v1";
    const ABOUT: &'static str = "A version of the programme came into force. Subject: `programme`.";
    fn sample() -> Self {
        Self { version: 1 }
    }
}
