//! Facts about challenges and contests. None says what a member bought.

use kernel::{BranchCode, ChallengeCode, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, branch};
use crate::FactData;

fn challenge() -> ChallengeCode {
    ChallengeCode::parse("may-coffee").expect("a code")
}

/// A member reached the goal of a challenge, once and for all.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChallengeReached {
    /// Which challenge.
    pub challenge: ChallengeCode,
    /// Who.
    pub member_id: MemberId,
    /// How far they had come.
    pub counted: i64,
    /// How far they had to come.
    pub goal: i64,
    /// Where they made the purchase with which they reached it.
    pub branch: BranchCode,
}

/// A contest is decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContestDecided {
    /// Which contest.
    pub contest: ChallengeCode,
    /// Of how many members something was counted.
    pub participants: i64,
    /// How many of them won.
    pub winners: u32,
}

/// A member came in among the first of a contest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ContestWon {
    /// Which contest.
    pub contest: ChallengeCode,
    /// Who.
    pub member_id: MemberId,
    /// Their place, from 1.
    pub place: u32,
    /// How far they had come.
    pub counted: i64,
}

impl FactData for ChallengeReached {
    const TYPE: &'static str = "vafa.rewards.challenge_reached.v1";
    const ABOUT: &'static str =
        "A member reached the goal of a challenge. Subject: the challenge's code and the member's id.";
    fn sample() -> Self {
        Self { challenge: challenge(), member_id: MEMBER, counted: 3, goal: 3, branch: branch() }
    }
}

impl FactData for ContestDecided {
    const TYPE: &'static str = "vafa.rewards.contest_decided.v1";
    const ABOUT: &'static str = "A contest is decided. Subject: the contest's code.";
    fn sample() -> Self {
        Self { contest: challenge(), participants: 812, winners: 3 }
    }
}

impl FactData for ContestWon {
    const TYPE: &'static str = "vafa.rewards.contest_won.v1";
    const ABOUT: &'static str = "A member came in among the first of a contest. Subject: the contest's code.";
    fn sample() -> Self {
        Self { contest: challenge(), member_id: MEMBER, place: 1, counted: 31 }
    }
}
