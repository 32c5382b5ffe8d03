//! A lot: points with one expiry and one funder.

use kernel::{BranchCode, Day, Overflow, Points};

/// The last day of points that do not lapse.
pub const NEVER: Day = Day::from_number(i32::MAX);

/// Points of one member that lapse together and that one branch pays for (P2, P14).
///
/// Lots are aggregated: a member has at most one per expiry day and funder. Some of its points may be **bound**: the rule that
/// gave them does not let them be passed on to another member. **No lot has more bound points than points.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// The last day on which they can be spent; [`NEVER`] when they do not lapse.
    pub expires_on: Day,
    /// The branch that issued them and pays for them.
    pub funder: BranchCode,
    /// How many are left, more than none.
    pub points: Points,
    /// How many of them are bound.
    pub bound: Points,
}

impl Lot {
    /// Points of which none is bound.
    #[must_use]
    pub const fn new(expires_on: Day, funder: BranchCode, points: Points) -> Self {
        Self { expires_on, funder, points, bound: Points::ZERO }
    }

    /// Whether its last day is over.
    #[must_use]
    pub fn lapsed(&self, today: Day) -> bool {
        self.expires_on < today
    }

    /// Whether it has the same last day and the same funder.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        self.expires_on == other.expires_on && self.funder == other.funder
    }

    /// The points that can be passed on to another member.
    #[must_use]
    pub fn passable(&self) -> Points {
        Points::new(self.points.count() - self.bound.count())
    }

    /// So many of its points, all of them at most; of these so many are bound, as nearly as it has so many of each kind.
    #[must_use]
    pub fn part(&self, points: Points, bound: Points) -> Self {
        let points = points.count().clamp(0, self.points.count());
        let least = (points - self.passable().count()).max(0);
        let bound = bound.count().max(least).min(self.bound.count().min(points));
        Self { points: Points::new(points), bound: Points::new(bound), ..self.clone() }
    }

    /// So many of its points as they are spent: bound ones first, so that the member keeps what can be passed on.
    #[must_use]
    pub fn spent(&self, points: Points) -> Self {
        self.part(points, points)
    }

    /// What is left of it without a part.
    ///
    /// # Errors
    /// [`Overflow`], which a part of it cannot cause.
    pub fn without(&self, part: &Self) -> Result<Self, Overflow> {
        let (points, bound) = (self.points.minus(part.points)?, self.bound.minus(part.bound)?);
        Ok(Self { points, bound, ..self.clone() })
    }

    /// What becomes due of it when so many points were due before and so many are now: bound ones in proportion. Running sums
    /// are rounded down, so that parts add up exactly.
    ///
    /// # Errors
    /// [`Overflow`], which no part of it causes.
    pub fn between(&self, before: Points, after: Points) -> Result<Self, Overflow> {
        let bound = self.bound_of(after)?.minus(self.bound_of(before)?)?;
        Ok(Self { points: after.minus(before)?, bound, ..self.clone() })
    }

    fn bound_of(&self, points: Points) -> Result<Points, Overflow> {
        let share = i128::from(self.bound.count()) * i128::from(points.count());
        let share = share / i128::from(self.points.count().max(1));
        i64::try_from(share).map(Points::new).map_err(|_| Overflow)
    }
}

/// Divides lots in their order: those that make so many points, bound ones first in each, and what comes after them.
///
/// # Errors
/// [`Overflow`], which stored lots cannot cause.
pub(super) fn divide<'a>(
    lots: impl IntoIterator<Item = &'a Lot>,
    points: Points,
) -> Result<(Vec<Lot>, Vec<Lot>), Overflow> {
    let mut left = points;
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for lot in lots {
        let part = lot.spent(left);
        left = left.minus(part.points)?;
        let more = lot.without(&part)?;
        for (side, some) in [(&mut first, part), (&mut rest, more)] {
            if some.points.is_positive() {
                side.push(some);
            }
        }
    }
    Ok((first, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lot(points: i64, bound: i64) -> Lot {
        let funder = BranchCode::parse("vanak").expect("a code");
        Lot { bound: Points::new(bound), ..Lot::new(NEVER, funder, Points::new(points)) }
    }

    proptest! {
        #[test]
        fn a_part_and_the_rest_are_the_lot_and_neither_has_more_bound_points_than_points(
            points in 1_i64..1_000, share in 0_i64..=100, some in 0_i64..2_000, wish in -10_i64..2_000,
        ) {
            let whole = lot(points, points * share / 100);
            let part = whole.part(Points::new(some), Points::new(wish));
            let rest = whole.without(&part)?;
            for side in [&part, &rest] {
                prop_assert!(side.bound >= Points::ZERO && side.passable() >= Points::ZERO, "{:?}", side);
            }
            prop_assert_eq!(part.points.count(), some.min(points));
            let spent = whole.spent(Points::new(some));
            prop_assert_eq!(spent.bound, whole.bound.min(spent.points), "bound points are spent first");
        }

        #[test]
        fn what_is_due_bit_by_bit_adds_up_to_the_lot(
            points in 1_i64..1_000, share in 0_i64..=100, cuts in prop::collection::vec(0_i64..1_000, 0..9),
        ) {
            let whole = lot(points, points * share / 100);
            let mut stops: Vec<i64> = cuts.into_iter().map(|cut| cut.min(points)).collect();
            stops.push(points);
            stops.sort_unstable();
            let (mut before, mut sum) = (Points::ZERO, [0, 0]);
            for stop in stops.into_iter().map(Points::new) {
                let due = whole.between(before, stop)?;
                prop_assert!(due.bound >= Points::ZERO && due.passable() >= Points::ZERO, "{:?}", due);
                sum = [sum[0] + due.points.count(), sum[1] + due.bound.count()];
                before = stop;
            }
            prop_assert_eq!(sum, [points, whole.bound.count()]);
        }
    }
}
