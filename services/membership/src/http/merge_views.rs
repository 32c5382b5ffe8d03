//! What is said and shown of merges.

use contracts::membership::HouseholdRole;
use kernel::{MemberId, MergeId, Pii, PlanCode, PurposeCode, QuestionCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use web::Problem;

use crate::{
    domain::merging::{Merge, MergeRefusal, Side},
    error::{MEMBER_MERGED, MERGE_HEADS, MERGE_OVER, MERGE_PHONE_CHANGING, MERGE_PLANS, MERGE_SAME},
    queries::merges::Half,
};

/// Why two memberships become one.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeReasonWord {
    /// The person joined twice, with two phones.
    JoinedTwice,
    /// A change of the phone found the number with another membership.
    PhoneOfOther,
    /// A card was given out under a membership of its own.
    CardApart,
}

/// One of the two memberships.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MergeSide {
    /// The one that stays.
    Survivor,
    /// The one that goes.
    Absorbed,
}

impl From<MergeSide> for Side {
    fn from(side: MergeSide) -> Self {
        match side {
            MergeSide::Survivor => Self::Survivor,
            MergeSide::Absorbed => Self::Absorbed,
        }
    }
}

/// A merge that is asked for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeBody {
    /// The member whose membership goes into the one of the path.
    pub absorbed: MemberId,
    /// Why.
    pub reason: MergeReasonWord,
    /// The side whose phone cannot be asked; a second person is needed then.
    #[serde(default)]
    pub lost_phone: Option<MergeSide>,
}

/// A code that came to one of the two phones.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MergeProofBody {
    /// To whose phone it came.
    pub side: MergeSide,
    /// The six digits; Persian and Arabic digits are read.
    #[schema(value_type = String, example = "۰۴۲۷۱۹")]
    pub code: Pii<String>,
}

/// A merge of two memberships.
#[derive(Serialize, ToSchema)]
pub struct MergeView {
    /// Its id.
    pub merge_id: MergeId,
    /// Who stays.
    pub survivor: MemberId,
    /// Whose membership goes into the other one.
    pub absorbed: MemberId,
    /// Where it stands: `awaits_codes`, `awaits_approval`, `done` or `withdrawn`.
    #[schema(example = "awaits_codes")]
    pub status: &'static str,
    /// Why: `joined_twice`, `phone_of_other` or `card_apart`.
    #[schema(example = "joined_twice")]
    pub reason: &'static str,
    /// Whose phones have answered: `survivor`, `absorbed`.
    pub proved: Vec<&'static str>,
    /// Whose phone cannot be asked; absent where both can.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lost_phone: Option<&'static str>,
    /// The person of the back office who asked.
    pub asked_by: String,
    /// The second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// Until when it waits; absent when it waits no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// When the two became one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged_at: Option<Timestamp>,
    /// When it was given up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
}

/// The merges that a member is a part of, the latest first, 50 at most.
#[derive(Serialize, ToSchema)]
pub struct MergeList {
    /// They.
    pub merges: Vec<MergeView>,
}

/// One of two memberships that may be one person's.
#[derive(Serialize, ToSchema)]
pub struct MergeHalfView {
    /// Who.
    pub member_id: MemberId,
    /// Their first name.
    pub first_name: String,
    /// When they joined.
    pub joined_at: Timestamp,
    /// The last digits of their phones.
    pub phones: Vec<String>,
    /// How many cards lead to them.
    pub cards: usize,
    /// What they are in their household; absent for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub household_role: Option<HouseholdRole>,
    /// How many others belong to it.
    pub household_others: usize,
    /// Their plan, while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<PlanCode>,
    /// Whether they have a referral code; that of the one who stays stands, where both have one.
    pub referral_code: bool,
}

/// What would become of two memberships. What both have of points is asked from points.
#[derive(Serialize, ToSchema)]
pub struct MergePreview {
    /// The one that stays.
    pub survivor: MergeHalfView,
    /// The one that goes.
    pub absorbed: MergeHalfView,
    /// Questions whose answers are taken over.
    pub answers_taken: Vec<QuestionCode>,
    /// Questions that both answered or declined: the word of the one who stays stands.
    pub answers_dropped: Vec<QuestionCode>,
    /// Purposes that the one who stays consents to and will no longer, since the other one took that back.
    pub consents_ended: Vec<PurposeCode>,
    /// The code of what stands against it; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "membership.merge_plans")]
    pub stands_against: Option<&'static str>,
}

pub(super) fn view(merge: &Merge, now: Timestamp) -> MergeView {
    let proved = Side::ALL.into_iter().zip(&merge.proofs);
    let proved = proved.filter(|(_, proof)| proof.is_some_and(|proof| proof.came_at.is_some()));
    MergeView {
        merge_id: merge.id,
        survivor: merge.survivor,
        absorbed: merge.absorbed,
        status: merge.status.word(),
        reason: merge.reason.word(),
        proved: proved.map(|(side, _)| side.word()).collect(),
        lost_phone: merge.lost().map(Side::word),
        asked_by: merge.asked_by.clone(),
        approved_by: merge.approved_by.clone(),
        asked_at: merge.asked_at,
        expires_at: merge.is_open(now).then_some(merge.expires_at),
        merged_at: merge.merged_at,
        ended_at: merge.ended_at,
    }
}

pub(super) fn half(half: Half) -> MergeHalfView {
    MergeHalfView {
        member_id: half.member,
        first_name: half.first_name.text().to_owned(),
        joined_at: half.joined_at,
        phones: half.phones,
        cards: half.cards,
        household_role: half.household.map(|(role, _)| role),
        household_others: half.household.map_or(0, |(_, others)| others),
        plan: half.plan,
        referral_code: half.referral_code,
    }
}

/// What stands against a merge, as a code.
pub(super) const fn code_of(refusal: MergeRefusal) -> &'static web::ErrorCode {
    match refusal {
        MergeRefusal::Same => &MERGE_SAME,
        MergeRefusal::Absorbed { .. } => &MEMBER_MERGED,
        MergeRefusal::Over => &MERGE_OVER,
        MergeRefusal::PhoneChanging => &MERGE_PHONE_CHANGING,
        MergeRefusal::Plans => &MERGE_PLANS,
        MergeRefusal::Heads => &MERGE_HEADS,
    }
}

impl From<MergeRefusal> for Problem {
    fn from(refusal: MergeRefusal) -> Self {
        let problem = Self::new(code_of(refusal));
        match refusal {
            MergeRefusal::Absorbed { into } => problem.extension("merged_into", into.to_string()),
            MergeRefusal::Same => problem.pointer("/absorbed"),
            _ => problem,
        }
    }
}
