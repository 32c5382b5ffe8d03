//! Facts about accounts that became one.

use kernel::{JournalId, MemberId, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{JOURNAL, MEMBER};
use crate::FactData;

const OTHER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0002));

/// An account went into another one, and is closed: both are one person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountAbsorbed {
    /// Whose account it was.
    pub member_id: MemberId,
    /// The journal by which everything left.
    pub journal_id: JournalId,
    /// Whose it is from now on.
    pub into: MemberId,
    /// Points that could be spent and left.
    pub points: Points,
    /// Points that were pending or held and left.
    pub aside: Points,
    /// What was owed and is owed by the other account from now on.
    pub debt: Points,
    /// The account's version afterwards, its last.
    pub account_version: u64,
}

impl FactData for AccountAbsorbed {
    const TYPE: &'static str = "vafa.points.account_absorbed.v1";
    const ABOUT: &'static str = "An account went into that of the member named in into, and is closed: both are one person's. Subject: the member id of who gave.";
    fn sample() -> Self {
        Self {
            member_id: OTHER,
            journal_id: JOURNAL,
            into: MEMBER,
            points: Points::new(120),
            aside: Points::new(30),
            debt: Points::new(0),
            account_version: 7,
        }
    }
}

/// Everything of another account came: both are one person's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccountMerged {
    /// Whose account.
    pub member_id: MemberId,
    /// The journal by which everything came.
    pub journal_id: JournalId,
    /// Whose it was.
    pub absorbed: MemberId,
    /// How many points more can be spent, or fewer when negative: what came, less what paid a debt.
    pub points: Points,
    /// Points that are pending or held and came.
    pub aside: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// What is owed afterwards.
    pub debt: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

impl FactData for AccountMerged {
    const TYPE: &'static str = "vafa.points.account_merged.v1";
    const ABOUT: &'static str =
        "Everything of another account of the same person came to this one. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            absorbed: OTHER,
            points: Points::new(120),
            aside: Points::new(30),
            balance: Points::new(420),
            debt: Points::new(0),
            account_version: 12,
        }
    }
}
