//! How many codes may be asked for: windows of time in which askings are counted.
//!
//! **What a window allows is never exceeded, on however many replicas it is counted**: the store adds to a window and
//! refuses in one statement, in the transaction that makes the code. Windows lie on whole hours and days of UTC, so that
//! every replica means the same one. A number that nobody has is counted like one that somebody has.

use kernel::{Digest16, Timestamp};

/// A minute in microseconds.
pub const MINUTE: i64 = 60 * 1_000_000;
/// An hour in microseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in microseconds.
pub const DAY: i64 = 24 * HOUR;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// Codes for one phone in an hour.
    PhoneHour,
    /// Codes for one phone in a day.
    PhoneDay,
    /// Codes asked for by one network address in an hour.
    AddressHour,
    /// Codes for phones of one beginning in an hour: pumping goes through ranges of numbers.
    PrefixHour,
    /// Money spent on messages in a day.
    MoneyDay,
    /// Codes that one member has sent to phones that shall be theirs in a day.
    MemberDay,
    /// Texts that one phone sends to the club's number in a day.
    TextDay,
    /// Referral codes that one member gives in a day.
    ReferralDay,
}

impl Counted {
    /// The word under which it is counted.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PhoneHour => "phone-hour",
            Self::PhoneDay => "phone-day",
            Self::AddressHour => "address-hour",
            Self::PrefixHour => "prefix-hour",
            Self::MoneyDay => "money-day",
            Self::MemberDay => "member-day",
            Self::TextDay => "text-day",
            Self::ReferralDay => "referral-day",
        }
    }

    /// How long a window is, in microseconds.
    #[must_use]
    pub const fn length(self) -> i64 {
        match self {
            Self::PhoneHour | Self::AddressHour | Self::PrefixHour => HOUR,
            Self::PhoneDay | Self::MoneyDay | Self::MemberDay | Self::TextDay | Self::ReferralDay => DAY,
        }
    }
}

/// One window and what an asking does to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeWindow {
    /// What is counted.
    pub counted: Counted,
    /// Whose: a keyed hash of the phone, the address, the beginning.
    pub subject: Digest16,
    /// When the window began.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// What this asking adds.
    pub adds: u64,
    /// What must still fit: the same for a number that nobody has, for which nothing is spent.
    pub weighs: u64,
    /// The most that the window takes.
    pub most: u64,
}

impl CodeWindow {
    /// The window around `now`.
    #[must_use]
    pub const fn around(counted: Counted, subject: Digest16, now: Timestamp, most: u64) -> Self {
        let begin = now.micros() - now.micros().rem_euclid(counted.length());
        Self {
            counted,
            subject,
            since: Timestamp::from_micros(begin),
            until: Timestamp::from_micros(begin.saturating_add(counted.length())),
            adds: 1,
            weighs: 1,
            most,
        }
    }

    /// The same, for an amount of money: it must fit, and is added when it is spent.
    #[must_use]
    pub const fn spending(mut self, cost: u64, spent: bool) -> Self {
        self.weighs = cost;
        self.adds = if spent { cost } else { 0 };
        self
    }

    /// In how many seconds the next window begins.
    #[must_use]
    pub fn seconds_left(&self, now: Timestamp) -> u64 {
        let left = self.until.micros().saturating_sub(now.micros()).max(0);
        u64::try_from(left).unwrap_or(0).div_ceil(1_000_000).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_of_an_hour_means_the_same_window() {
        let at = |micros| {
            CodeWindow::around(Counted::PhoneHour, Digest16([1; 16]), Timestamp::from_micros(micros), 5)
        };
        assert_eq!(at(7 * HOUR), at(8 * HOUR - 1));
        assert_ne!(at(8 * HOUR - 1).since, at(8 * HOUR).since);
        assert_eq!(at(7 * HOUR + 1).seconds_left(Timestamp::from_micros(8 * HOUR - 1_500_000)), 2);
    }

    #[test]
    fn money_must_fit_also_where_none_is_spent() {
        let window = CodeWindow::around(Counted::MoneyDay, Digest16([0; 16]), Timestamp::from_micros(0), 100);
        let (known, unknown) = (window.clone().spending(30, true), window.spending(30, false));
        assert_eq!((known.adds, known.weighs), (30, 30));
        assert_eq!((unknown.adds, unknown.weighs), (0, 30));
    }
}
