//! Facts about events and workshops for members.

use kernel::{BranchCode, EventCode, MemberId, RewardCode, SeatId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{MEMBER, branch};
use crate::FactData;

const SEAT: SeatId = SeatId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_000e));

fn event() -> EventCode {
    EventCode::parse("barista-evening").expect("a code")
}

/// A member has a seat at an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatBooked {
    /// The seat.
    pub seat_id: SeatId,
    /// At which event.
    pub event: EventCode,
    /// Whose.
    pub member_id: MemberId,
    /// Whether they moved up from the waiting list.
    pub moved_up: bool,
    /// When the event begins.
    pub starts_at: Timestamp,
    /// Until when they may give it back.
    pub cancel_until: Timestamp,
}

/// Why a seat, or a place in the waiting list, is nobody's any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhySeatEnded {
    /// The member gave it back.
    Cancelled,
    /// The points that it costs could not be had.
    NotPaid,
    /// The member may not have it any more.
    NotOffered,
    /// The event is over, and nobody moved up that far.
    EventOver,
    /// The chain called the event off; points that were redeemed for a seat come back.
    EventCancelled,
    /// The member's data is erased.
    MemberErased,
}

/// A seat, or a place in the waiting list, is nobody's any more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatEnded {
    /// The seat.
    pub seat_id: SeatId,
    /// At which event.
    pub event: EventCode,
    /// Whose it was.
    pub member_id: MemberId,
    /// Why.
    pub reason: WhySeatEnded,
}

/// A member came to an event: their ticket was taken at the door.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatAttended {
    /// The seat.
    pub seat_id: SeatId,
    /// At which event.
    pub event: EventCode,
    /// Who.
    pub member_id: MemberId,
    /// Where.
    pub branch: BranchCode,
    /// The reward by which the event is in the catalogue.
    pub reward: RewardCode,
}

/// An event is over, and a member who had a seat did not come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SeatMissed {
    /// The seat.
    pub seat_id: SeatId,
    /// At which event.
    pub event: EventCode,
    /// Who.
    pub member_id: MemberId,
}

impl FactData for SeatBooked {
    const TYPE: &'static str = "vafa.rewards.seat_booked.v1";
    const ABOUT: &'static str =
        "A member has a seat at an event, perhaps moved up from the waiting list. Subject: the seat's id.";
    fn sample() -> Self {
        Self {
            seat_id: SEAT,
            event: event(),
            member_id: MEMBER,
            moved_up: true,
            starts_at: Timestamp::from_micros(1_796_000_000_000_000),
            cancel_until: Timestamp::from_micros(1_795_900_000_000_000),
        }
    }
}

impl FactData for SeatEnded {
    const TYPE: &'static str = "vafa.rewards.seat_ended.v1";
    const ABOUT: &'static str =
        "A seat at an event, or a place in its waiting list, is nobody's any more. Subject: the seat's id.";
    fn sample() -> Self {
        Self { seat_id: SEAT, event: event(), member_id: MEMBER, reason: WhySeatEnded::Cancelled }
    }
}

impl FactData for SeatAttended {
    const TYPE: &'static str = "vafa.rewards.seat_attended.v1";
    const ABOUT: &'static str =
        "A member came to an event: their ticket was taken at the door. Subject: the seat's id.";
    fn sample() -> Self {
        let reward = RewardCode::parse("barista-evening").expect("a code");
        Self { seat_id: SEAT, event: event(), member_id: MEMBER, branch: branch(), reward }
    }
}

impl FactData for SeatMissed {
    const TYPE: &'static str = "vafa.rewards.seat_missed.v1";
    const ABOUT: &'static str =
        "An event is over, and a member who had a seat did not come. Subject: the seat's id.";
    fn sample() -> Self {
        Self { seat_id: SEAT, event: event(), member_id: MEMBER }
    }
}
