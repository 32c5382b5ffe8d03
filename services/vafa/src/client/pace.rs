//! How many calls are under way at once: as many as the API takes.
//!
//! An answer that says "too much" halves it, and each round without such an answer adds one. So many clients together find
//! what there is room for, and each gets its part.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// The places of one client.
pub(super) struct Pace {
    state: Mutex<State>,
    freed: Notify,
}

struct State {
    /// How many calls may be under way.
    limit: usize,
    under_way: usize,
    /// Answers without a refusal since the limit last changed.
    good: usize,
    /// Counts the times it was halved: refusals of calls that were sent before the last time say nothing new.
    cuts: u32,
}

/// A place; given back when it is dropped.
pub(super) struct Place<'a> {
    pace: &'a Pace,
    cuts: u32,
}

impl Pace {
    /// Without a limit, until there is a refusal.
    pub(super) const fn new() -> Self {
        let state = State { limit: usize::MAX, under_way: 0, good: 0, cuts: 0 };
        Self { state: Mutex::new(state), freed: Notify::const_new() }
    }

    /// Waits until there is a place.
    pub(super) async fn enter(&self) -> Place<'_> {
        loop {
            if let Some(place) = self.take() {
                return place;
            }
            self.freed.notified().await;
        }
    }

    fn take(&self) -> Option<Place<'_>> {
        let mut state = self.state();
        if state.under_way >= state.limit {
            return None;
        }
        state.under_way += 1;
        let (more, cuts) = (state.under_way < state.limit && state.limit != usize::MAX, state.cuts);
        drop(state);
        // Whoever was woken wakes the next one while there is room.
        if more {
            self.freed.notify_one();
        }
        Some(Place { pace: self, cuts })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// The API took the call.
    pub(super) fn went_well(&self) {
        let mut state = self.pace.state();
        state.good += 1;
        if state.good >= state.limit {
            state.good = 0;
            state.limit += 1;
        }
    }

    /// The API had too much to do for it.
    pub(super) fn was_too_much(&self) {
        let mut state = self.pace.state();
        if self.cuts == state.cuts {
            state.limit = (state.under_way / 2).max(1);
            state.good = 0;
            state.cuts = state.cuts.wrapping_add(1);
        }
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.pace.state().under_way -= 1;
        self.pace.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_refusal_halves_what_is_under_way_once_and_every_good_round_adds_one() {
        let pace = Pace::new();
        let mut places = Vec::new();
        for _ in 0..8 {
            places.push(pace.enter().await);
        }
        places.iter().for_each(Place::was_too_much);
        assert_eq!(pace.state().limit, 4, "eight refusals of one moment are one");
        places.truncate(3);
        let fourth = pace.enter().await;
        assert!(pace.take().is_none(), "four are under way");
        for _ in 0..4 {
            fourth.went_well();
        }
        assert_eq!(pace.state().limit, 5);
        fourth.was_too_much();
        assert_eq!(pace.state().limit, 2, "one that was sent after it says something new");
        drop((fourth, places));
        let last = pace.enter().await;
        last.was_too_much();
        assert_eq!(pace.state().limit, 1, "one at least");
    }

    #[tokio::test(start_paused = true)]
    async fn all_who_wait_get_a_place_in_the_end() {
        let pace = std::sync::Arc::new(Pace::new());
        let first = pace.enter().await;
        first.was_too_much();
        drop(first);
        let mut waiting = tokio::task::JoinSet::new();
        for _ in 0..50 {
            let pace = std::sync::Arc::clone(&pace);
            waiting.spawn(async move {
                let place = pace.enter().await;
                tokio::time::sleep(Duration::from_millis(5)).await;
                place.went_well();
            });
        }
        assert_eq!(waiting.join_all().await.len(), 50);
        assert_eq!(pace.state().under_way, 0);
        assert!(pace.state().limit > 1, "it grows again");
    }
}
