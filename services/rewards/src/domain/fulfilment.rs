//! What somebody else delivers for a redemption: a provider over the net, or people of the chain.
//!
//! **It ends delivered or refused, and is believed once**: a refusal only when it is said twice, to the request and to the question that
//! follows; whatever contradicts an end changes nothing, and lies where people look. Silence means nothing at all: the provider is
//! asked again, under the same key, until it says so or people do.

use kernel::Timestamp;

use super::reward::RewardKind;

/// Who delivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A provider that is called.
    Provider,
    /// People of the chain.
    People,
}

/// Where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It is to be sent: whoever delivers knows nothing of it.
    Waiting,
    /// It was sent, and perhaps taken.
    Asked,
    /// It was refused once.
    Doubted,
    /// The member has it.
    Delivered,
    /// The member will not have it.
    Refused,
}

impl RewardKind {
    /// Whether a member can give it back: what partners and others have had of it nobody takes back.
    #[must_use]
    pub const fn comes_back(&self) -> bool {
        !matches!(self, Self::PartnerCoupon { .. }) && self.worth().is_some()
    }

    /// Who else delivers it, and how much; nothing for what is given here.
    #[must_use]
    pub const fn delivered_by(&self) -> Option<(By, i64)> {
        match self {
            Self::TopUp { amount } => Some((By::Provider, *amount)),
            Self::Arranged { .. } => Some((By::People, 0)),
            _ => None,
        }
    }
}

impl By {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::People => "people",
        }
    }

    /// Who is behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Provider, Self::People].into_iter().find(|by| by.word() == word)
    }
}

impl State {
    /// Every state.
    pub const ALL: [Self; 5] = [Self::Waiting, Self::Asked, Self::Doubted, Self::Delivered, Self::Refused];

    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Asked => "asked",
            Self::Doubted => "doubted",
            Self::Delivered => "delivered",
            Self::Refused => "refused",
        }
    }

    /// The state behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// Whether it has ended.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Delivered | Self::Refused)
    }
}

/// What is heard of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken, and under way.
    Pending,
    /// It is delivered.
    Delivered,
    /// It will not be delivered.
    Refused,
    /// Nobody there has heard of it.
    Unknown,
    /// Nothing, or nothing that can be read.
    Silent,
    /// There is nobody any more to whom it could be delivered.
    Nobody,
}

/// What people are to look at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// It was refused, and is said to be delivered now: the member may have both.
    DeliveredAfterRefused,
    /// It was delivered, and is said to be refused now: the member may have neither.
    RefusedAfterDelivered,
}

impl Trouble {
    /// The word in rows and answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::DeliveredAfterRefused => "delivered_after_refused",
            Self::RefusedAfterDelivered => "refused_after_delivered",
        }
    }
}

/// What follows from an answer: where it stands then, and what people are to look at.
#[must_use]
pub const fn decide(state: State, answer: Answer) -> (State, Option<Trouble>) {
    let next = match (state, answer) {
        (State::Delivered, Answer::Refused | Answer::Unknown) => {
            return (state, Some(Trouble::RefusedAfterDelivered));
        }
        (State::Refused, Answer::Delivered) => return (state, Some(Trouble::DeliveredAfterRefused)),
        (State::Delivered | State::Refused, _) => state,
        (_, Answer::Delivered) => State::Delivered,
        (State::Waiting | State::Asked, Answer::Refused) => State::Doubted,
        (State::Doubted, Answer::Refused | Answer::Unknown) => State::Refused,
        (State::Waiting, Answer::Nobody) => State::Refused,
        (State::Asked, Answer::Unknown) => State::Waiting,
        (State::Doubted | State::Waiting | State::Asked, Answer::Pending) => State::Asked,
        // Whether it was taken nobody knows.
        (State::Waiting, Answer::Silent) => State::Asked,
        (State::Waiting, Answer::Unknown) | (_, Answer::Silent | Answer::Nobody) => state,
    };
    (next, None)
}

/// The first pause between two questions, in milliseconds.
const FIRST_MS: i64 = 2_000;
/// The longest.
const LONGEST_MS: i64 = 600_000;

/// When to ask next, after so many questions; at once where a refusal is to be confirmed, and never where it is over.
#[must_use]
pub fn next(state: State, tries: i32, now: Timestamp) -> Option<Timestamp> {
    let doubled = FIRST_MS.saturating_mul(1_i64 << tries.clamp(0, 20));
    match state {
        State::Delivered | State::Refused => None,
        State::Doubted => Some(now),
        State::Waiting | State::Asked => Some(now.plus_millis(doubled.min(LONGEST_MS))),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answers() -> impl Strategy<Value = Vec<Answer>> {
        let one = prop::sample::select(vec![
            Answer::Pending,
            Answer::Delivered,
            Answer::Refused,
            Answer::Unknown,
            Answer::Silent,
        ]);
        prop::collection::vec(one, 0..30)
    }

    proptest! {
        #[test]
        fn it_ends_once_and_whatever_contradicts_its_end_is_seen(heard in answers()) {
            let (mut state, mut ends) = (State::Waiting, 0);
            let mut refusals_before = 0;
            for answer in heard {
                let (next, trouble) = decide(state, answer);
                if state.is_over() {
                    prop_assert_eq!(next, state);
                    let contradicts = matches!(
                        (state, answer),
                        (State::Delivered, Answer::Refused | Answer::Unknown) | (State::Refused, Answer::Delivered)
                    );
                    prop_assert_eq!(trouble.is_some(), contradicts);
                } else {
                    prop_assert_eq!(trouble, None);
                    refusals_before += i32::from(matches!(answer, Answer::Refused));
                    ends += i32::from(next.is_over());
                    // One word of refusal is not enough.
                    prop_assert!(next != State::Refused || state == State::Doubted);
                    prop_assert!(next != State::Refused || refusals_before > 0);
                    prop_assert!(next != State::Delivered || answer == Answer::Delivered);
                }
                state = next;
            }
            prop_assert!(ends <= 1);
        }
    }

    #[test]
    fn what_nobody_answers_is_asked_less_and_less_often() {
        let now = Timestamp::from_micros(0);
        let pause = |tries| next(State::Asked, tries, now).map(|at| at.micros() / 1_000_000);
        assert_eq!((pause(0), pause(1), pause(5), pause(90)), (Some(2), Some(4), Some(64), Some(600)));
        assert_eq!(next(State::Doubted, 9, now), Some(now));
        assert_eq!(next(State::Delivered, 0, now), None);
    }

    #[test]
    fn words_survive_their_rows() {
        for state in State::ALL {
            assert_eq!(State::from_word(state.word()), Some(state));
        }
        for by in [By::Provider, By::People] {
            assert_eq!(By::from_word(by.word()), Some(by));
        }
    }
}
