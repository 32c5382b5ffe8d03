//! What can stand between a command and its answer, and the codes under which callers meet it.

use anyhow::anyhow;
use axum::http::{HeaderValue, header::RETRY_AFTER};
use store::StoreError;
use web::{Problem, SCOPE_MISSING};

use crate::{adapters::address::AddressFlaw, domain::refusal::Refusal};

/// Why a command or a question has no good answer.
#[derive(Debug)]
pub enum Error {
    /// What it is about does not exist.
    Missing(Missing),
    /// The business says no.
    Refused(Refusal),
    /// The address is none that is called.
    Address(AddressFlaw),
    /// The database does not answer in time; the same call may succeed later.
    Unavailable(anyhow::Error),
    /// Our machine broke.
    Fault(anyhow::Error),
}

/// What does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The webhook, of whoever asks.
    Webhook,
    /// The message, to that webhook.
    Delivery,
}

impl From<Missing> for Error {
    fn from(missing: Missing) -> Self {
        Self::Missing(missing)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<AddressFlaw> for Error {
    fn from(flaw: AddressFlaw) -> Self {
        Self::Address(flaw)
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
            other => anyhow!("{other:?}"),
        }
    }
}

web::error_codes! {
    pub WEBHOOK_UNKNOWN = "webhooks.webhook_unknown", Missing, "There is no such webhook, or it is another's.";
    pub DELIVERY_UNKNOWN = "webhooks.delivery_unknown", Missing, "There is no such message to this webhook; taken ones are kept for some days only.";
    pub URL_INVALID = "webhooks.url_invalid", Rejected, "A webhook's address is https://host/path, up to 500 visible ASCII characters, without user, password or fragment, at port 443 or from 1024 on.";
    pub HOST_NOT_LISTED = "webhooks.host_not_listed", Rejected, "The chain calls webhooks at hosts of its own list only (webhooks.hosts), and this one is not on it.";
    pub ADDRESS_REFUSED = "webhooks.address_refused", Rejected, "The host cannot be found, or leads to a network address that is not of the public internet. Nothing inside is called.";
    pub KINDS_INVALID = "webhooks.kinds_invalid", Rejected, "A webhook names at least one kind of fact, and only kinds that are told outside; GET /v1/webhook-kinds lists them. pointer names the one that is not.";
    pub BRANCHES_TOO_MANY = "webhooks.branches_too_many", Rejected, "A filter names 200 branches at most; name none for all of them.";
    pub OVERLAP_TOO_LONG = "webhooks.overlap_too_long", Rejected, "A replaced secret signs for seven days at most.";
    pub WEBHOOKS_TOO_MANY = "webhooks.webhooks_too_many", Conflict, "The owner has as many webhooks as it may have; limit says how many. Remove one first.";
    pub WEBHOOK_ENDED = "webhooks.webhook_ended", Conflict, "The receiver answered 410, so nothing is sent any more. Switch the webhook on first.";
    pub DELIVERY_NOT_DEAD = "webhooks.delivery_not_dead", Conflict, "Only dead letters are sent again: this message was taken, or is still tried.";
    pub PINGS_TOO_MANY = "webhooks.pings_too_many", TooMany, "Five test messages a minute are enough. Retry-After says when the next one may be sent.";
    pub LIMIT_OUT_OF_RANGE = "webhooks.limit_out_of_range", Malformed, "A page has 1 to 500 items.";
    pub CURSOR_INVALID = "webhooks.cursor_invalid", Malformed, "The cursor is none that this list gave out. Begin again without one.";
    pub DATABASE_BUSY = "webhooks.database_busy", Unavailable, "The database does not answer in time. Send the same request again.";
}

impl From<Missing> for Problem {
    fn from(missing: Missing) -> Self {
        Self::new(match missing {
            Missing::Webhook => &WEBHOOK_UNKNOWN,
            Missing::Delivery => &DELIVERY_UNKNOWN,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::TooMany { limit } => {
                Self::new(&WEBHOOKS_TOO_MANY).arg("limit", limit).extension("limit", limit)
            }
            Refusal::ScopeMissing { scope } => {
                let word = scope.word();
                Self::new(&SCOPE_MISSING).arg("scope", word).extension("scope", word).pointer("/kinds")
            }
            Refusal::Ended => Self::new(&WEBHOOK_ENDED),
            Refusal::NotDead => Self::new(&DELIVERY_NOT_DEAD),
            Refusal::PingsTooMany { seconds } => {
                Self::new(&PINGS_TOO_MANY).arg("seconds", seconds).header(RETRY_AFTER, seconds.into())
            }
        }
    }
}

impl From<AddressFlaw> for Problem {
    fn from(flaw: AddressFlaw) -> Self {
        let code = match flaw {
            AddressFlaw::Form => &URL_INVALID,
            AddressFlaw::HostNotListed => &HOST_NOT_LISTED,
            AddressFlaw::NotCalled => &ADDRESS_REFUSED,
        };
        Self::new(code).pointer("/url")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        match error {
            Error::Missing(missing) => missing.into(),
            Error::Refused(refusal) => refusal.into(),
            Error::Address(flaw) => flaw.into(),
            Error::Unavailable(fault) => {
                Self::fault_as(&DATABASE_BUSY, fault).header(RETRY_AFTER, HeaderValue::from_static("1"))
            }
            Error::Fault(fault) => Self::fault(fault),
        }
    }
}
