//! Leaving a service alone that cannot be reached, with one try now and then.

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::time::Instant;

use crate::settings::GuardSettings;

/// The longest pause between two tries, as a multiple of the first.
const LONGEST: u32 = 8;

/// What a call changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// From now on calls are refused.
    Opened,
    /// It is there again.
    Closed,
}

impl Change {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Closed => "closed",
        }
    }
}

/// **After so many failures in a row, one request in each pause tries whether the service is back; all others are refused.**
///
/// A try that is never heard of again (its caller left) blocks nobody: after the pause comes the next one.
pub(crate) struct Breaker {
    failures: AtomicU32,
    open: AtomicBool,
    tries: Mutex<Tries>,
    most: u32,
    pause: Duration,
}

struct Tries {
    next: Instant,
    pause: Duration,
}

impl Breaker {
    pub(crate) fn new(settings: GuardSettings) -> Self {
        let pause = settings.breaker_pause;
        Self {
            failures: AtomicU32::new(0),
            open: AtomicBool::new(false),
            tries: Mutex::new(Tries { next: Instant::now(), pause }),
            most: settings.breaker_failures,
            pause,
        }
    }

    /// Whether a request may be sent: all while it is closed, one in each pause while it is open.
    pub(crate) fn lets_through(&self) -> bool {
        if !self.open.load(Ordering::Relaxed) {
            return true;
        }
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        if now < tries.next {
            return false;
        }
        tries.next = now + tries.pause;
        true
    }

    pub(crate) fn succeeded(&self) -> Option<Change> {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        // Looked at first, so that the usual case writes nothing that other threads read.
        let was_open = self.open.load(Ordering::Relaxed) && self.open.swap(false, Ordering::Relaxed);
        was_open.then_some(Change::Closed)
    }

    pub(crate) fn failed(&self) -> Option<Change> {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if failures < self.most {
            return None;
        }
        let mut tries = self.tries.lock().unwrap_or_else(PoisonError::into_inner);
        let opened = !self.open.swap(true, Ordering::Relaxed);
        if opened {
            *tries = Tries { next: Instant::now() + self.pause, pause: self.pause };
        } else if Instant::now() < tries.next {
            // The try failed, or somebody who had been let in before.
            tries.pause = (tries.pause * 2).min(self.pause * LONGEST);
        }
        opened.then_some(Change::Opened)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn breaker() -> Breaker {
        let pause = Duration::from_secs(1);
        Breaker::new(GuardSettings { breaker_failures: 3, breaker_pause: pause, ..GuardSettings::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn it_opens_after_failures_in_a_row_and_lets_one_try_through() {
        let breaker = breaker();
        for _ in 0..2 {
            assert_eq!(breaker.failed(), None);
        }
        assert_eq!(breaker.succeeded(), None);
        for _ in 0..2 {
            assert_eq!(breaker.failed(), None);
        }
        assert!(breaker.lets_through());
        assert_eq!(breaker.failed(), Some(Change::Opened));
        assert!(!breaker.lets_through());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(breaker.lets_through() && !breaker.lets_through());
        assert_eq!(breaker.failed(), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(breaker.lets_through() && !breaker.lets_through());
        assert_eq!(breaker.succeeded(), Some(Change::Closed));
        assert!(breaker.lets_through() && breaker.lets_through());
    }

    #[tokio::test(start_paused = true)]
    async fn a_try_that_is_never_heard_of_again_blocks_nobody() {
        let breaker = breaker();
        for _ in 0..3 {
            breaker.failed();
        }
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(breaker.lets_through());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(breaker.lets_through());
    }
}
