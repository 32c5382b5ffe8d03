//! When requests are due.
//!
//! **An open loop sends by the clock, not by the answers.** Each request has an intended time, and its latency counts
//! from there. When the platform stalls, the requests that should have been sent meanwhile are sent late and carry
//! their waiting in their latency; a loop that waits for answers and counts from the sending would leave exactly those
//! out (coordinated omission).

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How requests follow each other.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pace {
    /// Each client sends its next request when it has its answer: finds the maximum, hides waiting.
    Closed,
    /// So many requests a second by the clock, whatever the answers do.
    Open(f64),
}

/// The intended times of one of several connections that share a rate evenly.
#[derive(Clone, Copy, Debug)]
pub struct Schedule {
    first: f64,
    gap: f64,
}

impl Schedule {
    /// Of connection number `connection` (from 0) of `connections`; none in a closed loop.
    #[must_use]
    pub fn of(pace: Pace, connection: u32, connections: u32) -> Option<Self> {
        match pace {
            Pace::Closed => None,
            Pace::Open(per_second) => Some(Self {
                first: f64::from(connection) / per_second,
                gap: f64::from(connections.max(1)) / per_second,
            }),
        }
    }

    /// When the connection's request number `nth` (from 0) is due, from the start.
    #[must_use]
    pub fn due(&self, nth: u32) -> Duration {
        Duration::from_secs_f64(f64::from(nth).mul_add(self.gap, self.first))
    }

    /// How many of the connection's requests are due from `from` until before `until`.
    #[must_use]
    pub fn count(&self, from: Duration, until: Duration) -> u64 {
        (0..).map(|nth| self.due(nth)).skip_while(|due| *due < from).take_while(|due| *due < until).count()
            as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn connections_share_a_rate_evenly() {
        let due = |connection| {
            let schedule = Schedule::of(Pace::Open(100.0), connection, 4).unwrap();
            (0..3).map(|nth| schedule.due(nth).as_millis()).collect::<Vec<_>>()
        };
        assert_eq!(due(0), [0, 40, 80]);
        assert_eq!(due(3), [30, 70, 110]);
        let all: u64 =
            (0..4).map(|c| Schedule::of(Pace::Open(100.0), c, 4).unwrap().count(SECOND, SECOND * 3)).sum();
        assert_eq!(all, 200);
    }

    #[test]
    fn a_closed_loop_has_no_schedule() {
        assert!(Schedule::of(Pace::Closed, 0, 1).is_none());
    }

    /// One connection, 100 requests a second, answers in 1 ms but for a stall of one second.
    #[test]
    fn a_stall_is_in_the_latency_of_all_that_was_due_meanwhile() {
        let schedule = Schedule::of(Pace::Open(100.0), 0, 1).unwrap();
        let mut free = Duration::ZERO;
        let mut slow = 0;
        for nth in 0..300 {
            let due = schedule.due(nth);
            let sent = due.max(free);
            let takes = if nth == 100 { SECOND } else { Duration::from_millis(1) };
            free = sent + takes;
            if free.saturating_sub(due) > Duration::from_millis(100) {
                slow += 1;
            }
        }
        // Counted from the sending it would be one; counted from when they were due it is a second's worth of them.
        assert!((95..=105).contains(&slow), "{slow}");
    }
}
