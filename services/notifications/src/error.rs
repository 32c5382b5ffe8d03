//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use locale::pattern::PatternFlaw;
use store::StoreError;
use web::Problem;

use crate::domain::template::{Flaw, WhatIsWrong};

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
    /// It cannot be done as things are.
    Refused(Refusal),
    /// Another service does not answer.
    NeighbourAway(anyhow::Error),
    /// The database does not answer in time; the same call may succeed later.
    Unavailable(anyhow::Error),
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The dead letter.
    DeadLetter,
    /// The kind of message, or the version of its template.
    Template,
    /// The member.
    Member,
    /// A phone behind a text.
    Sender,
    /// A text that people are to read.
    UnknownText,
}

/// Why something cannot be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Words that could not be said.
    Template(Flaw),
    /// The draft is another one by now.
    DraftChanged,
    /// Nothing leads to the member.
    Unreachable,
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        if error.is_transient() { Self::Unavailable(error.into()) } else { Self::Fault(error.into()) }
    }
}

impl From<anyhow::Error> for Error {
    fn from(error: anyhow::Error) -> Self {
        Self::Fault(error)
    }
}

impl From<Error> for anyhow::Error {
    fn from(error: Error) -> Self {
        match error {
            Error::Unavailable(fault) | Error::NeighbourAway(fault) | Error::Fault(fault) => fault,
            other @ (Error::Missing(_) | Error::Refused(_)) => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub DEAD_LETTER_UNKNOWN = "notifications.dead_letter_unknown", Missing, "There is no such dead letter: it was sent again, is kept no longer, or never was.";
    pub DAYS_OUT_OF_RANGE = "notifications.days_out_of_range", Malformed, "from is not after until, and they are 366 days apart at most.";
    pub LIMIT_OUT_OF_RANGE = "notifications.limit_out_of_range", Malformed, "A page has 1 to 500 items.";
    pub CURSOR_INVALID = "notifications.cursor_invalid", Malformed, "The cursor is none that this list gave out. Begin again without one.";
    pub TEMPLATE_UNKNOWN = "notifications.template_unknown", Missing, "There is no such kind of message, no such version of it, or nothing of the chain's own.";
    pub TEMPLATE_INCOMPLETE = "notifications.template_incomplete", Rejected, "A template has words in Persian, Arabic and English; pointer says which are missing or empty.";
    pub TEMPLATE_UNREADABLE = "notifications.template_unreadable", Rejected, "The text is no Fluent pattern of text, names and choices; pointer says which one.";
    pub TEMPLATE_NAME_UNKNOWN = "notifications.template_name_unknown", Rejected, "The text names what this kind of message does not have; names lists what it has.";
    pub TEMPLATE_TOO_LONG = "notifications.template_too_long", Rejected, "The title has 300 characters at most, the text 2,000.";
    pub TEMPLATE_PARTS = "notifications.template_parts", Rejected, "As a text message it would take more parts than the chain allows.";
    pub DRAFT_CHANGED = "notifications.draft_changed", Conflict, "The draft has another number by now, or there is none. Look at it again.";
    pub PREFERENCE_INVALID = "notifications.preference_invalid", Rejected, "1 to 30 preferences, each of a topic that is a choice and a channel; pointer says what is wrong.";
    pub MEMBER_UNKNOWN = "notifications.member_unknown", Missing, "There is no such member, or they left.";
    pub MEMBER_UNREACHABLE = "notifications.member_unreachable", Rejected, "No provider took the message, or the member has no phone.";
    pub DOOR_UNKNOWN = "notifications.door_unknown", Missing, "There is no such door for texts; the file of providers names them.";
    pub TEXT_UNREADABLE = "notifications.text_unreadable", Rejected, "What came has no sender, no text or no id under the names that the door has for them.";
    pub SENDER_INVALID = "notifications.sender_invalid", Rejected, "The sender is no mobile number of a country that is open.";
    pub UNKNOWN_TEXT_CLOSED = "notifications.unknown_text_closed", Missing, "There is no such text that waits for people: it was closed, is kept no longer, or never came.";
    pub ANSWER_INVALID = "notifications.answer_invalid", Rejected, "An answer has 1 to 600 characters.";
    pub NEIGHBOUR_AWAY = "notifications.neighbour_away", Unavailable, "Another service does not answer in time. Send the same request again.";
    pub DATABASE_BUSY = "notifications.database_busy", Unavailable, "The database does not answer in time. Send the same request again.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        Self::new(match missing {
            Missing::DeadLetter => &DEAD_LETTER_UNKNOWN,
            Missing::Template => &TEMPLATE_UNKNOWN,
            Missing::Member => &MEMBER_UNKNOWN,
            Missing::Sender => &SENDER_INVALID,
            Missing::UnknownText => &UNKNOWN_TEXT_CLOSED,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Template(flaw) => flaw.into(),
            Refusal::DraftChanged => Self::new(&DRAFT_CHANGED),
            Refusal::Unreachable => Self::new(&MEMBER_UNREACHABLE),
        }
    }
}

impl From<Flaw> for Problem {
    fn from(Flaw { language, in_title, what }: Flaw) -> Self {
        let part = if in_title { "title" } else { "text" };
        let at = |code| Self::new(code).pointer(format!("/words/{language}/{part}"));
        let number = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        match what {
            WhatIsWrong::Missing | WhatIsWrong::Pattern(PatternFlaw::Empty) => at(&TEMPLATE_INCOMPLETE),
            WhatIsWrong::TooLong { most } => at(&TEMPLATE_TOO_LONG).arg("most", number(most)),
            WhatIsWrong::Pattern(flaw) => at(&TEMPLATE_UNREADABLE).arg("said", flaw.to_string()),
            WhatIsWrong::Unknown { name } => at(&TEMPLATE_NAME_UNKNOWN).arg("name", name),
            WhatIsWrong::TooManyParts { parts, most } => {
                at(&TEMPLATE_PARTS).arg("parts", number(parts)).arg("most", number(most))
            }
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Refused(refusal) => refusal.into(),
            Error::NeighbourAway(fault) => {
                Self::fault_as(&NEIGHBOUR_AWAY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Unavailable(fault) => {
                Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
