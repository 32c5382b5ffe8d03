//! Stray payments: money that came from the payment provider and that no checkout wanted, until somebody says what became of it.

use kernel::{CheckoutId, PaymentId, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::checkout::Money;

/// Why money is wanted by no checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StrayReason {
    /// Its reference leads to no checkout.
    Unknown,
    /// Its checkout had ended without it.
    Over,
    /// Its checkout was paid by another payment.
    PaidBefore,
    /// It is more or less than was asked for, or of another currency.
    Amount,
    /// The period was paid otherwise meanwhile, or another plan runs.
    Plan,
}

impl StrayReason {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Unknown, Self::Over, Self::PaidBefore, Self::Amount, Self::Plan];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Over => "over",
            Self::PaidBefore => "paid_before",
            Self::Amount => "amount",
            Self::Plan => "plan",
        }
    }
}

/// Money that no checkout wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stray {
    /// Its id here.
    pub id: PaymentId,
    /// The checkout that it came for, where there is one.
    pub checkout: Option<CheckoutId>,
    /// The money.
    pub money: Money,
    /// Why it was not wanted.
    pub reason: StrayReason,
    /// When it was noted.
    pub noted_at: Timestamp,
    /// What became of it; `None` while nobody has said so.
    pub outcome: Option<Outcome>,
}

/// What became of a stray payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was paid back at the provider.
    PaidBack,
    /// The member got something else for it: at a till, or later.
    MadeGood,
    /// It is not this chain's.
    NotOurs,
    /// It was counted for its checkout after all.
    Counted,
}

impl Outcome {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::PaidBack, Self::MadeGood, Self::NotOurs, Self::Counted];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::PaidBack => "paid_back",
            Self::MadeGood => "made_good",
            Self::NotOurs => "not_ours",
            Self::Counted => "counted",
        }
    }
}
