//! That members answer what the chain asks them, without what they answer.

use kernel::{BranchCode, MemberId, QuestionCode};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, branch};
use crate::FactData;

/// A member answered a question of the chain, for the first time or otherwise than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProfileAnswered {
    /// Who.
    pub member_id: MemberId,
    /// The question.
    pub question: QuestionCode,
    /// Whether they never answered it before; true once for a member and a question, whatever is taken back meanwhile.
    pub first: bool,
    /// Whether the member has, with this first answer, answered every question that is asked.
    pub completes: bool,
    /// The branch, when it was answered at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
}

impl FactData for ProfileAnswered {
    const TYPE: &'static str = "vafa.membership.profile_answered.v1";
    const ABOUT: &'static str = "A member answered a question of the chain, or changed the answer. It does not carry the answer. Subject: the member id.";
    fn sample() -> Self {
        let question = QuestionCode::parse("city").expect("a code");
        Self { member_id: MEMBER, question, first: true, completes: false, branch: Some(branch()) }
    }
}
