//! How long a call is repeated, and how long between the tries.

use std::time::Duration;

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// What to do after a try that had no good answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Pause {
    /// Wait so long and try again.
    For(Duration),
    /// Take the answer as it is.
    Over,
}

/// Who hears "later, there is too much to do" waits so many times as long as who hears nothing: somebody is there, and works.
const TOLD: u32 = 10;

/// Grows the pauses until the end.
pub(super) struct Patience {
    until: Instant,
    told_until: Instant,
    next: Duration,
}

impl Patience {
    pub(super) fn new(lasts: Duration) -> Self {
        let now = Instant::now();
        Self { until: now + lasts, told_until: now + lasts * TOLD, next: FIRST }
    }

    /// The pause before the next try when the API said that it has too much to do, and when to come again.
    pub(super) fn told(&self, asked: Duration) -> Pause {
        if Instant::now() + asked > self.told_until { Pause::Over } else { Pause::For(asked) }
    }

    /// The pause before the next try: as long as the answer asked for, else growing.
    pub(super) fn after(&mut self, asked: Option<Duration>) -> Pause {
        let pause = asked.unwrap_or(self.next);
        self.next = (self.next * 2).min(LONGEST);
        if Instant::now() + pause > self.until { Pause::Over } else { Pause::For(pause) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_until_patience_is_over() {
        let mut patience = Patience::new(Duration::from_secs(3));
        assert_eq!(patience.after(None), Pause::For(Duration::from_millis(50)));
        assert_eq!(patience.after(None), Pause::For(Duration::from_millis(100)));
        assert_eq!(patience.after(Some(Duration::from_secs(1))), Pause::For(Duration::from_secs(1)));
        assert_eq!(patience.after(Some(Duration::from_mins(1))), Pause::Over);
        assert_eq!(patience.told(Duration::from_secs(20)), Pause::For(Duration::from_secs(20)));
        assert_eq!(patience.told(Duration::from_mins(1)), Pause::Over);
    }
}
