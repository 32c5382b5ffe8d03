//! Transfers: points that one member gives to another (P4, P5, P6).
//!
//! **Transfers conserve points**: what leaves the sender is on its way or arrives or comes back, never more and never less,
//! and each lot keeps its last day and its funder wherever it goes.
//!
//! A transfer is decided once, when it is requested: the terms of the programme that was live then hold for it to its end.

mod movements;
#[cfg(test)]
mod properties;
mod request;
mod steps;
#[cfg(test)]
mod tables;
mod terms;

use super::numbered::numbered;
use kernel::{Day, MemberId, Points, Timestamp, TransferId};

pub use movements::{Arrival, arrive, give_back};
pub use request::{Relation, SentBefore, TransferAsk, TransferRefusal, TransferSent, decide_transfer};
pub use steps::{NotNow, TransferStep, as_requested, standing, take_step, taken_before, turn_back};
pub use terms::{Circle, TransferCap, TransferFee, TransferTerms, Window};

numbered! {
    /// What moves the points.
    TransferKind {
        /// Somebody gives some of theirs.
        Transfer = 1,
        /// A card goes over to another person, with everything on it.
        HandOver = 2,
    }
}

numbered! {
    /// Where a transfer stands.
    TransferStatus {
        /// It waits for the sender's own confirmation, by a one-time code.
        StepUp = 1,
        /// It waits for a second person's approval.
        Review = 2,
        /// It waits for the receiver's word.
        Acceptance = 3,
        /// It waits until its time is over; the sender can still recall it.
        CoolingOff = 4,
        /// The receiver has the points.
        Completed = 5,
        /// The receiver, or the second person, said no; the points came back.
        Declined = 6,
        /// The sender took it back; the points came back.
        Recalled = 7,
        /// Nobody said anything in time; the points came back.
        Expired = 8,
    }
}

impl TransferStatus {
    /// Whether the points are on their way.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::StepUp | Self::Review | Self::Acceptance | Self::CoolingOff)
    }

    /// The word for it in answers.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::StepUp => "step_up",
            Self::Review => "review",
            Self::Acceptance => "acceptance",
            Self::CoolingOff => "cooling_off",
            Self::Completed => "completed",
            Self::Declined => "declined",
            Self::Recalled => "recalled",
            Self::Expired => "expired",
        }
    }
}

/// A transfer, as it was requested and as far as it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// What moves the points.
    pub kind: TransferKind,
    /// Who gives.
    pub sender: MemberId,
    /// Who gets.
    pub receiver: MemberId,
    /// How many points the receiver gets.
    pub points: Points,
    /// How many more the sender pays for it.
    pub fee: Points,
    /// The person who made it on the sender's behalf.
    pub agent: Option<String>,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// The same as a day on the chain's wall clock, which caps go by.
    pub requested_on: Day,
    /// When the sender confirmed it by a code.
    pub confirmed_at: Option<Timestamp>,
    /// When a second person approved it.
    pub approved_at: Option<Timestamp>,
    /// Who approved or refused it.
    pub reviewer: Option<String>,
    /// When the receiver accepted it.
    pub accepted_at: Option<Timestamp>,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// Where it stands.
    pub status: TransferStatus,
    /// When it goes on by itself: cooling off ends, or waiting does. `None` once it has ended.
    pub due_at: Option<Timestamp>,
}
