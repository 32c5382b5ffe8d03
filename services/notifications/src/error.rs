//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use store::StoreError;
use web::Problem;

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
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
            Error::Unavailable(fault) | Error::Fault(fault) => fault,
            other @ Error::Missing(_) => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub DEAD_LETTER_UNKNOWN = "notifications.dead_letter_unknown", Missing, "There is no such dead letter: it was sent again, is kept no longer, or never was.";
    pub DAYS_OUT_OF_RANGE = "notifications.days_out_of_range", Malformed, "from is not after until, and they are 366 days apart at most.";
    pub LIMIT_OUT_OF_RANGE = "notifications.limit_out_of_range", Malformed, "A page has 1 to 500 items.";
    pub CURSOR_INVALID = "notifications.cursor_invalid", Malformed, "The cursor is none that this list gave out. Begin again without one.";
    pub RECEIPT_DOOR_UNKNOWN = "notifications.receipt_door_unknown", Missing, "There is no such provider, or what came has neither its signature nor its secret.";
    pub RECEIPT_UNREADABLE = "notifications.receipt_unreadable", Rejected, "The receipt is the provider's, and says of no message what became of it.";
    pub DATABASE_BUSY = "notifications.database_busy", Unavailable, "The database does not answer in time. Send the same request again.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        Self::new(match missing {
            Missing::DeadLetter => &DEAD_LETTER_UNKNOWN,
        })
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Unavailable(fault) => {
                Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
