//! Which version of the programme is live when.

use kernel::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Where a version is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum VersionState {
    /// It is being written, and may still change.
    Draft,
    /// It will be live at a time, and does not change any more.
    Announced,
    /// It decides.
    Live,
    /// Another one decides in its place.
    Retired,
}

/// A version that was announced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Announced {
    /// Which version.
    pub version: u32,
    /// Which announcement, counted from 1: the later one counts where two name the same time.
    pub announcement: u32,
    /// When it goes live.
    pub live_from: Timestamp,
}

/// Every announced version, in the order in which they go live.
///
/// **At any instant the live version is the one that went live last**, by the time of the decision: no job has to pass.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(Vec<Announced>);

impl Schedule {
    /// The schedule of these announcements, in any order.
    #[must_use]
    pub fn new(mut announced: Vec<Announced>) -> Self {
        announced.sort_by_key(|a| (a.live_from, a.announcement));
        Self(announced)
    }

    /// The latest announcement that it knows of; zero when there was none.
    #[must_use]
    pub fn latest(&self) -> u32 {
        self.0.iter().map(|a| a.announcement).max().unwrap_or_default()
    }

    /// The version that is live at an instant; `None` before the first one.
    #[must_use]
    pub fn live_at(&self, now: Timestamp) -> Option<u32> {
        let gone_live = self.0.partition_point(|a| a.live_from <= now);
        Some(self.0.get(gone_live.checked_sub(1)?)?.version)
    }

    /// The versions that are live at some instant of a period, in their order.
    pub fn live_during(&self, since: Timestamp, until: Timestamp) -> impl Iterator<Item = u32> {
        let later = self.0.iter().filter(move |a| a.live_from > since && a.live_from < until);
        self.live_at(since).into_iter().chain(later.map(|a| a.version))
    }

    /// The versions that go live after an instant, the next one first.
    pub fn coming(&self, now: Timestamp) -> impl Iterator<Item = &Announced> {
        self.0.iter().filter(move |a| a.live_from > now)
    }

    /// When another version takes over from this one; `None` while none is announced.
    #[must_use]
    pub fn live_until(&self, version: u32) -> Option<Timestamp> {
        let place = self.0.iter().position(|a| a.version == version)?;
        self.0.get(place + 1).map(|next| next.live_from)
    }

    /// Where a version is in its life at an instant.
    #[must_use]
    pub fn state(&self, version: u32, now: Timestamp) -> VersionState {
        match self.0.iter().find(|a| a.version == version) {
            None => VersionState::Draft,
            Some(announced) if announced.live_from > now => VersionState::Announced,
            Some(_) if self.live_at(now) == Some(version) => VersionState::Live,
            Some(_) => VersionState::Retired,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        VersionState::{Draft, Live, Retired},
        *,
    };

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros)
    }

    fn schedule(times: &[i64]) -> Schedule {
        let announced = (1_u32..).zip(times).map(|(n, live_from)| Announced {
            version: n + 10,
            announcement: n,
            live_from: at(*live_from),
        });
        Schedule::new(announced.collect())
    }

    #[test]
    fn a_version_is_announced_then_live_then_retired_by_the_instant_alone() {
        let schedule = schedule(&[10, 30, 20]);
        let states = |now| [11, 12, 13, 14].map(|version| schedule.state(version, at(now)));
        let announced = VersionState::Announced;
        assert_eq!(states(9), [announced, announced, announced, Draft]);
        assert_eq!(states(10), [Live, announced, announced, Draft]);
        assert_eq!(states(20), [Retired, announced, Live, Draft]);
        assert_eq!(states(30), [Retired, Live, Retired, Draft]);
        assert_eq!(schedule.live_until(11), Some(at(20)));
        assert_eq!((schedule.live_until(12), schedule.latest()), (None, 3));
    }

    #[test]
    fn of_two_versions_with_one_time_the_later_announcement_counts() {
        assert_eq!(schedule(&[10, 10]).live_at(at(10)), Some(12));
    }

    proptest! {
        #[test]
        fn exactly_one_version_is_live_once_the_first_one_is(times in prop::collection::vec(0_i64..50, 1..8), now in 0_i64..60) {
            let schedule = schedule(&times);
            let live = (11_u32..).take(times.len()).filter(|v| schedule.state(*v, at(now)) == VersionState::Live).count();
            prop_assert_eq!(live, usize::from(times.iter().any(|time| *time <= now)));
        }
    }
}
