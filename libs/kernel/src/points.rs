//! Points, counted in whole units and never wrapping.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount that does not fit, or a sum that has no meaning. Overflow is an error, never a wrapped number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the amount is larger than can be counted")]
pub struct Overflow;

/// A number of points. Negative values are movements out; a balance is never negative.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
)]
#[serde(transparent)]
pub struct Points(i64);

impl Points {
    /// No points.
    pub const ZERO: Self = Self(0);

    /// So many points.
    #[must_use]
    pub const fn new(count: i64) -> Self {
        Self(count)
    }

    /// The number of points.
    #[must_use]
    pub const fn count(self) -> i64 {
        self.0
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether there are more than none.
    #[must_use]
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// The sum.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit 64 bits.
    pub const fn plus(self, other: Self) -> Result<Self, Overflow> {
        match self.0.checked_add(other.0) {
            Some(sum) => Ok(Self(sum)),
            None => Err(Overflow),
        }
    }

    /// The difference.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit 64 bits.
    pub const fn minus(self, other: Self) -> Result<Self, Overflow> {
        match self.0.checked_sub(other.0) {
            Some(difference) => Ok(Self(difference)),
            None => Err(Overflow),
        }
    }

    /// The sum of many.
    ///
    /// # Errors
    /// [`Overflow`] when a partial sum does not fit 64 bits.
    pub fn sum(all: impl IntoIterator<Item = Self>) -> Result<Self, Overflow> {
        all.into_iter().try_fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn overflow_is_an_error() {
        assert_eq!(Points::new(i64::MAX).plus(Points::new(1)), Err(Overflow));
        assert_eq!(Points::new(i64::MIN).minus(Points::new(1)), Err(Overflow));
        assert_eq!(Points::sum([Points::new(i64::MAX), Points::new(1)]), Err(Overflow));
    }

    proptest! {
        #[test]
        fn what_is_added_can_be_taken_away(a in any::<i32>(), b in any::<i32>()) {
            let (a, b) = (Points::new(a.into()), Points::new(b.into()));
            prop_assert_eq!(a.plus(b).and_then(|sum| sum.minus(b)), Ok(a));
        }
    }
}
