//! Calls to members who are worth a person's time: why somebody calls, and what came of it, in words of a fixed list, so that nobody
//! writes about people what they would not say to them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Calls that one list has at most: as many as people can make.
pub const MOST_CALLS: u64 = 5_000;

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallState)]
pub enum CallState {
    /// It is to be made.
    Open,
    /// Somebody spoke with the member.
    Reached,
    /// Nobody was reached; it may be tried again.
    Unreachable,
    /// The member wants no such calls, or not now.
    Declined,
}

/// Why somebody calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallReason)]
pub enum CallReason {
    /// They are very valuable to the chain.
    Valuable,
    /// They have not come for a while.
    WinBack,
    /// They are invited to something.
    Invitation,
    /// They had reason to complain.
    Apology,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CallOutcome)]
pub enum CallOutcome {
    /// They are content.
    Content,
    /// They want what was offered.
    Interested,
    /// They do not.
    NotInterested,
    /// They complained; support takes it from there.
    Complained,
    /// Nobody answered.
    NoAnswer,
    /// Somebody else answered.
    WrongNumber,
    /// They have no time now.
    NotNow,
    /// They want no calls.
    NoMoreCalls,
}

impl CallState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Reached, Self::Unreachable, Self::Declined];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Open => 0,
            Self::Reached => 1,
            Self::Unreachable => 2,
            Self::Declined => 3,
        }
    }

    /// The state of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Reached => "reached",
            Self::Unreachable => "unreachable",
            Self::Declined => "declined",
        }
    }

    /// Whether another outcome may be recorded: nobody has spoken with the member yet.
    #[must_use]
    pub const fn may_be_tried(self) -> bool {
        matches!(self, Self::Open | Self::Unreachable)
    }
}

impl CallReason {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Valuable, Self::WinBack, Self::Invitation, Self::Apology];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Valuable => "valuable",
            Self::WinBack => "win_back",
            Self::Invitation => "invitation",
            Self::Apology => "apology",
        }
    }

    /// The reason of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// Whether it takes the consent to offers: an apology is none.
    #[must_use]
    pub const fn is_offer(self) -> bool {
        !matches!(self, Self::Apology)
    }
}

impl CallOutcome {
    /// Every outcome.
    pub const ALL: [Self; 8] = [
        Self::Content,
        Self::Interested,
        Self::NotInterested,
        Self::Complained,
        Self::NoAnswer,
        Self::WrongNumber,
        Self::NotNow,
        Self::NoMoreCalls,
    ];

    /// Its word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Content => "content",
            Self::Interested => "interested",
            Self::NotInterested => "not_interested",
            Self::Complained => "complained",
            Self::NoAnswer => "no_answer",
            Self::WrongNumber => "wrong_number",
            Self::NotNow => "not_now",
            Self::NoMoreCalls => "no_more_calls",
        }
    }

    /// The outcome of this word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.word() == word)
    }

    /// Where the call stands afterwards.
    #[must_use]
    pub const fn state(self) -> CallState {
        match self {
            Self::Content | Self::Interested | Self::NotInterested | Self::Complained => CallState::Reached,
            Self::NoAnswer | Self::WrongNumber => CallState::Unreachable,
            Self::NotNow | Self::NoMoreCalls => CallState::Declined,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_lead_back_and_every_outcome_ends_a_try() {
        assert!(CallState::ALL.iter().all(|one| CallState::from_number(one.number()) == Some(*one)));
        assert!(CallReason::ALL.iter().all(|one| CallReason::from_word(one.word()) == Some(*one)));
        for outcome in CallOutcome::ALL {
            assert_eq!(CallOutcome::from_word(outcome.word()), Some(outcome));
            assert_ne!(outcome.state(), CallState::Open);
            assert_eq!(serde_json::to_value(outcome).expect("a word"), outcome.word());
        }
        assert!(CallState::Unreachable.may_be_tried() && !CallState::Reached.may_be_tried());
        assert!(!CallReason::Apology.is_offer());
    }
}
