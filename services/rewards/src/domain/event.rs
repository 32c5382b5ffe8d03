//! An event or a workshop for members: when and where, how many seats, for whom it is free (W7).

use kernel::{BranchCode, RewardCode, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::refusal::Refusal;

/// The most seats of an event, and places in its waiting list.
const MOST_SEATS: i64 = 100_000;
/// Tiers for whom it is free.
const MOST_TIERS: usize = 200;
/// The longest time to decline a seat, in hours.
const MOST_HOURS: u16 = 720;
const HOUR_MS: i64 = 60 * 60 * 1_000;

/// An event as the chain wrote it down. Its texts, its price in points, how often and for whom are the reward's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EventTerms)]
pub struct Event {
    /// The reward by which it is in the catalogue, of the kind `event_seat`.
    #[schema(value_type = String, example = "barista-evening")]
    pub reward: RewardCode,
    /// Where it is.
    #[schema(value_type = String, example = "tehran-vanak")]
    pub branch: BranchCode,
    /// When it begins; nobody books after that.
    pub starts_at: Timestamp,
    /// When it is over.
    pub ends_at: Timestamp,
    /// How many seats there are: 1 to 100,000.
    #[schema(minimum = 1, maximum = 100_000)]
    pub seats: i64,
    /// How many may wait for one: none to 100,000.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100_000)]
    pub waiting: i64,
    /// Until when a seat may be given back; until it begins when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancel_until: Option<Timestamp>,
    /// Who moved up from the waiting list may give the seat back for so many hours at least: none to 720.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 720)]
    pub decline_hours: u16,
    /// Whether nobody redeems points for it.
    #[serde(default)]
    pub free: bool,
    /// Members of these tiers redeem no points for it.
    #[serde(default)]
    pub free_tiers: Vec<String>,
}

/// Where a seat stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Seat {
    /// It is set apart, and its points are on their way.
    Asked,
    /// Its member has it.
    Booked,
    /// Its member came.
    Attended,
    /// Its member did not come.
    Missed,
    /// It is a place in the waiting list.
    Waiting,
    /// It is nobody's any more.
    Ended,
}

impl Seat {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Asked, Self::Booked, Self::Attended, Self::Missed, Self::Waiting, Self::Ended];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Booked => "booked",
            Self::Attended => "attended",
            Self::Missed => "missed",
            Self::Waiting => "waiting",
            Self::Ended => "ended",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether a seat of the event is taken by it.
    #[must_use]
    pub const fn is_taken(self) -> bool {
        matches!(self, Self::Asked | Self::Booked | Self::Attended | Self::Missed)
    }
}

/// What becomes of a wish for a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// There is a seat.
    Seat,
    /// There is a place in the waiting list.
    Queue,
}

impl Event {
    /// The first mistake in it, by its place; nothing for a good one.
    #[must_use]
    pub fn mistake(&self) -> Option<&'static str> {
        [
            ("/ends_at", self.starts_at < self.ends_at),
            ("/seats", (1..=MOST_SEATS).contains(&self.seats)),
            ("/waiting", (0..=MOST_SEATS).contains(&self.waiting)),
            ("/cancel_until", self.cancel_until.is_none_or(|until| until <= self.starts_at)),
            ("/decline_hours", self.decline_hours <= MOST_HOURS),
            ("/free_tiers", self.free_tiers.len() <= MOST_TIERS),
        ]
        .into_iter()
        .find_map(|(at, fits)| (!fits).then_some(at))
    }

    /// Whether a member of this tier redeems points for it.
    #[must_use]
    pub fn costs(&self, tier: Option<&String>) -> bool {
        !self.free && !tier.is_some_and(|tier| self.free_tiers.contains(tier))
    }

    /// Whether it depends on the tier what it costs.
    #[must_use]
    pub const fn asks_tier(&self) -> bool {
        !self.free && !self.free_tiers.is_empty()
    }

    /// Until when a seat may be given back that a member gets now.
    #[must_use]
    pub fn cancel_until(&self, now: Timestamp, moved_up: bool) -> Timestamp {
        let usual = self.cancel_until.unwrap_or(self.starts_at);
        let declined = now.plus_millis(i64::from(self.decline_hours) * HOUR_MS);
        if moved_up { usual.max(declined).min(self.starts_at) } else { usual }
    }

    /// Decides what becomes of a wish for a seat while so many are taken and so many wait: **nobody passes who waits.**
    ///
    /// # Errors
    /// [`Refusal::NotOffered`] once it has begun, [`Refusal::OutOfStock`] where there is neither seat nor place.
    pub fn admit(&self, (taken, waiting): (i64, i64), now: Timestamp) -> Result<Place, Refusal> {
        if self.starts_at <= now {
            Err(Refusal::NotOffered)
        } else if taken < self.seats && waiting == 0 {
            Ok(Place::Seat)
        } else if waiting < self.waiting {
            Ok(Place::Queue)
        } else {
            Err(Refusal::OutOfStock)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_micros(hour * HOUR_MS * 1_000)
    }

    fn event() -> Event {
        Event {
            reward: RewardCode::parse("evening").expect("a code"),
            branch: BranchCode::parse("vanak").expect("a code"),
            starts_at: at(100),
            ends_at: at(102),
            seats: 2,
            waiting: 1,
            cancel_until: Some(at(50)),
            decline_hours: 12,
            free: false,
            free_tiers: vec!["gold".to_owned()],
        }
    }

    #[test]
    fn nobody_passes_who_waits_and_nobody_gets_what_is_taken() {
        let event = event();
        for (standing, now, expected) in [
            ((1, 0), 99, Ok(Place::Seat)),
            ((2, 0), 99, Ok(Place::Queue)),
            ((1, 1), 99, Err(Refusal::OutOfStock)),
            ((2, 1), 99, Err(Refusal::OutOfStock)),
            ((0, 0), 100, Err(Refusal::NotOffered)),
        ] {
            assert_eq!(event.admit(standing, at(now)), expected, "{standing:?}");
        }
        assert_eq!(Event { waiting: 3, ..event }.admit((1, 1), at(0)), Ok(Place::Queue));
    }

    #[test]
    fn who_moves_up_has_time_to_decline_and_no_more_than_until_it_begins() {
        let event = event();
        assert_eq!(event.cancel_until(at(1), true), at(50));
        assert_eq!(event.cancel_until(at(60), true), at(72));
        assert_eq!(event.cancel_until(at(95), true), at(100));
        assert_eq!(event.cancel_until(at(60), false), at(50));
    }

    #[test]
    fn it_is_free_for_some() {
        let event = event();
        assert!(
            event.costs(None)
                && event.costs(Some(&"silver".to_owned()))
                && !event.costs(Some(&"gold".to_owned()))
        );
        assert!(!Event { free: true, ..event }.costs(None));
    }
}
