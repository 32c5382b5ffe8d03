//! Consents: what a member agreed to, in which words, and what they took back (J9).
//!
//! **Each consent stands alone, and what was said once stays said**: the ledger of a member only grows. A consent is to
//! the words that were shown; whoever shows old words is told so.

use contracts::membership::{ConsentChannel, ConsentGiven, ConsentWithdrawn};
use kernel::{BranchCode, Language, MemberId, PurposeCode, TillCode, Timestamp};

use super::{
    line::{LineFlaw, read_line},
    rejection::Rejection,
};

/// The most characters of a text that asks for a consent.
pub const CONSENT_TEXT_LIMIT: usize = 1_000;
/// The most purposes of a chain.
pub const PURPOSES_LIMIT: u64 = 50;

/// The words that ask for a consent, in all three languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentTexts([String; 3]);

impl ConsentTexts {
    /// Reads the words, in the order of [`Language::ALL`]: a line each.
    ///
    /// # Errors
    /// The first language whose words are not accepted, and why.
    pub fn parse(texts: [&str; 3]) -> Result<Self, (Language, LineFlaw)> {
        let mut read = [const { String::new() }; 3];
        for ((slot, text), language) in read.iter_mut().zip(texts).zip(Language::ALL) {
            *slot = read_line(text, CONSENT_TEXT_LIMIT).map_err(|flaw| (language, flaw))?;
        }
        Ok(Self(read))
    }

    /// The words, in the order of [`Language::ALL`].
    #[must_use]
    pub const fn all(&self) -> &[String; 3] {
        &self.0
    }
}

/// A purpose with one version of the words that ask for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Purpose {
    /// Its code.
    pub code: PurposeCode,
    /// The version of its words, from 1.
    pub version: u32,
    /// The words.
    pub texts: ConsentTexts,
    /// Since when they are shown.
    pub since: Timestamp,
}

/// What becomes of a purpose that is put.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It has these words already.
    Same(Purpose),
    /// It gets words, the first or others.
    Words(Purpose),
}

/// Gives a purpose its words, the first or others; the same words again change nothing.
#[must_use]
pub fn put_purpose(known: Option<Purpose>, code: PurposeCode, texts: ConsentTexts, now: Timestamp) -> Put {
    match known {
        Some(known) if known.texts == texts => Put::Same(known),
        known => {
            let version = known.map_or(1, |known| known.version.saturating_add(1));
            Put::Words(Purpose { code, version, texts, since: now })
        }
    }
}

/// Where a member said something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SaidAt {
    /// In an app, signed in.
    App,
    /// At a till.
    Till(BranchCode, TillCode),
    /// To the back office.
    Office,
}

impl SaidAt {
    /// The channel, as facts and rows name it.
    #[must_use]
    pub const fn channel(&self) -> ConsentChannel {
        match self {
            Self::App => ConsentChannel::App,
            Self::Till(..) => ConsentChannel::Till,
            Self::Office => ConsentChannel::Office,
        }
    }
}

/// The channel's word in rows.
#[must_use]
pub const fn channel_word(channel: ConsentChannel) -> &'static str {
    match channel {
        ConsentChannel::App => "app",
        ConsentChannel::Till => "till",
        ConsentChannel::Office => "office",
    }
}

/// What a member said about one purpose: a line of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// About what.
    pub purpose: PurposeCode,
    /// Whether they consent.
    pub given: bool,
    /// The version of the words that they consent to, or consented to.
    pub version: u32,
    /// The language in which they were shown.
    pub language: Language,
    /// Where it was said.
    pub at: SaidAt,
    /// When.
    pub time: Timestamp,
}

/// A line of a member's ledger with its number there, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number.
    pub number: u64,
    /// What was said.
    pub said: Said,
}

/// Decides whether a consent to the words of version `version` is a new one: `false` when the member consents to them
/// already.
///
/// # Errors
/// [`Rejection::ConsentTextOutdated`].
pub fn give(last: Option<&Entry>, purpose: &Purpose, version: u32) -> Result<bool, Rejection> {
    if version != purpose.version {
        return Err(Rejection::ConsentTextOutdated { version: purpose.version });
    }
    Ok(last.is_none_or(|last| !last.said.given || last.said.version != version))
}

/// What withdraws the consent that `last` gave; `None` when there is none.
#[must_use]
pub fn withdraw(last: Option<Entry>, at: SaidAt, time: Timestamp) -> Option<Said> {
    let last = last.filter(|last| last.said.given)?;
    Some(Said { given: false, at, time, ..last.said })
}

/// What is told of a consent that was given.
#[must_use]
pub fn told_given(member: MemberId, said: &Said) -> ConsentGiven {
    ConsentGiven { member_id: member, purpose: said.purpose.clone(), channel: said.at.channel() }
}

/// What is told of a consent that was withdrawn.
#[must_use]
pub fn told_withdrawn(member: MemberId, said: &Said) -> ConsentWithdrawn {
    ConsentWithdrawn { member_id: member, purpose: said.purpose.clone(), channel: said.at.channel() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(words: &str) -> ConsentTexts {
        ConsentTexts::parse([words; 3]).expect("words")
    }

    fn purpose(version: u32) -> Purpose {
        Purpose {
            code: PurposeCode::parse("offers-by-sms").expect("a code"),
            version,
            texts: texts("May we?"),
            since: Timestamp::from_micros(1),
        }
    }

    fn entry(given: bool, version: u32) -> Entry {
        let said = Said {
            purpose: purpose(1).code,
            given,
            version,
            language: Language::Fa,
            at: SaidAt::App,
            time: Timestamp::from_micros(2),
        };
        Entry { number: 1, said }
    }

    #[test]
    fn words_are_numbered_and_the_same_words_stay_one_version() {
        let code = purpose(1).code;
        let Put::Words(first) = put_purpose(None, code.clone(), texts("A"), Timestamp::from_micros(1)) else {
            panic!("new words")
        };
        assert_eq!(first.version, 1);
        let again = put_purpose(Some(first.clone()), code.clone(), texts("A"), Timestamp::from_micros(2));
        assert_eq!(again, Put::Same(first.clone()));
        let Put::Words(second) = put_purpose(Some(first), code, texts("B"), Timestamp::from_micros(3)) else {
            panic!("new words")
        };
        assert_eq!((second.version, second.since), (2, Timestamp::from_micros(3)));
    }

    #[test]
    fn words_are_needed_in_every_language() {
        assert_eq!(ConsentTexts::parse(["A", "B", " "]), Err((Language::ALL[2], LineFlaw::Empty)));
        let long = "a".repeat(CONSENT_TEXT_LIMIT + 1);
        let flaw = LineFlaw::TooLong { limit: CONSENT_TEXT_LIMIT };
        assert_eq!(ConsentTexts::parse([&long, "B", "C"]), Err((Language::ALL[0], flaw)));
    }

    #[test]
    fn a_consent_is_to_the_words_of_now_and_is_given_once() {
        let outdated = Err(Rejection::ConsentTextOutdated { version: 2 });
        assert_eq!(give(None, &purpose(2), 1), outdated);
        assert_eq!(give(None, &purpose(2), 3), outdated);
        assert_eq!(give(None, &purpose(2), 2), Ok(true));
        assert_eq!(give(Some(&entry(true, 2)), &purpose(2), 2), Ok(false));
        assert_eq!(give(Some(&entry(true, 1)), &purpose(2), 2), Ok(true), "to other words than before");
        assert_eq!(give(Some(&entry(false, 2)), &purpose(2), 2), Ok(true), "again, after it was withdrawn");
    }

    #[test]
    fn what_is_withdrawn_names_the_words_that_were_consented_to() {
        let at = Timestamp::from_micros(9);
        let said = withdraw(Some(entry(true, 1)), SaidAt::Office, at).expect("a consent to withdraw");
        assert_eq!((said.given, said.version, said.language, said.time), (false, 1, Language::Fa, at));
        assert_eq!(withdraw(Some(entry(false, 1)), SaidAt::App, at), None);
        assert_eq!(withdraw(None, SaidAt::App, at), None);
    }
}
