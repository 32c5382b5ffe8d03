//! A message to a member: one for each cause and kind, from being told to its end.

use std::{fmt, str::FromStr};

use kernel::{MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    trigger::{Lane, Trigger},
    value::Values,
};

/// A message's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
pub struct MessageId(pub Uuid);

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MessageId {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::try_parse(text).map(Self)
    }
}

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It waits for its time, for room, or for a provider that works.
    Waiting,
    /// Providers took it, on each of its ways; or it was tried as often as may be where they could not tell.
    Sent,
    /// It goes on no way, and should not.
    Dropped,
    /// A dead letter: it was to go, and no provider took it in time.
    Dead,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Sent, Self::Dropped, Self::Dead];

    /// Its number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Waiting => 0,
            Self::Sent => 1,
            Self::Dropped => 2,
            Self::Dead => 3,
        }
    }

    /// The state of this number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.number() == number)
    }

    /// Its word in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Dropped => "dropped",
            Self::Dead => "dead",
        }
    }
}

/// A message that waits to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its id.
    pub id: MessageId,
    /// To whom.
    pub member: MemberId,
    /// Of which kind.
    pub trigger: Trigger,
    /// What its words name.
    pub values: Values,
    /// Where it waits.
    pub lane: Lane,
    /// When it is of no use any more.
    pub not_after: Timestamp,
    /// How often somebody took it to send it, this time included.
    pub tries: u32,
    /// How often no provider took it.
    pub failures: u32,
}

/// How long a message that no provider takes waits for its next try, in milliseconds: 2 s, twice as long each time, half an hour at
/// most.
#[must_use]
pub fn wait_after(failures: u32) -> i64 {
    (2_000_i64 << failures.saturating_sub(1).min(10)).min(30 * 60_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_lead_back_and_waits_grow() {
        for state in State::ALL {
            assert_eq!(State::from_number(state.number()), Some(state));
        }
        assert_eq!(State::from_number(9), None);
        let waits: Vec<i64> = [0, 1, 2, 3, 10, 11, 40].map(wait_after).to_vec();
        assert_eq!(waits, [2_000, 2_000, 4_000, 8_000, 1_024_000, 1_800_000, 1_800_000]);
    }
}
