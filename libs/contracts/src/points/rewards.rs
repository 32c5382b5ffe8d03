//! Facts about what comes with a purchase besides points: rewards and draw tickets.

use kernel::{BranchCode, JournalId, MemberId, TillCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{JOURNAL, MEMBER};
use crate::FactData;

/// What a rule granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GrantKind {
    /// A reward of the catalogue.
    InstantReward,
    /// Tickets of a draw.
    DrawTickets,
}

/// So many of a reward, or tickets of a draw, by one rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RewardGrant {
    /// The rule's code; a purchase is granted something at most once by each rule.
    #[schema(example = "welcome")]
    pub rule: String,
    /// What.
    pub kind: GrantKind,
    /// The code of the reward, or of the draw.
    #[schema(example = "coffee")]
    pub code: String,
    /// How many, 1 or more.
    pub quantity: i64,
}

/// A purchase brought rewards or draw tickets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RewardsGranted {
    /// Whose purchase.
    pub member_id: MemberId,
    /// The purchase.
    pub purchase_id: JournalId,
    /// Where it was made.
    pub branch: BranchCode,
    /// At which till.
    pub till: TillCode,
    /// When, by the till's word.
    pub occurred_at: Timestamp,
    /// What it brought, one for each rule. With the purchase's id the rule names it for ever.
    pub grants: Vec<RewardGrant>,
    /// The programme version that decided.
    pub programme_version: u32,
}

/// A purchase that had brought rewards or draw tickets was returned, in whole or in part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RewardsRevoked {
    /// Whose purchase.
    pub member_id: MemberId,
    /// The purchase.
    pub purchase_id: JournalId,
    /// The return.
    pub return_id: JournalId,
    /// What is taken back with this return, one for each rule; perhaps nothing yet.
    pub grants: Vec<RewardGrant>,
}

fn tickets(quantity: i64) -> RewardGrant {
    let (rule, code) = ("big-baskets".to_owned(), "new-year".to_owned());
    RewardGrant { rule, kind: GrantKind::DrawTickets, code, quantity }
}

impl FactData for RewardsGranted {
    const TYPE: &'static str = "vafa.points.rewards_granted.v1";
    const ABOUT: &'static str = "A purchase brought rewards or draw tickets. Subject: the purchase's id.";
    fn sample() -> Self {
        let (rule, code) = ("welcome".to_owned(), "coffee".to_owned());
        Self {
            member_id: MEMBER,
            purchase_id: JOURNAL,
            branch: BranchCode::parse("tehran-vanak").expect("a code"),
            till: TillCode::parse("till-1").expect("a code"),
            occurred_at: Timestamp::from_micros(1_795_000_000_000_000),
            grants: vec![
                RewardGrant { rule, kind: GrantKind::InstantReward, code, quantity: 1 },
                tickets(12),
            ],
            programme_version: 1,
        }
    }
}

impl FactData for RewardsRevoked {
    const TYPE: &'static str = "vafa.points.rewards_revoked.v1";
    const ABOUT: &'static str = "A purchase that had brought rewards or draw tickets was returned, in whole or in part, and so many of them are taken back, perhaps none yet. Subject: the purchase's id.";
    fn sample() -> Self {
        let return_id = JournalId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0004));
        Self { member_id: MEMBER, purchase_id: JOURNAL, return_id, grants: vec![tickets(3)] }
    }
}
