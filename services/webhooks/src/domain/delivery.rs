//! One message to a webhook: recorded once for each fact, tried until it is taken or its time is over.

use kernel::{DeliveryId, FactId, Timestamp, WebhookId};

/// The pause after the first attempt that failed, in milliseconds.
const FIRST_PAUSE: i64 = 5_000;
/// How much longer each pause is than the one before.
const GROWTH: i64 = 4;
/// The longest pause, in milliseconds: six hours.
const LONGEST_PAUSE: i64 = 6 * 60 * 60_000;

/// Where a message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It waits for an attempt.
    Waiting,
    /// It was taken.
    Delivered,
    /// It was given up: a dead letter.
    Dead,
}

impl Standing {
    /// The word in questions and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Dead => "dead",
        }
    }

    /// The number in rows.
    #[must_use]
    pub const fn number(self) -> i16 {
        match self {
            Self::Waiting => 0,
            Self::Delivered => 1,
            Self::Dead => 2,
        }
    }

    /// The standing behind a stored number.
    #[must_use]
    pub fn from_number(number: i16) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Dead].into_iter().find(|standing| standing.number() == number)
    }
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Answered with 2xx.
    Taken(u16),
    /// Answered with 410: nothing is wanted any more.
    Gone,
    /// Answered with anything else, redirects among it, perhaps with how long to wait, in seconds.
    Refused(u16, Option<u32>),
    /// No whole head of an answer in time.
    TimedOut,
    /// Nobody there, or the certificate is not believed.
    Unreachable,
    /// The connection broke before the answer.
    Broken,
    /// The host leads to an address that is not called, or nowhere.
    AddressRefused,
}

impl Outcome {
    /// The status that was answered.
    #[must_use]
    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Taken(status) | Self::Refused(status, _) => Some(status),
            Self::Gone => Some(410),
            _ => None,
        }
    }

    /// The outcome in one word; nothing that the receiver wrote is in it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Taken(_) => "taken",
            Self::Gone => "gone",
            Self::Refused(..) => "refused",
            Self::TimedOut => "timed_out",
            Self::Unreachable => "unreachable",
            Self::Broken => "broken",
            Self::AddressRefused => "address_refused",
        }
    }

    /// How long the receiver asked to be left alone, in seconds.
    #[must_use]
    pub const fn wait_s(self) -> Option<u32> {
        match self {
            Self::Refused(429 | 503, wait) => wait,
            _ => None,
        }
    }
}

/// Why a message is a dead letter, when no attempt says so: its webhook was switched off, removed, or has ended.
pub const NOT_WANTED: &str = "not_wanted";
/// The same: its time was over before it was tried.
pub const OUT_OF_TIME: &str = "out_of_time";

/// A message, without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id, the header `webhook-id` of every attempt.
    pub id: DeliveryId,
    /// To whom.
    pub webhook: WebhookId,
    /// The fact that it tells; nothing for a test message.
    pub fact: Option<FactId>,
    /// The fact's kind.
    pub kind: String,
    /// Where it stands.
    pub standing: Standing,
    /// Attempts so far.
    pub attempts: u32,
    /// When the next one is due.
    pub next_at: Timestamp,
    /// When it is given up.
    pub deadline: Timestamp,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was taken or given up.
    pub finished_at: Option<Timestamp>,
    /// The status of the last attempt.
    pub last_status: Option<u16>,
    /// Its outcome in one word.
    pub last_outcome: Option<String>,
}

/// One attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub at: Timestamp,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// The status that was answered.
    pub status: Option<u16>,
    /// Its outcome in one word.
    pub outcome: String,
}

impl Delivery {
    /// The same message after an attempt. `chance` makes pauses of many messages differ.
    ///
    /// The pauses are 5 s, 20 s, 80 s … up to six hours, each a fifth more or less by chance; the last attempt is at the
    /// deadline.
    #[must_use]
    pub fn after(mut self, outcome: Outcome, now: Timestamp, chance: u16) -> Self {
        self.attempts = self.attempts.saturating_add(1);
        self.last_status = outcome.status();
        self.last_outcome = Some(outcome.word().to_owned());
        match outcome {
            Outcome::Taken(_) => self.finished(Standing::Delivered, now),
            Outcome::Gone => self.finished(Standing::Dead, now),
            _ if now >= self.deadline => self.finished(Standing::Dead, now),
            _ => {
                let asked = outcome.wait_s().map(|seconds| i64::from(seconds) * 1_000);
                let pause = asked.unwrap_or_default().max(pause_after(self.attempts, chance));
                self.next_at = now.plus_millis(pause).min(self.deadline);
                self
            }
        }
    }

    /// A dead letter that is sent again, for so many milliseconds from now on.
    #[must_use]
    pub fn again(mut self, now: Timestamp, for_millis: i64) -> Self {
        self.standing = Standing::Waiting;
        self.next_at = now;
        self.deadline = now.plus_millis(for_millis);
        self.finished_at = None;
        self
    }

    fn finished(mut self, standing: Standing, now: Timestamp) -> Self {
        self.standing = standing;
        self.finished_at = Some(now);
        self
    }
}

fn pause_after(attempts: u32, chance: u16) -> i64 {
    let factor = GROWTH.saturating_pow(attempts.saturating_sub(1).min(10));
    let pause = FIRST_PAUSE.saturating_mul(factor).min(LONGEST_PAUSE);
    // From four fifths to six fifths.
    pause * 4 / 5 + pause * 2 / 5 * i64::from(chance) / i64::from(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(millis * 1_000)
    }

    fn fresh() -> Delivery {
        Delivery {
            id: "0192f3a1-7c00-7000-8000-000000000001".parse().expect("an id"),
            webhook: "0192f3a1-7c00-7000-8000-000000000002".parse().expect("an id"),
            fact: None,
            kind: "vafa.webhooks.ping.v1".to_owned(),
            standing: Standing::Waiting,
            attempts: 0,
            next_at: at(0),
            deadline: at(3 * DAY),
            created_at: at(0),
            finished_at: None,
            last_status: None,
            last_outcome: None,
        }
    }

    #[test]
    fn what_nobody_takes_is_tried_for_three_days_and_then_a_dead_letter() {
        for chance in [0, u16::MAX / 2, u16::MAX] {
            let (mut delivery, mut times) = (fresh(), Vec::new());
            while delivery.standing == Standing::Waiting {
                let now = delivery.next_at;
                times.push(now);
                delivery = delivery.after(Outcome::TimedOut, now, chance);
            }
            assert_eq!((delivery.standing, delivery.finished_at), (Standing::Dead, Some(at(3 * DAY))));
            assert!((15..30).contains(&times.len()), "{} attempts", times.len());
            let pauses: Vec<i64> = times.windows(2).map(|pair| pair[1].millis_since(pair[0])).collect();
            assert!(
                (4_000..=6_000).contains(&pauses[0]) && (16_000..=24_000).contains(&pauses[1]),
                "{pauses:?}"
            );
            assert!(pauses.iter().all(|pause| *pause <= 6 * 60 * 60_000 * 6 / 5), "{pauses:?}");
        }
    }

    #[test]
    fn a_receiver_is_asked_again_no_sooner_than_it_says() {
        let busy = fresh().after(Outcome::Refused(429, Some(600)), at(0), 0);
        assert_eq!(busy.next_at, at(600_000));
        let other = fresh().after(Outcome::Refused(500, Some(600)), at(0), 0);
        assert_eq!(other.next_at, at(4_000), "others say nothing about waiting");
    }

    #[test]
    fn what_is_taken_or_unwanted_is_never_tried_again_until_a_dead_letter_is_replayed() {
        let taken = fresh().after(Outcome::Taken(204), at(7), 0);
        assert_eq!((taken.standing, taken.finished_at), (Standing::Delivered, Some(at(7))));
        let gone = fresh().after(Outcome::Gone, at(7), 0);
        assert_eq!((gone.standing, gone.last_status), (Standing::Dead, Some(410)));
        let again = gone.again(at(9), DAY);
        assert_eq!((again.standing, again.next_at, again.deadline), (Standing::Waiting, at(9), at(9 + DAY)));
        assert_eq!((again.attempts, again.finished_at), (1, None));
    }
}
