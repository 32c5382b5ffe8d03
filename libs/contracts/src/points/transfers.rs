//! Facts about transfers between members. Each is told with the account that it changes: the sender's when points leave or
//! come back, the receiver's when they arrive.

use kernel::{MemberId, Points, TransferId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MEMBER;
use crate::FactData;

const RECEIVER: MemberId = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0002));
const TRANSFER: TransferId =
    TransferId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0005));

/// Defines facts of the same shape: what became of a transfer, and the account that it changed.
macro_rules! transfer_facts {
    ($($(#[$doc:meta])* $name:ident = $type:literal, $about:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        pub struct $name {
            /// The transfer.
            pub transfer_id: TransferId,
            /// Who gives.
            pub sender_id: MemberId,
            /// Who gets.
            pub receiver_id: MemberId,
            /// How many points the receiver gets.
            pub points: Points,
            /// How many more the sender pays for it.
            pub fee: Points,
            /// True when a card goes over to another person with everything on it.
            pub hand_over: bool,
            /// The balance afterwards of the account that changed: the subject's.
            pub balance: Points,
            /// That account's version afterwards.
            pub account_version: u64,
        }

        impl FactData for $name {
            const TYPE: &'static str = $type;
            const ABOUT: &'static str = $about;
            fn sample() -> Self {
                Self {
                    transfer_id: TRANSFER,
                    sender_id: MEMBER,
                    receiver_id: RECEIVER,
                    points: Points::new(100),
                    fee: Points::new(2),
                    hand_over: false,
                    balance: Points::new(733),
                    account_version: 10,
                }
            }
        }
    )*};
}

transfer_facts! {
    /// Points left a member's account for another member.
    TransferRequested = "vafa.points.transfer_requested.v1",
        "Points left a member's account for another member. Subject: the sender's member id.";
    /// Points from another member arrived.
    TransferCompleted = "vafa.points.transfer_completed.v1",
        "Points from another member arrived. Subject: the receiver's member id.";
    /// A transfer was refused by its receiver or by the second person, and the points came back.
    TransferDeclined = "vafa.points.transfer_declined.v1",
        "A transfer was refused by its receiver or by the second person, and the points came back. Subject: the sender's member id.";
    /// The sender took a transfer back.
    TransferRecalled = "vafa.points.transfer_recalled.v1",
        "The sender took a transfer back, and the points came back. Subject: the sender's member id.";
    /// Nobody said anything to a transfer in time, and the points came back.
    TransferExpired = "vafa.points.transfer_expired.v1",
        "Nobody said anything to a transfer in time, and the points came back. Subject: the sender's member id.";
}
