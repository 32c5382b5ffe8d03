//! An earning rule: when it applies and what it gives. Typed data, never a script, so that the same rule is
//! evaluated, explained and compared.

mod earning;
mod give;
mod grant;
mod hours;
mod items;
mod mistakes;
mod of_member;
mod outcome;
mod share;
mod when;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Expiry, LocalText, Pending};

pub use give::{Band, Give, Multiplier, Over, PerAmount, PerItem, Rounding, Steps};
pub use grant::{DrawTickets, InstantReward, Quota};
pub use hours::{Hours, WeekdayName, WholeMinute};
pub use items::Items;
pub use of_member::{AfterOccasion, Around, InHousehold, Joined, Nth, OfMember, Visit};
pub use outcome::{Outcome, Skip};
pub use when::{Dates, When};

pub(super) use earning::evaluate;
pub(super) use mistakes::{check, is_code};

/// An earning rule of a programme (P1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Names the rule for ever within the programme: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub code: String,
    /// The name that members and cashiers read.
    pub name: LocalText,
    /// All of these must hold; left out, the rule always applies.
    #[serde(default)]
    pub when: When,
    /// What it gives.
    pub give: Give,
    /// How long its points last; left out, as the programme says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Expiry>,
    /// Which of several rules comes first, where that matters: the higher number, then the earlier in the list. -1000 to 1000.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schema(minimum = -1000, maximum = 1000)]
    pub priority: i32,
    /// Of all rules of one group a single one gives its points; left out, the rule stacks with all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// How long its points are pending; left out, they can be spent at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending: Option<Pending>,
    /// Whether its points can be passed on to another member; left out, they can.
    #[serde(default = "yes", skip_serializing_if = "is_yes")]
    #[schema(default = true)]
    pub transferable: bool,
}

pub(super) const fn yes() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
pub(super) const fn is_yes(claim: &bool) -> bool {
    *claim
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(priority: &i32) -> bool {
    *priority == 0
}

/// Rules of which a single one gives its points.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Names the group: 1 to 40 characters of `a-z`, `0-9`, `-`, `_`.
    pub code: String,
    /// Which of them; the same in every rule of the group.
    pub keep: Keep,
}

/// Which rule of a group gives its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The one that gives most; of those that give the same, the first.
    Best,
    /// The first one that gives anything: by priority, then by place in the list.
    First,
}
