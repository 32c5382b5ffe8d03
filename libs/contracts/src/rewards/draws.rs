//! Facts about draws. None names a ticket's number: those are in the published record.

use kernel::{DrawCode, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::MEMBER;
use crate::FactData;

fn draw() -> DrawCode {
    DrawCode::parse("new-year").expect("a code")
}

/// A draw's winners are chosen, and its record is published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrawSettled {
    /// The draw.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// How many tickets there were.
    pub tickets: u64,
    /// How many prizes were drawn.
    pub prizes: u32,
}

/// A member won a prize, drawn at once or as an alternate for somebody who did not claim it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DrawWon {
    /// The draw.
    #[schema(value_type = String, example = "new-year")]
    pub draw: DrawCode,
    /// Who.
    pub member_id: MemberId,
    /// The place in the order in which was drawn, from 1.
    pub place: u32,
    /// Which of the draw's prizes, from 1.
    pub prize: u32,
    /// Until when it is to be claimed.
    pub claim_until: Timestamp,
}

impl FactData for DrawSettled {
    const TYPE: &'static str = "vafa.rewards.draw_settled.v1";
    const ABOUT: &'static str = "A draw's winners are chosen. Subject: the draw's code.";
    fn sample() -> Self {
        Self { draw: draw(), tickets: 1_200, prizes: 3 }
    }
}

impl FactData for DrawWon {
    const TYPE: &'static str = "vafa.rewards.draw_won.v1";
    const ABOUT: &'static str = "A member won a prize of a draw. Subject: the draw's code.";
    fn sample() -> Self {
        Self {
            draw: draw(),
            member_id: MEMBER,
            place: 1,
            prize: 1,
            claim_until: Timestamp::from_micros(1_797_592_000_000_000),
        }
    }
}
