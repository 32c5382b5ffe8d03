//! How much of what was given is used, how much lapses, and how soon it is used.

use super::money::{Measure, Sums, TooLarge, share};

/// Uses by how long after it was got: the last whole second that counts; nothing for all that is later.
pub const BUCKETS: [(Measure, Option<i64>); 8] = [
    (Measure::UsedInHour, Some(3_600)),
    (Measure::UsedInDay, Some(86_400)),
    (Measure::UsedInThreeDays, Some(3 * 86_400)),
    (Measure::UsedInWeek, Some(7 * 86_400)),
    (Measure::UsedInTwoWeeks, Some(14 * 86_400)),
    (Measure::UsedInMonth, Some(30 * 86_400)),
    (Measure::UsedInQuarter, Some(90 * 86_400)),
    (Measure::UsedLater, None),
];

/// What share was used, and what share lapsed, in thousandths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates {
    /// Of what was given in the time, by worth, so much was used in it; nothing where nothing was given. More than all where what was given before was used.
    pub used: Option<i64>,
    /// Of what came to an end in the time, by worth, so much lapsed unused; nothing where nothing did.
    pub breakage: Option<i64>,
    /// The bucket in which the median use lies; nothing where nothing was used.
    pub median: Option<usize>,
}

impl Rates {
    /// The rates of sums.
    ///
    /// # Errors
    /// [`TooLarge`].
    pub fn of(sums: &Sums) -> Result<Self, TooLarge> {
        let used = (sums.of(Measure::UsedWorth) - sums.of(Measure::ReturnedWorth)).max(0);
        let lapsed = sums.of(Measure::ExpiredWorth);
        let part = |part: i64, whole: i64| (whole > 0).then(|| share(1_000, part, whole)).transpose();
        Ok(Self {
            used: part(used, sums.of(Measure::IssuedWorth))?,
            breakage: part(lapsed, used.checked_add(lapsed).ok_or(TooLarge)?)?,
            median: median(sums)?,
        })
    }
}

/// The first bucket with which half of the uses or more are counted.
fn median(sums: &Sums) -> Result<Option<usize>, TooLarge> {
    let counts = BUCKETS.map(|(measure, _)| sums.of(measure));
    let all = counts.iter().try_fold(0_i64, |sum, count| sum.checked_add(*count)).ok_or(TooLarge)?;
    let mut before = 0;
    for (place, count) in counts.into_iter().enumerate() {
        before += count;
        if all > 0 && before >= all - before {
            return Ok(Some(place));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(of: &[(Measure, i64)]) -> Sums {
        let mut sums = Sums::default();
        for (measure, amount) in of {
            sums.add(*measure, *amount).expect("small numbers");
        }
        sums
    }

    #[test]
    fn shares_are_of_what_was_given_and_of_what_ended() {
        let of = sums(&[
            (Measure::IssuedWorth, 8),
            (Measure::UsedWorth, 4),
            (Measure::ReturnedWorth, 1),
            (Measure::ExpiredWorth, 1),
        ]);
        assert_eq!(Rates::of(&of), Ok(Rates { used: Some(375), breakage: Some(250), median: None }));
        assert_eq!(Rates::of(&Sums::default()), Ok(Rates::default()));
    }

    #[test]
    fn the_median_lies_where_half_of_the_uses_are_reached() {
        let place = |of: &[(Measure, i64)]| Rates::of(&sums(of)).expect("small numbers").median;
        assert_eq!(place(&[(Measure::UsedInHour, 1)]), Some(0));
        assert_eq!(place(&[(Measure::UsedInHour, 1), (Measure::UsedLater, 1)]), Some(0));
        assert_eq!(
            place(&[(Measure::UsedInHour, 1), (Measure::UsedInWeek, 1), (Measure::UsedLater, 1)]),
            Some(3)
        );
        assert_eq!(place(&[(Measure::UsedLater, 1)]), Some(7));
    }
}
