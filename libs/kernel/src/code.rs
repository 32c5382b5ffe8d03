//! Codes that a chain gives to its own things: regions, branches, tills.

use std::{borrow::Borrow, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Why a text is no code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a code is 1 to 32 characters of a-z, 0-9, '.', '_' and '-'")]
pub struct CodeError;

fn check(text: &str) -> Result<(), CodeError> {
    let fits = (1..=32).contains(&text.len());
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'_' | b'-');
    if fits && text.bytes().all(allowed) { Ok(()) } else { Err(CodeError) }
}

macro_rules! code {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// 1 to 32 characters of `a-z`, `0-9`, `.`, `_`, `-`. Cheap to clone.
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Checks a text from outside.
            ///
            /// # Errors
            /// [`CodeError`] when the text is empty, too long or has another character than the allowed ones.
            pub fn parse(text: &str) -> Result<Self, CodeError> {
                check(text)?;
                Ok(Self(Arc::from(text)))
            }

            /// The code as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = CodeError;
            fn from_str(text: &str) -> Result<Self, CodeError> {
                Self::parse(text)
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
                Self::parse(&text).map_err(serde::de::Error::custom)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                crate::schema::pattern("^[a-z0-9._-]{1,32}$")
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}

code!(
    /// A region of the chain: branches belong to one.
    RegionCode
);
code!(
    /// A branch: one shop of the chain.
    BranchCode
);
code!(
    /// A till (point of sale) within its branch.
    TillCode
);
code!(
    /// A cashier within their branch, as the chain numbers them; never a name.
    CashierCode
);
code!(
    /// A means of payment, as the chain names it: cash, a card, a bank, a wallet.
    PaymentCode
);
code!(
    /// A paid plan of the chain, as the chain names it.
    PlanCode
);
code!(
    /// A segment: members whom the chain has chosen.
    SegmentCode
);
code!(
    /// Something that a member does and no till sells, as the chain names it: a survey, a review, a card payment.
    ActionCode
);
code!(
    /// A kind of merchant or of goods, as banks and partners number them.
    CategoryCode
);
code!(
    /// A partner of the chain whose programs call with a key of their own: a bank, a shop on the web.
    PartnerCode
);
code!(
    /// A reward of the catalogue, as the chain names it.
    RewardCode
);
code!(
    /// A draw of prizes among tickets, as the chain names it.
    DrawCode
);
code!(
    /// A rule by which members are given something, as the chain names it.
    GiftRuleCode
);
code!(
    /// A campaign: a message of the chain to many, as the chain names it.
    CampaignCode
);
code!(
    /// A personal offer, as the chain names it.
    OfferCode
);
code!(
    /// A challenge or a contest for members, as the chain names it.
    ChallengeCode
);
code!(
    /// An event or a workshop for members, as the chain names it.
    EventCode
);
code!(
    /// What a member may consent to, as the chain names it: text messages with offers, profiling.
    PurposeCode
);
code!(
    /// What the chain asks its members, or one of the answers that may be chosen.
    QuestionCode
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_keeps_its_text_and_refuses_everything_else() {
        assert_eq!(
            BranchCode::parse("united-kingdom").map(|c| c.to_string()),
            Ok("united-kingdom".to_owned())
        );
        for wrong in ["", "Berlin", "a b", "تهران", "x".repeat(33).as_str(), "a|b", "a/b"] {
            assert_eq!(BranchCode::parse(wrong), Err(CodeError), "{wrong:?}");
        }
    }

    #[test]
    fn a_code_reads_from_json_with_its_check() {
        assert!(serde_json::from_str::<TillCode>("\"till-1\"").is_ok());
        assert!(serde_json::from_str::<TillCode>("\"Till 1\"").is_err());
    }
}
