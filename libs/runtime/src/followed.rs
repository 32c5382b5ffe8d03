//! A clock that goes by somebody else's time, whatever this machine's own clock says.
//!
//! **All replicas of a service decide by one time**: that of their database. Between two questions the time goes on by the
//! monotonic clock, which nobody sets, so a jump of the machine's clock changes nothing (promise 17).

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context as _;
use async_trait::async_trait;
use kernel::{Clock, Timestamp};
use opentelemetry::{KeyValue, global};
use store::Database;

use crate::Tasks;

/// How often the time is asked for.
const EVERY: Duration = Duration::from_secs(5);
/// The same as long as nobody has told it.
const SOON: Duration = Duration::from_millis(50);
/// An answer that takes longer is none.
const ANSWER: Duration = Duration::from_secs(2);
/// Questions at the start, of which the quickest answer counts.
const FIRST_QUESTIONS: u32 = 3;
/// A machine whose clock is further off is told of, in microseconds.
const TOLD_ABOVE: i64 = 1_000_000;

/// Who knows the time better than this machine.
#[async_trait]
pub trait TimeSource: Send + Sync + 'static {
    /// Its time, as of some moment between the question and the answer.
    async fn time(&self) -> anyhow::Result<Timestamp>;
}

#[async_trait]
impl TimeSource for Database {
    async fn time(&self) -> anyhow::Result<Timestamp> {
        Ok(Database::time(self).await?)
    }
}

/// A clock that follows a [`TimeSource`].
pub struct FollowedClock {
    begun: Instant,
    /// What the source's clock showed at `begun`, in microseconds.
    at_beginning: AtomicI64,
    /// How far the machine's clock is ahead of it, as it was last compared.
    own_ahead: AtomicI64,
    /// Whether the source was heard at all.
    heard: AtomicBool,
    own: Arc<dyn Clock>,
}

/// What the source's clock showed at the beginning, and how far that may be wrong.
#[derive(Clone, Copy)]
struct Measured {
    at_beginning: i64,
    give_or_take: i64,
}

impl FollowedClock {
    /// Shows this machine's time until it has heard of another one.
    #[must_use]
    pub fn beginning_with(own: Arc<dyn Clock>) -> Arc<Self> {
        let (begun, at_beginning) = (Instant::now(), AtomicI64::new(own.now().micros()));
        let (own_ahead, heard) = (AtomicI64::new(0), AtomicBool::new(false));
        Arc::new(Self { begun, at_beginning, own_ahead, heard, own })
    }

    /// Asks for the time a few times and goes by the quickest answer.
    ///
    /// # Errors
    /// When none came.
    pub async fn set_by(&self, source: &dyn TimeSource) -> anyhow::Result<()> {
        let mut best: Option<Measured> = None;
        for _ in 0..FIRST_QUESTIONS {
            let measured = self.measure(source).await?;
            if best.is_none_or(|best| measured.give_or_take < best.give_or_take) {
                best = Some(measured);
            }
        }
        if let Some(best) = best {
            self.correct(best);
        }
        Ok(())
    }

    /// Tries [`FollowedClock::set_by`] for so long; answers whether the time was told.
    pub async fn set_within(&self, patience: Duration, source: &dyn TimeSource) -> bool {
        let set = async {
            while self.set_by(source).await.is_err() {
                tokio::time::sleep(SOON).await;
            }
        };
        tokio::time::timeout(patience, set).await.is_ok()
    }

    /// Goes on asking until the tasks are stopped. `of` names the metric's line.
    pub fn follow(self: &Arc<Self>, of: &'static str, source: Arc<dyn TimeSource>, tasks: &Tasks) {
        self.show(of);
        let (clock, stop) = (Arc::clone(self), tasks.stopping());
        tasks.spawn("clock", async move {
            let mut told = 0;
            loop {
                told = clock.tell(of, told);
                let pause = if clock.heard.load(Ordering::Relaxed) { EVERY } else { SOON };
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = tokio::time::sleep(pause) => {}
                }
                match clock.measure(&*source).await {
                    Ok(measured) => clock.correct(measured),
                    // The time goes on by the monotonic clock; whoever needs the source hears that it is away.
                    Err(fault) => tracing::debug!(of, fault = format!("{fault:#}"), "nobody told the time"),
                }
            }
        });
    }

    /// Asks once. The source looked at its clock somewhere between question and answer: in the middle, give or take half.
    async fn measure(&self, source: &dyn TimeSource) -> anyhow::Result<Measured> {
        let asked = micros(self.begun.elapsed());
        let told = tokio::time::timeout(ANSWER, source.time()).await.context("no answer in time")??;
        let answered = micros(self.begun.elapsed());
        let half = (answered - asked) / 2;
        Ok(Measured { at_beginning: told.micros() - asked - half, give_or_take: half })
    }

    /// Moves the hand only when it is certainly wrong, so that it does not tremble with every slow answer.
    fn correct(&self, measured: Measured) {
        let off = measured.at_beginning - self.at_beginning.load(Ordering::Relaxed);
        let first = !self.heard.swap(true, Ordering::Relaxed);
        if first || off.abs() > measured.give_or_take {
            self.at_beginning.store(measured.at_beginning, Ordering::Relaxed);
        }
        self.compare();
    }

    fn compare(&self) {
        let ahead = self.own.now().micros() - self.now().micros();
        self.own_ahead.store(ahead, Ordering::Relaxed);
    }

    /// Says when this machine's clock became wrong by more than a second, and when it is right again. Answers what was
    /// said last.
    fn tell(&self, of: &'static str, told: i64) -> i64 {
        let ahead = self.own_ahead.load(Ordering::Relaxed);
        let ahead_ms = ahead / 1_000;
        if ahead.abs() > TOLD_ABOVE && (ahead - told).abs() > TOLD_ABOVE {
            tracing::warn!(of, ahead_ms, "this machine's clock is wrong; the database's time is gone by");
            return ahead;
        }
        if ahead.abs() <= TOLD_ABOVE && told != 0 {
            tracing::info!(of, ahead_ms, "this machine's clock is right again");
            return 0;
        }
        told
    }

    /// Shows at `/metrics` how far this machine's clock is ahead.
    fn show(self: &Arc<Self>, of: &'static str) {
        let (clock, labels) = (Arc::clone(self), [KeyValue::new("service", of)]);
        global::meter("vafa")
            .f64_observable_gauge("vafa.clock.ahead")
            .with_unit("s")
            .with_description("How far this machine's clock is ahead of the time that the service goes by")
            .with_callback(move |out| {
                let ahead = Duration::from_micros(clock.own_ahead.load(Ordering::Relaxed).unsigned_abs());
                let sign = if clock.own_ahead.load(Ordering::Relaxed) < 0 { -1.0 } else { 1.0 };
                out.observe(ahead.as_secs_f64() * sign, &labels);
            })
            .build();
    }
}

impl Clock for FollowedClock {
    fn now(&self) -> Timestamp {
        let at_beginning = self.at_beginning.load(Ordering::Relaxed);
        Timestamp::from_micros(at_beginning.saturating_add(micros(self.begun.elapsed())))
    }
}

fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ManualClock;

    const DAY: i64 = 86_400_000_000;

    /// A source whose clock stands at an offset of this machine's monotonic one, and takes its time to answer.
    struct Source {
        begun: Instant,
        shows: AtomicI64,
        takes: Duration,
    }

    #[async_trait]
    impl TimeSource for Source {
        async fn time(&self) -> anyhow::Result<Timestamp> {
            tokio::time::sleep(self.takes).await;
            let shows = self.shows.load(Ordering::SeqCst) + micros(self.begun.elapsed());
            tokio::time::sleep(self.takes).await;
            Ok(Timestamp::from_micros(shows))
        }
    }

    fn source(shows: i64, takes: Duration) -> Source {
        Source { begun: Instant::now(), shows: AtomicI64::new(shows), takes }
    }

    fn off(clock: &FollowedClock, source: &Source) -> i64 {
        let truth = source.shows.load(Ordering::SeqCst) + micros(source.begun.elapsed());
        clock.now().micros() - truth
    }

    #[tokio::test]
    async fn a_machine_that_is_a_day_off_shows_the_right_time_and_knows_how_wrong_it_is() {
        for wrong in [DAY, -DAY] {
            let own = Arc::new(ManualClock::at(Timestamp::from_micros(20_000 * DAY + wrong)));
            let clock = FollowedClock::beginning_with(own);
            let source = source(20_000 * DAY, Duration::from_millis(5));
            clock.set_by(&source).await.expect("an answer");
            assert!(off(&clock, &source).abs() < 100_000, "{}", off(&clock, &source));
            let ahead = clock.own_ahead.load(Ordering::Relaxed);
            assert!((ahead - wrong).abs() < 1_000_000, "{ahead}");
        }
    }

    #[tokio::test]
    async fn a_jump_of_the_own_clock_changes_nothing_and_one_of_the_source_is_followed() {
        let own = Arc::new(ManualClock::at(Timestamp::from_micros(0)));
        let clock = FollowedClock::beginning_with(Arc::<ManualClock>::clone(&own));
        let source = source(20_000 * DAY, Duration::ZERO);
        clock.set_by(&source).await.expect("an answer");
        own.advance_millis(86_400_000);
        assert!(off(&clock, &source).abs() < 100_000);
        source.shows.fetch_sub(DAY, Ordering::SeqCst);
        clock.correct(clock.measure(&source).await.expect("an answer"));
        assert!(off(&clock, &source).abs() < 100_000);
    }

    #[tokio::test]
    async fn a_slow_answer_does_not_move_a_hand_that_may_be_right() {
        let clock = FollowedClock::beginning_with(Arc::new(ManualClock::at(Timestamp::from_micros(0))));
        let start = clock.at_beginning.load(Ordering::Relaxed);
        clock.correct(Measured { at_beginning: start + 100, give_or_take: 500 });
        let before = clock.at_beginning.load(Ordering::Relaxed);
        assert_eq!(before, start + 100, "the first answer counts");
        clock.correct(Measured { at_beginning: before + 400, give_or_take: 500 });
        assert_eq!(clock.at_beginning.load(Ordering::Relaxed), before);
        clock.correct(Measured { at_beginning: before + 600, give_or_take: 500 });
        assert_eq!(clock.at_beginning.load(Ordering::Relaxed), before + 600);
    }

    #[tokio::test]
    async fn a_wrong_clock_is_told_of_once_and_so_is_its_cure() {
        let own = Arc::new(ManualClock::at(Timestamp::from_micros(0)));
        let clock = FollowedClock::beginning_with(Arc::<ManualClock>::clone(&own));
        clock.compare();
        assert_eq!(clock.tell("points", 0), 0);
        own.advance_millis(3_600_000);
        clock.compare();
        let told = clock.tell("points", 0);
        assert!(told > TOLD_ABOVE);
        assert_eq!(clock.tell("points", told), told);
        own.advance_millis(-3_600_000);
        clock.compare();
        assert_eq!(clock.tell("points", told), 0);
    }
}
