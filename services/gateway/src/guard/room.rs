//! How many requests a service may have under way: as many as it answers in the time that it should take.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::{guard::Class, settings::GuardSettings};

/// The least time, and the least answers, that are looked at together; when answers are few, longer.
const WINDOW: Duration = Duration::from_millis(100);
const ANSWERS: u32 = 20;
const LONG_WINDOW: Duration = Duration::from_secs(1);
const FEW_ANSWERS: u32 = 5;

/// The places of one service.
pub(crate) struct Room {
    limit: AtomicU32,
    /// Requests under way for which somebody waits.
    inside: AtomicU32,
    /// Requests of the back office under way.
    office: AtomicU32,
    /// Whether all places were taken since the last look.
    crowded: AtomicBool,
    window: Mutex<Window>,
    settings: GuardSettings,
}

/// What was seen since the last look.
struct Window {
    /// Counts the changes of the limit: answers to requests from before the last one say nothing about it.
    epoch: u32,
    begun: Instant,
    seen: Seen,
}

#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    answers: u32,
    /// Those that took longer than they should.
    over: u32,
}

/// A request's place; given back when it is dropped.
pub(crate) struct Place {
    room: Arc<Room>,
    class: Class,
    epoch: u32,
    since: Instant,
}

impl Room {
    pub(crate) fn new(settings: GuardSettings) -> Self {
        let window = Window { epoch: 0, begun: Instant::now(), seen: Seen::default() };
        Self {
            limit: AtomicU32::new(settings.begin.clamp(settings.least, settings.most)),
            inside: AtomicU32::new(0),
            office: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
            window: Mutex::new(window),
            settings,
        }
    }

    /// How many requests may be under way just now.
    pub(crate) fn limit(&self) -> u32 {
        self.limit.load(Ordering::Relaxed)
    }

    /// How many are.
    pub(crate) fn under_way(&self) -> u32 {
        self.inside.load(Ordering::Relaxed) + self.office.load(Ordering::Relaxed)
    }

    pub(crate) fn has_place(&self, class: Class) -> bool {
        let free = match class {
            Class::Office => self.office_has_place(self.office.load(Ordering::Relaxed)),
            Class::Money | Class::Person => self.inside.load(Ordering::Relaxed) < self.places(class),
        };
        if !free && class != Class::Office {
            self.crowded.store(true, Ordering::Relaxed);
        }
        free
    }

    /// Takes a place, when there is one for this class.
    pub(crate) fn enter(self: &Arc<Self>, class: Class) -> Option<Place> {
        let counter = self.counter(class);
        let before = counter.fetch_add(1, Ordering::Relaxed);
        let free = match class {
            Class::Office => self.office_has_place(before),
            Class::Money | Class::Person => before < self.places(class),
        };
        // A limit that nobody reaches need not grow.
        if class != Class::Office && (!free || before >= self.limit() / 10 * 9) {
            self.crowded.store(true, Ordering::Relaxed);
        }
        if !free {
            counter.fetch_sub(1, Ordering::Relaxed);
            return None;
        }
        let epoch = self.window.lock().unwrap_or_else(PoisonError::into_inner).epoch;
        Some(Place { room: Arc::clone(self), class, epoch, since: Instant::now() })
    }

    /// The last fifth is for money alone.
    fn places(&self, class: Class) -> u32 {
        let limit = self.limit();
        match class {
            Class::Money => limit,
            Class::Person => limit / 5 * 4,
            Class::Office => limit / 2,
        }
    }

    /// The back office has places of its own, since its work may take long; it gets none while others are many.
    fn office_has_place(&self, taken: u32) -> bool {
        taken < self.settings.office && self.inside.load(Ordering::Relaxed) < self.places(Class::Office)
    }

    fn counter(&self, class: Class) -> &AtomicU32 {
        match class {
            Class::Office => &self.office,
            Class::Money | Class::Person => &self.inside,
        }
    }

    fn note(&self, epoch: u32, took: Duration) {
        let mut window = self.window.lock().unwrap_or_else(PoisonError::into_inner);
        if window.epoch != epoch {
            return;
        }
        window.seen.add(took, self.settings.target);
        let age = window.begun.elapsed();
        let answers = window.seen.answers;
        if !(answers >= ANSWERS && age >= WINDOW || answers >= FEW_ANSWERS && age >= LONG_WINDOW) {
            return;
        }
        let crowded = self.crowded.swap(false, Ordering::Relaxed);
        let (before, bounds) = (self.limit(), (self.settings.least, self.settings.most));
        let fitting = window.seen.fitting(age, self.settings.target);
        let after = next_limit(before, window.seen, fitting, crowded, bounds);
        if after != before {
            self.limit.store(after, Ordering::Relaxed);
            window.epoch = window.epoch.wrapping_add(1);
        }
        window.begun = Instant::now();
        window.seen = Seen::default();
    }
}

impl Seen {
    fn add(&mut self, took: Duration, target: Duration) {
        self.answers += 1;
        self.over += u32::from(took > target);
    }

    /// How many requests under way the service answers in `target`, when it goes on as in this time (Little's law).
    fn fitting(self, age: Duration, target: Duration) -> u32 {
        let fitting = u128::from(self.answers) * target.as_micros() / age.as_micros().max(1);
        u32::try_from(fitting).unwrap_or(u32::MAX)
    }
}

/// **At most one answer in ten takes longer than it should, or the limit shrinks** to `fitting`, by half at once at most. It
/// grows by a sixteenth while all places are taken.
fn next_limit(limit: u32, seen: Seen, fitting: u32, crowded: bool, (least, most): (u32, u32)) -> u32 {
    if seen.over.saturating_mul(10) > seen.answers {
        return fitting.clamp(limit / 2, limit - limit.div_ceil(20)).clamp(least, most);
    }
    if crowded { limit.saturating_add(limit / 16 + 1).clamp(least, most) } else { limit }
}

impl Place {
    /// Notes how long the answer took. Work of the back office says nothing about how long a till waits.
    pub(crate) fn answered(&self) {
        if self.class != Class::Office {
            self.room.note(self.epoch, self.since.elapsed());
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.counter(self.class).fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: (u32, u32) = (10, 1_000);
    #[test]
    fn the_limit_follows_how_long_answers_take() {
        // limit, answers, too long, so many would fit, all places taken, next limit
        let table = [
            (100, 20, 0, 40, false, 100),
            (100, 20, 0, 40, true, 107),
            (100, 20, 2, 40, true, 107),
            (100, 20, 3, 99, true, 95),
            (100, 20, 20, 75, true, 75),
            (100, 20, 20, 3, true, 50),
            (11, 20, 20, 3, true, 10),
            (990, 20, 0, 40, true, 1_000),
        ];
        for (limit, answers, over, fitting, crowded, expected) in table {
            let next = next_limit(limit, Seen { answers, over }, fitting, crowded, BOUNDS);
            assert_eq!(next, expected, "{limit} {over}/{answers} {fitting} {crowded}");
        }
        let (age, target) = (Duration::from_millis(100), Duration::from_millis(300));
        assert_eq!(Seen { answers: 40, over: 0 }.fitting(age, target), 120);
    }

    fn room() -> Arc<Room> {
        let settings =
            GuardSettings { begin: 10, least: 10, most: 10, office: 3, ..GuardSettings::default() };
        Arc::new(Room::new(settings))
    }

    #[tokio::test]
    async fn the_office_goes_first_then_people_and_money_last() {
        let room = room();
        let mut places: Vec<Place> = (0..3).filter_map(|_| room.enter(Class::Office)).collect();
        assert!(room.enter(Class::Office).is_none(), "three places for the back office");
        places.pop();
        assert!(room.has_place(Class::Office));
        places.extend((0..5).filter_map(|_| room.enter(Class::Person)));
        assert!(!room.has_place(Class::Office), "half of the places are taken");
        places.extend((0..9).filter_map(|_| room.enter(Class::Person)));
        assert!(!room.has_place(Class::Person) && room.has_place(Class::Money));
        places.extend((0..9).filter_map(|_| room.enter(Class::Money)));
        assert!(!room.has_place(Class::Money));
        assert_eq!(room.under_way(), 12);
        drop(places);
        let all = [Class::Money, Class::Person, Class::Office];
        assert!(all.iter().all(|class| room.has_place(*class)) && room.under_way() == 0);
    }
}
