//! A campaign: a message of the chain's own will to many, written once, sent at a pace, and measured.
//!
//! **Who gets what is decided by who they are**: the arm of a member follows from the campaign's code and the member's id alone, so
//! whoever asks again, after a crash or on another replica, comes to the same answer. **A campaign that began says the same to
//! everybody**: its terms change while it is a draft, and not afterwards.

mod arms;
mod results;
mod terms;

pub use arms::{Arm, arm_of};
pub use results::{ArmResults, Difference, Tally, difference};
pub use terms::{Audience, CampaignTerms, CampaignText, CampaignWords, Mistake, Occurring};

/// Where a campaign stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// It is being written.
    Draft,
    /// It begins when its time comes.
    Scheduled,
    /// It is sent.
    Running,
    /// It is held for a while: nothing of it goes.
    Paused,
    /// Somebody ended it; what had not gone does not go.
    Stopped,
    /// Everybody got it who was to get it.
    Done,
}

/// What happens to a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// It is to begin at a time.
    Schedule,
    /// It is written on before it began.
    Recall,
    /// Its time came.
    Begin,
    /// Somebody holds it.
    Pause,
    /// It goes on.
    Resume,
    /// Somebody ends it.
    Stop,
    /// Nothing of it is left to do.
    Finish,
}

impl Stage {
    /// Every stage.
    pub const ALL: [Self; 6] =
        [Self::Draft, Self::Scheduled, Self::Running, Self::Paused, Self::Stopped, Self::Done];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Draft => 0,
            Self::Scheduled => 1,
            Self::Running => 2,
            Self::Paused => 3,
            Self::Stopped => 4,
            Self::Done => 5,
        }
    }

    /// The stage of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.number() == number)
    }

    /// Its word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Scheduled => "scheduled",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }

    /// Where it stands after a step; the same stage where the step was done before, and nothing where it cannot be done.
    #[must_use]
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            (Self::Draft | Self::Scheduled, Step::Schedule) => Some(Self::Scheduled),
            (Self::Draft | Self::Scheduled, Step::Recall) => Some(Self::Draft),
            (Self::Scheduled, Step::Begin) | (Self::Paused | Self::Running, Step::Resume) => {
                Some(Self::Running)
            }
            (Self::Running | Self::Paused, Step::Pause) => Some(Self::Paused),
            (Self::Scheduled | Self::Running | Self::Paused | Self::Stopped, Step::Stop) => {
                Some(Self::Stopped)
            }
            (Self::Running, Step::Finish) => Some(Self::Done),
            _ => None,
        }
    }

    /// Whether nothing more happens to it.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Stopped | Self::Done)
    }
}

/// Members of one page of an audience, so that a minute has twelve pages where the pace allows it.
#[must_use]
pub fn page(per_minute: u32) -> u32 {
    (per_minute / 12).clamp(1, MOST_AT_ONCE)
}

/// Campaigns that a chain keeps at most.
pub const MOST_CAMPAIGNS: i64 = 10_000;

/// Members of one page at most.
pub const MOST_AT_ONCE: u32 = 1_000;

/// How long nothing more goes after so many messages, in milliseconds: **no more than `per_minute` in a minute, in the long run**.
#[must_use]
pub fn pause_after(messages: u64, per_minute: u32) -> i64 {
    let pause = (u128::from(messages) * 60_000).div_ceil(u128::from(per_minute.max(1)));
    i64::try_from(pause).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn stages_lead_where_they_should_and_back_from_their_numbers() {
        use Stage::{Done, Draft, Paused, Running, Scheduled, Stopped};
        let steps =
            [Step::Schedule, Step::Recall, Step::Begin, Step::Pause, Step::Resume, Step::Stop, Step::Finish];
        let table = [
            (Draft, [Some(Scheduled), Some(Draft), None, None, None, None, None]),
            (Scheduled, [Some(Scheduled), Some(Draft), Some(Running), None, None, Some(Stopped), None]),
            (Running, [None, None, None, Some(Paused), Some(Running), Some(Stopped), Some(Done)]),
            (Paused, [None, None, None, Some(Paused), Some(Running), Some(Stopped), None]),
            (Stopped, [None, None, None, None, None, Some(Stopped), None]),
            (Done, [None; 7]),
        ];
        for (stage, expected) in table {
            assert_eq!(steps.map(|step| stage.after(step)), expected, "{stage:?}");
            assert_eq!(Stage::from_number(stage.number()), Some(stage));
        }
        assert_eq!(Stage::from_number(6), None);
    }

    proptest! {
        /// In no minute are there more than the pace and one page.
        #[test]
        fn a_minute_has_no_more_than_its_pace(per_minute in 1_u32..600_000) {
            let page = u64::from(page(per_minute));
            let pause = pause_after(page, per_minute);
            prop_assert!(pause > 0);
            let pages = u64::try_from(60_000 / pause).unwrap() + u64::from(60_000 % pause != 0);
            prop_assert!(pages * page <= u64::from(per_minute) + page, "{} pages of {}", pages, page);
        }
    }
}
