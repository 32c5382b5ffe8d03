//! What a rule made of a purchase, and why it gave nothing.

use kernel::Points;
use serde::Serialize;
use utoipa::ToSchema;

/// Defines the reasons with the letters that stand for them in stored traces, which are never reused.
macro_rules! skips {
    ($($(#[$doc:meta])* $name:ident = $letters:literal,)*) => {
        /// Why a rule did not apply to a purchase, or gave less than it would have.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Skip {
            $($(#[$doc])* $name,)*
        }

        impl Skip {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The letters in stored traces.
            #[must_use]
            pub const fn letters(self) -> &'static str {
                match self {
                    $(Self::$name => $letters,)*
                }
            }

            /// The reason behind stored letters.
            #[must_use]
            pub fn from_letters(letters: &str) -> Option<Self> {
                match letters {
                    $($letters => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

skips! {
    /// Less was paid than the rule asks for.
    BasketTooSmall = "m",
    /// More was paid than the rule is for.
    BasketTooLarge = "x",
    /// The rule is for other branches.
    OtherBranch = "b",
    /// The rule is for other regions.
    OtherRegion = "r",
    /// The rule is for other channels.
    OtherChannel = "c",
    /// The rule is for other means of payment.
    OtherPayment = "p",
    /// The rule is for other weekdays.
    OtherWeekday = "w",
    /// The rule is for other hours.
    OtherHours = "h",
    /// The rule is for other days: it has not begun, or is over.
    OtherDates = "d",
    /// None of the rule's articles is on the receipt.
    NoSuchItems = "i",
    /// The rule's articles are too small a part of the receipt.
    TooFewSuchItems = "s",
    /// It is another one of the member's purchases than the rule is for.
    OtherPurchase = "f",
    /// It is another one of the member's visits than the rule is for.
    OtherVisit = "v",
    /// The rule is for those who joined at another time.
    OtherTimeOfMembership = "j",
    /// It is not the time of year at which the member joined.
    NoAnniversary = "a",
    /// The rule is for members of other tiers.
    OtherTier = "at",
    /// The rule is for members of other segments.
    NotInSegment = "q",
    /// The member has no household, or too small a one.
    NoHousehold = "z",
    /// The occasion that the rule is for was not marked on one of these days.
    NoOccasion = "o",
    /// Another rule of the same group gave its points instead.
    OtherOfGroup = "g",
    /// The rules that it multiplies gave nothing.
    NothingToMultiply = "n",
    /// A cap of the member, the till, the cashier or the branch is reached.
    CapReached = "k",
    /// The budget that pays for it is spent.
    BudgetSpent = "u",
    /// As many as the rule gives in the period were given.
    QuotaReached = "e",
    /// Less of the action was done, or paid, than the rule asks for.
    ValueTooSmall = "am",
    /// The rule is for other kinds of merchant.
    OtherCategory = "ac",
    /// Neither the rule nor the action names a branch that pays.
    NoFunder = "af",
}

/// What a rule made of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It applied and gave so many points; none when the amount did not reach a whole one.
    Gave(Points),
    /// It applied, and gave less than it would have.
    Part(Points, Skip),
    /// It applied and granted so many of its reward, or tickets; with a reason fewer than it would have.
    Granted(i64, Option<Skip>),
    /// It gave nothing.
    Skipped(Skip),
}

impl Outcome {
    /// The points that it gave.
    #[must_use]
    pub const fn points(self) -> Points {
        match self {
            Self::Gave(points) | Self::Part(points, _) => points,
            Self::Granted(..) | Self::Skipped(_) => Points::ZERO,
        }
    }

    /// How many of its reward, or tickets, it granted.
    #[must_use]
    pub const fn units(self) -> i64 {
        if let Self::Granted(units, _) = self { units } else { 0 }
    }

    /// Why it gave nothing, or less than it would have.
    #[must_use]
    pub const fn skipped(self) -> Option<Skip> {
        match self {
            Self::Gave(_) => None,
            Self::Granted(_, short) => short,
            Self::Part(_, skip) | Self::Skipped(skip) => Some(skip),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_has_letters_of_its_own() {
        let letters: BTreeSet<_> = Skip::ALL.iter().map(|skip| skip.letters()).collect();
        assert_eq!(letters.len(), Skip::ALL.len());
        for skip in Skip::ALL {
            assert!(skip.letters().bytes().all(|b| b.is_ascii_lowercase()), "{skip:?}");
            assert_eq!(Skip::from_letters(skip.letters()), Some(*skip));
        }
    }
}
