//! What clients may ask for.

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// What the clients ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Mix {
    /// Purchases of random members, named by phone
    Earn,
    /// Balances of random members
    Read,
    /// Purchases of one and the same member
    Hot,
    /// Purchases of random members, each paid with points in part: one call, whose answer tells the balance
    Till,
    /// The same, and then the member's balance asked for
    Visit,
    /// Transfers between random members, each completed at once
    Transfer,
    /// Purchases of random members under a programme of ten rules
    Rules,
    /// Purchases of random members while millions of lots are written off (`--lots`)
    Expiry,
    /// The same purchases, but nothing writes the lots off
    #[value(skip)]
    Unsettled,
    /// As many customers as before buy at a chain that has grown, any of all its members (`--grown-members`, `--entries`)
    Grown,
    /// Every purchase there is of another member
    #[value(skip)]
    Spread,
    /// The same purchases before it grew
    #[value(skip)]
    Small,
    /// Baskets that a programme is simulated on
    Simulation,
    /// Purchases with the guard of the gateway, plain and signed, beside the same without it
    #[value(name = "guard")]
    Guarded,
    /// The same purchases, signed by the tills
    #[value(skip)]
    Signed,
    /// The same purchases without the guard
    #[value(skip)]
    Unguarded,
    /// Redemptions of many rewards by random members, answered when the voucher is there; then all of one reward
    Redeem,
    /// All redemptions of one and the same reward
    #[value(skip)]
    OneReward,
}

impl Mix {
    /// The word that the command line uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Earn => "earn",
            Self::Read => "read",
            Self::Hot => "hot",
            Self::Till => "till",
            Self::Visit => "visit",
            Self::Transfer => "transfer",
            Self::Rules => "rules",
            Self::Expiry => "expiry",
            Self::Unsettled => "unsettled",
            Self::Grown => "grown",
            Self::Spread => "spread",
            Self::Small => "small",
            Self::Simulation => "simulation",
            Self::Guarded => "guarded",
            Self::Signed => "signed",
            Self::Unguarded => "unguarded",
            Self::Redeem => "redeem",
            Self::OneReward => "one reward",
        }
    }

    /// Whether members are named by their ids.
    #[must_use]
    pub const fn names_ids(self) -> bool {
        matches!(self, Self::Read | Self::Visit | Self::Transfer | Self::Redeem | Self::OneReward)
    }

    /// Whether an answer with this status says that it is done; a redemption that is under way is not.
    #[must_use]
    pub const fn is_done(self, status: u16) -> bool {
        match self {
            Self::Redeem | Self::OneReward => matches!(status, 200 | 201),
            _ => matches!(status, 200..=299),
        }
    }

    /// How many requests one operation takes.
    #[must_use]
    pub const fn requests_each(self) -> u32 {
        if matches!(self, Self::Visit) { 2 } else { 1 }
    }
}
