//! What becomes of cards.

use kernel::{Digest16, MemberId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::MEMBER;
use crate::FactData;

/// A card went over to another person, and with it, where the programme lets points travel, what its former owner had.
///
/// That it leads to the other one now is told besides, as a link of theirs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CardHandedOver {
    /// Who had it.
    pub from: MemberId,
    /// Who has it now.
    pub to: MemberId,
    /// The keyed hash of its number (blind index).
    pub digest: Digest16,
}

impl FactData for CardHandedOver {
    const TYPE: &'static str = "vafa.membership.card_handed_over.v1";
    const ABOUT: &'static str = "A card went over to another person, who is told as a link of it besides. Subject: the member id of who had it.";
    fn sample() -> Self {
        let to = MemberId::from_uuid(Uuid::from_u128(0x0192_f3a1_7c00_7000_8000_0000_0000_0005));
        Self { from: MEMBER, to, digest: Digest16([0xca, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]) }
    }
}
