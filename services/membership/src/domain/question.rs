//! Questions of the progressive profile (J2): what the chain would like to know of its members, and what it wants to know it for.

use kernel::{Day, Language, QuestionCode};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use utoipa::ToSchema;

use super::{answer::Answer, birthday::Birthday, line::read_line};

/// The most questions of a chain.
pub const QUESTIONS_LIMIT: u64 = 50;
/// The most options of one question.
pub const OPTIONS_LIMIT: usize = 30;
/// The most characters of a question, its purpose or an option.
pub const WORDS_LIMIT: usize = 200;
/// The most characters of an answer.
pub const ANSWER_LIMIT: usize = 200;
/// The most characters of a question's code, so that the actions that reward it can be named by it.
pub const CODE_LIMIT: usize = 24;
/// The longest that a question which was declined waits, in days.
pub const ASK_AGAIN_LIMIT: u16 = 3_650;
/// The most characters of an e-mail address (RFC 5321).
const EMAIL_LIMIT: usize = 254;
const EMAIL_LOCAL_LIMIT: usize = 64;

/// What kind of answer a question wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum QuestionKind {
    /// One line.
    Text,
    /// A town: one line.
    City,
    /// An e-mail address.
    Email,
    /// Yes or no.
    YesNo,
    /// One of the options.
    Choice,
    /// One or more of the options: interests, for example.
    Choices,
    /// Month and day of birth, by the calendar in which the member knows them. A chain has one such question.
    Birthday,
    /// The same with the year.
    BirthDate,
}

/// Words in all three languages, a line of up to 200 characters each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// Persian.
    #[schema(example = "در کدام شهر زندگی می‌کنید؟")]
    pub fa: String,
    /// Arabic.
    #[schema(example = "في أي مدينة تسكن؟")]
    pub ar: String,
    /// English.
    #[schema(example = "Which town do you live in?")]
    pub en: String,
}

/// One of the answers that may be chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// By which it is answered.
    #[schema(example = "books")]
    pub code: QuestionCode,
    /// What members read.
    pub text: Words,
}

/// What a chain says of a question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asking {
    /// What kind of answer it wants.
    pub kind: QuestionKind,
    /// What members read.
    pub text: Words,
    /// What the chain wants to know it for, as members read it.
    pub purpose: Words,
    /// Its place: lower ones are asked first.
    pub position: u16,
    /// The answers that may be chosen.
    pub options: Vec<Choice>,
    /// After how many days it is asked again when it was declined; `None` for never.
    pub ask_again_days: Option<u16>,
    /// Whether it is asked; one that is not is retired.
    pub live: bool,
}

/// A question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// By which it is named.
    pub code: QuestionCode,
    /// What is asked.
    pub asking: Asking,
}

/// Why a question cannot be asked like this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QuestionFlaw {
    /// The code is too long.
    #[error("the code has more than {CODE_LIMIT} characters")]
    Code,
    /// Words that are empty, too long, or hide something.
    #[error("words that are none")]
    Words(&'static str),
    /// Options where there is nothing to choose, too few or too many of them, or two of one code.
    #[error("the options do not fit the question")]
    Options,
    /// It would wait longer than anybody waits.
    #[error("it is asked again too late, or at once")]
    AskAgain,
}

/// What cannot be done with questions and answers, in order of precedence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ProfileRefusal {
    /// Answers to it would not be answers any more.
    #[error("the question is of another kind")]
    KindFixed,
    /// The chain has as many questions as it may have.
    #[error("there are {limit} questions already")]
    TooMany {
        /// Questions allowed.
        limit: u64,
    },
    /// The chain asks for the birthday by another question.
    #[error("another question asks for the birthday")]
    BirthdayAsked,
    /// It is not asked any more.
    #[error("the question is retired")]
    Retired,
    /// The member answered before, so a till changes nothing.
    #[error("the member answered before")]
    AnswerGiven,
}

/// Why an answer is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("this is no answer to the question")]
pub struct AnswerFlaw;

impl QuestionKind {
    /// Whether answers are chosen from options.
    #[must_use]
    pub const fn has_options(self) -> bool {
        matches!(self, Self::Choice | Self::Choices)
    }

    /// Whether it is the question by which the chain learns birthdays.
    #[must_use]
    pub const fn is_birthday(self) -> bool {
        matches!(self, Self::Birthday | Self::BirthDate)
    }

    /// Whether the question may become one of this kind: answers that were given must stay answers.
    #[must_use]
    pub fn may_become(self, other: Self) -> bool {
        self == other || (self.is_birthday() && other.is_birthday())
    }
}

impl Words {
    /// Those of one language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match language {
            Language::Fa => &self.fa,
            Language::Ar => &self.ar,
            Language::En => &self.en,
        }
    }

    /// Checks each of them: a line of up to [`WORDS_LIMIT`] characters.
    pub(super) fn checked(self) -> Option<Self> {
        let read = |text: &str| read_line(text, WORDS_LIMIT).ok();
        Some(Self { fa: read(&self.fa)?, ar: read(&self.ar)?, en: read(&self.en)? })
    }
}

impl Question {
    /// Checks a question as it was written.
    ///
    /// # Errors
    /// [`QuestionFlaw`], in the order of its variants.
    pub fn checked(code: QuestionCode, asking: Asking) -> Result<Self, QuestionFlaw> {
        if code.as_str().len() > CODE_LIMIT {
            return Err(QuestionFlaw::Code);
        }
        let text = asking.text.checked().ok_or(QuestionFlaw::Words("text"))?;
        let purpose = asking.purpose.checked().ok_or(QuestionFlaw::Words("purpose"))?;
        let mut codes: Vec<&str> = asking.options.iter().map(|option| option.code.as_str()).collect();
        codes.sort_unstable();
        codes.dedup();
        let count = asking.options.len();
        let fits = if asking.kind.has_options() { (2..=OPTIONS_LIMIT).contains(&count) } else { count == 0 };
        if !fits || codes.len() != asking.options.len() {
            return Err(QuestionFlaw::Options);
        }
        let option = |option: Choice| {
            let text = option.text.checked().ok_or(QuestionFlaw::Words("options"))?;
            Ok(Choice { text, ..option })
        };
        let options = asking.options.into_iter().map(option).collect::<Result<_, QuestionFlaw>>()?;
        if asking.ask_again_days.is_some_and(|days| !(1..=ASK_AGAIN_LIMIT).contains(&days)) {
            return Err(QuestionFlaw::AskAgain);
        }
        Ok(Self { code, asking: Asking { text, purpose, options, ..asking } })
    }

    /// Reads an answer to it into its one normal form.
    ///
    /// # Errors
    /// [`AnswerFlaw`].
    pub fn read(&self, given: Answer, today: Day) -> Result<Answer, AnswerFlaw> {
        let option = |code: &QuestionCode| self.asking.options.iter().any(|option| option.code == *code);
        let born = |day: Birthday, with_year: bool| day.year.is_some() == with_year && day.exists(today);
        match (self.asking.kind, given) {
            (QuestionKind::Text | QuestionKind::City, Answer::Line(text)) => {
                read_line(&text, ANSWER_LIMIT).map(Answer::Line).map_err(|_| AnswerFlaw)
            }
            (QuestionKind::Email, Answer::Line(text)) => {
                email(&text).map(|address| Answer::Line(address.to_owned())).ok_or(AnswerFlaw)
            }
            (QuestionKind::YesNo, Answer::Truth(truth)) => Ok(Answer::Truth(truth)),
            (QuestionKind::Choice, Answer::Line(text)) => {
                let code = QuestionCode::parse(&text).ok().filter(option);
                code.map(|_| Answer::Line(text)).ok_or(AnswerFlaw)
            }
            (QuestionKind::Choices, Answer::Some(mut codes)) if codes.iter().all(option) => {
                codes.sort_unstable();
                codes.dedup();
                if codes.is_empty() { Err(AnswerFlaw) } else { Ok(Answer::Some(codes)) }
            }
            (QuestionKind::Birthday, Answer::Day(day)) if born(day, false) => Ok(Answer::Day(day)),
            (QuestionKind::BirthDate, Answer::Day(day)) if born(day, true) => Ok(Answer::Day(day)),
            _ => Err(AnswerFlaw),
        }
    }
}

/// A text that has the shape of an e-mail address. Whether anybody reads what is sent there shows only when they answer.
fn email(text: &str) -> Option<&str> {
    let text = text.trim();
    let (local, domain) = text.rsplit_once('@')?;
    let allowed = |c: char| c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c);
    let label = |label: &str| {
        let inner = label.chars().all(|c| c.is_alphanumeric() || c == '-');
        !label.is_empty() && inner && !label.starts_with('-') && !label.ends_with('-')
    };
    let apart = !local.starts_with('.') && !local.ends_with('.') && !local.contains("..");
    let named = (1..=EMAIL_LOCAL_LIMIT).contains(&local.len()) && local.chars().all(allowed) && apart;
    let placed = domain.contains('.') && domain.split('.').all(label);
    (text.len() <= EMAIL_LIMIT && named && placed).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::birthday::Calendar;

    fn words(text: &str) -> Words {
        Words { fa: text.to_owned(), ar: text.to_owned(), en: text.to_owned() }
    }

    fn code(text: &str) -> QuestionCode {
        QuestionCode::parse(text).unwrap()
    }

    fn option(text: &str) -> Choice {
        Choice { code: code(text), text: words("An option") }
    }

    fn asking(kind: QuestionKind) -> Asking {
        let options = if kind.has_options() { vec![option("books"), option("music")] } else { Vec::new() };
        Asking {
            kind,
            text: words("What?"),
            purpose: words("For this."),
            position: 1,
            options,
            ask_again_days: None,
            live: true,
        }
    }

    fn question(kind: QuestionKind) -> Question {
        Question::checked(code("question"), asking(kind)).unwrap()
    }

    fn line(text: &str) -> Answer {
        Answer::Line(text.to_owned())
    }

    fn today() -> Day {
        Day::parse("2026-11-21").unwrap()
    }

    #[test]
    fn a_question_is_checked_in_order() {
        let good = asking(QuestionKind::Choices);
        let flaw = |asking: Asking| Question::checked(code("question"), asking).err();
        assert_eq!(flaw(good.clone()), None);
        let long = Question::checked(code(&"q".repeat(25)), good.clone()).err();
        assert_eq!(long, Some(QuestionFlaw::Code));
        let bad = Asking { text: words(" "), ..good.clone() };
        assert_eq!(flaw(bad), Some(QuestionFlaw::Words("text")));
        let bad = Asking { purpose: words(&"a".repeat(201)), ..good.clone() };
        assert_eq!(flaw(bad), Some(QuestionFlaw::Words("purpose")));
        for options in [vec![], vec![option("one")], vec![option("one"), option("one")]] {
            assert_eq!(flaw(Asking { options, ..good.clone() }), Some(QuestionFlaw::Options));
        }
        let many = (0..=OPTIONS_LIMIT).map(|number| option(&number.to_string())).collect();
        assert_eq!(flaw(Asking { options: many, ..good.clone() }), Some(QuestionFlaw::Options));
        let none = Asking { kind: QuestionKind::City, ..good.clone() };
        assert_eq!(flaw(none), Some(QuestionFlaw::Options), "nothing to choose");
        for days in [0, ASK_AGAIN_LIMIT + 1] {
            let late = Asking { ask_again_days: Some(days), ..good.clone() };
            assert_eq!(flaw(late), Some(QuestionFlaw::AskAgain));
        }
    }

    #[test]
    fn answers_are_of_the_kind_that_is_asked() {
        let day = |year| Answer::Day(Birthday { calendar: Calendar::Jalali, year, month: 8, day: 30 });
        let codes = |texts: &[&str]| Answer::Some(texts.iter().map(|text| code(text)).collect());
        for (kind, given, kept) in [
            (QuestionKind::City, line("  Tehran "), Some(line("Tehran"))),
            (QuestionKind::City, line(""), None),
            (QuestionKind::Text, line(&"a".repeat(201)), None),
            (QuestionKind::City, Answer::Truth(true), None),
            (QuestionKind::Email, line(" zahra@example.ir "), Some(line("zahra@example.ir"))),
            (QuestionKind::YesNo, Answer::Truth(false), Some(Answer::Truth(false))),
            (QuestionKind::YesNo, line("no"), None),
            (QuestionKind::Choice, line("books"), Some(line("books"))),
            (QuestionKind::Choice, line("cars"), None),
            (QuestionKind::Choices, codes(&["music", "books", "music"]), Some(codes(&["books", "music"]))),
            (QuestionKind::Choices, codes(&["music", "cars"]), None),
            (QuestionKind::Choices, codes(&[]), None),
            (QuestionKind::Birthday, day(None), Some(day(None))),
            (QuestionKind::Birthday, day(Some(1370)), None),
            (QuestionKind::BirthDate, day(Some(1370)), Some(day(Some(1370)))),
            (QuestionKind::BirthDate, day(Some(1406)), None),
            (QuestionKind::BirthDate, day(None), None),
        ] {
            assert!(question(kind).read(given, today()).ok() == kept, "{kind:?}");
        }
    }

    #[test]
    fn an_address_has_the_shape_of_one() {
        for good in ["a@b.ir", "zahra.karimi+club@mail.example.com", "زهرا@مثال.ایران", "o'connor@example.ie"]
        {
            assert_eq!(email(good), Some(good));
        }
        let long = format!("{}@example.com", "a".repeat(65));
        for bad in [
            "",
            "a",
            "a@b",
            "@b.ir",
            "a@.ir",
            "a b@c.ir",
            "a@b..ir",
            ".a@b.ir",
            "a.@b.ir",
            "a..a@b.ir",
            "a@-b.ir",
            "a@b.ir\u{202E}",
            &long,
        ] {
            assert_eq!(email(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_question_for_birthdays_may_begin_or_cease_to_ask_for_the_year() {
        assert!(QuestionKind::Birthday.may_become(QuestionKind::BirthDate));
        assert!(QuestionKind::City.may_become(QuestionKind::City));
        assert!(!QuestionKind::City.may_become(QuestionKind::Text));
    }
}
