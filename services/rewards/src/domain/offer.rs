//! Whether a reward is offered: when, to whom, where.

use kernel::{BranchCode, Day, Points, RegionCode, RewardCode, SegmentCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    audience::Marked,
    refusal::Refusal,
    reward::{Limit, Terms},
};

/// From when until when it is offered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Schedule {
    /// Since when; nothing while it is a draft.
    pub from: Option<Timestamp>,
    /// Until when; nothing for no end.
    pub until: Option<Timestamp>,
}

/// Where a reward stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OfferState {
    /// Nobody but the chain sees it.
    Draft,
    /// It will be offered.
    Scheduled,
    /// It is offered.
    Live,
    /// It was offered.
    Retired,
}

impl Schedule {
    /// Where it stands at an instant: by the time alone.
    #[must_use]
    pub fn state(self, now: Timestamp) -> OfferState {
        match self {
            Self { from: None, .. } => OfferState::Draft,
            Self { until: Some(until), .. } if until <= now => OfferState::Retired,
            Self { from: Some(from), .. } if now < from => OfferState::Scheduled,
            _ => OfferState::Live,
        }
    }
}

/// A reward as it stands: the latest terms, and when it is offered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its code.
    pub code: RewardCode,
    /// Which version of its terms this is, counted from 1.
    pub version: i32,
    /// The terms.
    pub terms: Terms,
    /// When it is offered.
    pub schedule: Schedule,
}

/// Where a member stands, as points says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// What they can spend.
    pub points: Points,
    /// Their tier.
    #[serde(default)]
    pub tier: Option<String>,
    /// Their segments.
    #[serde(default)]
    pub segments: Vec<SegmentCode>,
    /// Their occasions that were marked lately.
    #[serde(default)]
    pub occasions: Vec<Marked>,
}

/// A branch, and its region where that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The branch.
    pub branch: BranchCode,
    /// Its region.
    pub region: Option<RegionCode>,
}

/// Decides whether a member may ask for a reward there and then; stock and limits are counted where they are changed.
///
/// # Errors
/// [`Refusal::NotOffered`].
pub fn may_ask(
    offer: &Offer,
    standing: Option<&Standing>,
    place: Option<&Place>,
    now: Timestamp,
) -> Result<(), Refusal> {
    let audience = &offer.terms.audience;
    let offered = offer.schedule.state(now) == OfferState::Live;
    if offered && audience.is_for(standing) && audience.is_at(place) {
        Ok(())
    } else {
        Err(Refusal::NotOffered)
    }
}

/// Under which names a redemption of a day is counted, with the most of each.
#[must_use]
pub fn counted(limits: &[Limit], today: Day) -> Vec<(String, u32)> {
    limits.iter().map(|limit| (limit.per.key(today), limit.most)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    #[test]
    fn a_reward_stands_where_the_time_says() {
        let schedule = |from, until| Schedule { from, until };
        for (schedule, state) in [
            (schedule(None, None), OfferState::Draft),
            (schedule(Some(at(11)), None), OfferState::Scheduled),
            (schedule(Some(at(10)), None), OfferState::Live),
            (schedule(Some(at(1)), Some(at(11))), OfferState::Live),
            (schedule(Some(at(1)), Some(at(10))), OfferState::Retired),
        ] {
            assert_eq!(schedule.state(at(10)), state, "{schedule:?}");
        }
    }
}
