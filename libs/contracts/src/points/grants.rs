//! Points for something else than a purchase.

use kernel::{ActionCode, JournalId, MemberId, Points, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{JOURNAL, MEMBER};
use crate::FactData;

/// An action of a member was recorded; it may have earned nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PointsGranted {
    /// Whose action.
    pub member_id: MemberId,
    /// The journal that recorded it; the action's id on the API.
    pub journal_id: JournalId,
    /// What was done.
    pub action: ActionCode,
    /// When.
    pub occurred_at: Timestamp,
    /// Points it earned, pending ones among them; zero when no rule gave any.
    pub points: Points,
    /// How many of them are pending.
    pub pending: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// The account's version afterwards.
    pub account_version: u64,
    /// The programme version that decided.
    pub programme_version: u32,
}

impl FactData for PointsGranted {
    const TYPE: &'static str = "vafa.points.points_granted.v1";
    const ABOUT: &'static str =
        "An action of a member was recorded; it may have earned nothing. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            action: ActionCode::parse("survey").expect("a code"),
            occurred_at: Timestamp::from_micros(1_795_000_000_000_000),
            points: Points::new(50),
            pending: Points::ZERO,
            balance: Points::new(950),
            account_version: 9,
            programme_version: 3,
        }
    }
}

/// An action of a member, or a part of it, was undone, and what it had earned was taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionReversed {
    /// Whose action.
    pub member_id: MemberId,
    /// The journal that recorded it; the reversal's id on the API.
    pub journal_id: JournalId,
    /// The action that it undoes.
    pub action_id: JournalId,
    /// Points taken out of the account, pending ones among them.
    pub points: Points,
    /// Points that were spent already and are owed now.
    pub owed: Points,
    /// The balance afterwards.
    pub balance: Points,
    /// All that is owed afterwards.
    pub debt: Points,
    /// The account's version afterwards.
    pub account_version: u64,
}

impl FactData for ActionReversed {
    const TYPE: &'static str = "vafa.points.action_reversed.v1";
    const ABOUT: &'static str = "An action of a member, or a part of it, was undone, and what it had earned was taken back. Subject: the member id.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            journal_id: JOURNAL,
            action_id: JOURNAL,
            points: Points::new(30),
            owed: Points::new(20),
            balance: Points::ZERO,
            debt: Points::new(20),
            account_version: 10,
        }
    }
}
