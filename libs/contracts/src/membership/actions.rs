//! What members do that no till sells: actions, and payments that a partner reports.

use kernel::{ActionCode, BranchCode, CategoryCode, Currency, MemberId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MEMBER, branch};
use crate::FactData;

/// How much of an action it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ActionValue {
    /// So many of something: guests, kilometres, answers.
    Units(i64),
    /// Money that was paid through a bank or a partner.
    Payment {
        /// How much, in minor units.
        amount: i64,
        /// Of this currency.
        currency: Currency,
        /// What kind of merchant it went to, as the partner numbers them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        category: Option<CategoryCode>,
    },
}

/// A member did something that may be worth points: completed a profile, answered a survey, paid by a partner's card.
///
/// Member, action and reference name it for ever: whoever tells the same again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionDone {
    /// Who did it.
    pub member_id: MemberId,
    /// What.
    pub action: ActionCode,
    /// Which one of its kind: the survey's, the payment's own number, 1 to 64 characters without personal data.
    pub reference: String,
    /// When.
    pub occurred_at: Timestamp,
    /// The branch, when it was done at one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchCode>,
    /// How much of it, where that counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<ActionValue>,
}

impl FactData for ActionDone {
    const TYPE: &'static str = "vafa.membership.action_done.v1";
    const ABOUT: &'static str = "A member did something that may be worth points: a profile completed, a survey, a payment through a partner. Subject: the member id, `/actions`.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            action: ActionCode::parse("survey").expect("a code"),
            reference: "2026-autumn".to_owned(),
            occurred_at: Timestamp::from_micros(1_795_000_000_000_000),
            branch: Some(branch()),
            value: Some(ActionValue::Units(1)),
        }
    }
}

/// An action, or a part of it, did not count in the end: a payment was reversed, a review withdrawn.
///
/// Action and reversal name it for ever: whoever tells the same again changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ActionUndone {
    /// Who had done it.
    pub member_id: MemberId,
    /// What.
    pub action: ActionCode,
    /// Which one of its kind.
    pub reference: String,
    /// Which reversal of it, 1 to 64 characters without personal data.
    pub reversal: String,
    /// How much of its value, in the same measure; all that is left when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<i64>,
}

impl FactData for ActionUndone {
    const TYPE: &'static str = "vafa.membership.action_undone.v1";
    const ABOUT: &'static str = "An action, or a part of it, did not count in the end: a payment was reversed, a review withdrawn. Subject: the member id, `/actions`.";
    fn sample() -> Self {
        Self {
            member_id: MEMBER,
            action: ActionCode::parse("card-payment").expect("a code"),
            reference: "p-7001".to_owned(),
            reversal: "r-12".to_owned(),
            amount: Some(250_000),
        }
    }
}
