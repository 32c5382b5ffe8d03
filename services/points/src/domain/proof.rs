//! What a member shows before points leave the account: a phone that was confirmed, and above a limit a fresh code.

use kernel::Points;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    ProgrammeDocument, Rejection,
    programme::{Found, MOST_POINTS},
};

/// What members show before they spend points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProofTerms {
    /// Whether points are spent only by members who have shown by a one-time code that the phone is theirs.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub confirmed_phone: bool,
    /// Spending more points than these at once takes a fresh one-time code, 0 to 1,000,000,000; left out, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0, maximum = 1_000_000_000)]
    pub code_above: Option<Points>,
}

const fn yes() -> bool {
    true
}

/// What is known of whoever spends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Whether they have shown once that the phone is theirs.
    pub confirmed: bool,
    /// Whether a fresh code vouches for them at this till.
    pub vouched: bool,
}

impl Shown {
    /// Everything that could be asked.
    pub const ALL: Self = Self { confirmed: true, vouched: true };
}

impl ProofTerms {
    pub(super) fn check(self, found: &mut Found) {
        let above = self.code_above.map_or(0, Points::count);
        found.check((0..=MOST_POINTS).contains(&above), "/proof/code_above", "points_out_of_range");
        let asks = self.confirmed_phone || self.code_above.is_some();
        found.check(asks, "/proof", "asks_nothing");
    }

    /// Whether so many points may be spent by somebody of whom so much is known. A fresh code confirms the phone too.
    ///
    /// # Errors
    /// [`Rejection::PhoneUnconfirmed`], then [`Rejection::CodeNeeded`].
    pub fn allow(self, points: Points, shown: Shown) -> Result<(), Rejection> {
        if shown.vouched {
            return Ok(());
        }
        if self.confirmed_phone && !shown.confirmed {
            return Err(Rejection::PhoneUnconfirmed);
        }
        match self.code_above {
            Some(above) if points > above => Err(Rejection::CodeNeeded { above }),
            _ => Ok(()),
        }
    }
}

impl ProgrammeDocument {
    /// Whether so many points may be spent by somebody of whom so much is known. What a hold set aside was proved then, and is
    /// not asked about again.
    ///
    /// # Errors
    /// As [`ProofTerms::allow`]; none where the programme asks nothing.
    pub fn proved(&self, points: Points, shown: Shown) -> Result<(), Rejection> {
        self.proof.map_or(Ok(()), |proof| proof.allow(points, shown))
    }

    /// Whether it matters to spending whose phone was confirmed.
    #[must_use]
    pub fn asks_for_phones(&self) -> bool {
        self.proof.is_some_and(|proof| proof.confirmed_phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOBODY: Shown = Shown { confirmed: false, vouched: false };
    const CONFIRMED: Shown = Shown { confirmed: true, vouched: false };
    const VOUCHED: Shown = Shown { confirmed: false, vouched: true };

    fn terms(confirmed_phone: bool, code_above: Option<i64>) -> ProofTerms {
        ProofTerms { confirmed_phone, code_above: code_above.map(Points::new) }
    }

    #[test]
    fn what_is_needed_goes_by_the_points_and_by_what_was_shown() {
        let code = Err(Rejection::CodeNeeded { above: Points::new(500) });
        let phone = Err(Rejection::PhoneUnconfirmed);
        for (terms, points, shown, expected) in [
            (terms(true, None), 1, NOBODY, phone),
            (terms(true, None), 1_000_000_000, CONFIRMED, Ok(())),
            (terms(true, Some(500)), 501, NOBODY, phone),
            (terms(true, Some(500)), 500, CONFIRMED, Ok(())),
            (terms(true, Some(500)), 501, CONFIRMED, code),
            (terms(true, Some(500)), 501, VOUCHED, Ok(())),
            (terms(false, Some(500)), 500, NOBODY, Ok(())),
            (terms(false, Some(500)), 501, NOBODY, code),
            (terms(false, Some(500)), 501, Shown::ALL, Ok(())),
            (terms(false, Some(0)), 1, CONFIRMED, Err(Rejection::CodeNeeded { above: Points::ZERO })),
        ] {
            assert_eq!(terms.allow(Points::new(points), shown), expected, "{terms:?} {points} {shown:?}");
        }
    }

    #[test]
    fn every_mistake_has_its_place() {
        for (terms, expected) in [
            (terms(true, Some(0)), vec![]),
            (terms(true, Some(-1)), vec![("/proof/code_above", "points_out_of_range")]),
            (terms(false, Some(MOST_POINTS + 1)), vec![("/proof/code_above", "points_out_of_range")]),
            (terms(false, None), vec![("/proof", "asks_nothing")]),
        ] {
            let mut found = Found::default();
            terms.check(&mut found);
            let mistakes = found.into_mistakes();
            let told: Vec<_> = mistakes.iter().map(|one| (one.pointer.as_str(), one.reason)).collect();
            assert_eq!(told, expected, "{terms:?}");
        }
    }
}
