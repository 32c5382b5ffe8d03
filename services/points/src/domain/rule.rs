//! An earning rule: when it applies and what it gives. Typed data, never a script, so that the same rule is
//! evaluated, explained and compared.

use std::fmt;

use kernel::{BranchCode, Overflow, Points, RegionCode, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::ToSchema;

use super::{Expiry, LocalText, Purchase};

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
}

/// Conditions on a purchase; each that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The least amount paid, in minor units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    pub minimum_basket: Option<i64>,
    /// Only in these branches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<BranchCode>,
    /// Only in branches of these regions.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<RegionCode>,
    /// Only on these weekdays of the branch's wall clock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub weekdays: Vec<WeekdayName>,
    /// Only between these hours of the branch's wall clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hours: Option<Hours>,
}

/// A weekday by its English name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(missing_docs, reason = "the names say it")]
pub enum WeekdayName {
    Saturday,
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
}

impl WeekdayName {
    const fn is(self, day: Weekday) -> bool {
        matches!(
            (self, day),
            (Self::Saturday, Weekday::Sat)
                | (Self::Sunday, Weekday::Sun)
                | (Self::Monday, Weekday::Mon)
                | (Self::Tuesday, Weekday::Tue)
                | (Self::Wednesday, Weekday::Wed)
                | (Self::Thursday, Weekday::Thu)
                | (Self::Friday, Weekday::Fri)
        )
    }
}

/// A time of day, written `HH:MM`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WholeMinute(pub u16);

impl fmt::Display for WholeMinute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

impl Serialize for WholeMinute {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for WholeMinute {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        let part = |range: std::ops::Range<usize>| {
            text.get(range)
                .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
                .and_then(|t| t.parse::<u16>().ok())
        };
        let colon = text.len() == 5 && text.as_bytes()[2] == b':';
        match (colon, part(0..2), part(3..5)) {
            (true, Some(hour @ 0..=23), Some(minute @ 0..=59)) => Ok(Self(hour * 60 + minute)),
            (true, Some(24), Some(0)) => Ok(Self(24 * 60)),
            _ => Err(serde::de::Error::custom("a time of day is written HH:MM, from 00:00 to 24:00")),
        }
    }
}

/// From one time of day up to, not including, another; `from` after `to` passes midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Hours {
    /// The first minute.
    #[schema(value_type = String, example = "17:00")]
    pub from: WholeMinute,
    /// The first minute that is outside again.
    #[schema(value_type = String, example = "21:00")]
    pub to: WholeMinute,
}

impl Hours {
    fn include(self, minute: u16) -> bool {
        let (from, to) = (self.from.0, self.to.0);
        if from <= to { (from..to).contains(&minute) } else { minute >= from || minute < to }
    }
}

/// What a rule gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Give {
    /// So many points for each so much paid.
    PerAmount(PerAmount),
    /// The same number of points for each purchase.
    Fixed {
        /// How many, 1 to 1,000,000,000.
        points: Points,
    },
}

/// Points in proportion to the amount paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PerAmount {
    /// For each so many minor units of currency, 1 or more.
    #[schema(minimum = 1)]
    pub amount: i64,
    /// So many points, 1 to 1,000,000,000.
    pub points: Points,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
}

/// What happens to a fraction of a point.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Rounding {
    /// It is dropped.
    #[default]
    Down,
    /// It counts as a point from one half on.
    Nearest,
    /// It counts as a point.
    Up,
}

/// Why a rule did not apply to a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Skip {
    /// Less was paid than the rule asks for.
    BasketTooSmall,
    /// The rule is for other branches.
    OtherBranch,
    /// The rule is for other regions.
    OtherRegion,
    /// The rule is for other weekdays.
    OtherWeekday,
    /// The rule is for other hours.
    OtherHours,
}

/// What a rule made of a purchase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It applied and gave so many points; none when the amount did not reach a whole one.
    Gave(Points),
    /// It did not apply.
    Skipped(Skip),
}

impl Rule {
    /// What the rule makes of a purchase.
    ///
    /// # Errors
    /// [`Overflow`] when the points do not fit.
    pub fn judge(&self, purchase: &Purchase) -> Result<Outcome, Overflow> {
        match self.when.misses(purchase) {
            Some(skip) => Ok(Outcome::Skipped(skip)),
            None => self.give.points(purchase.amount).map(Outcome::Gave),
        }
    }
}

impl When {
    fn misses(&self, purchase: &Purchase) -> Option<Skip> {
        if self.minimum_basket.is_some_and(|least| purchase.amount < least) {
            return Some(Skip::BasketTooSmall);
        }
        if !self.branches.is_empty() && !self.branches.contains(&purchase.branch) {
            return Some(Skip::OtherBranch);
        }
        if !self.regions.is_empty() && !self.regions.contains(&purchase.region) {
            return Some(Skip::OtherRegion);
        }
        if !self.weekdays.is_empty() && !self.weekdays.iter().any(|day| day.is(purchase.local.weekday)) {
            return Some(Skip::OtherWeekday);
        }
        if self.hours.is_some_and(|hours| !hours.include(purchase.local.minute)) {
            return Some(Skip::OtherHours);
        }
        None
    }
}

impl Give {
    fn points(self, amount: i64) -> Result<Points, Overflow> {
        match self {
            Self::Fixed { points } => Ok(points),
            Self::PerAmount(per) => per.points(amount),
        }
    }
}

impl PerAmount {
    fn points(self, amount: i64) -> Result<Points, Overflow> {
        let product = i128::from(amount) * i128::from(self.points.count());
        let unit = i128::from(self.amount.max(1));
        let whole = match self.rounding {
            Rounding::Down => product / unit,
            Rounding::Nearest => (product * 2 + unit) / (unit * 2),
            Rounding::Up => (product + unit - 1) / unit,
        };
        i64::try_from(whole).map(Points::new).map_err(|_| Overflow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn per(amount: i64, points: i64, rounding: Rounding) -> PerAmount {
        PerAmount { amount, points: Points::new(points), rounding }
    }

    #[test]
    fn a_fraction_of_a_point_goes_where_the_rounding_says() {
        let table = [
            (Rounding::Down, 149, 1),
            (Rounding::Nearest, 149, 1),
            (Rounding::Nearest, 150, 2),
            (Rounding::Up, 101, 2),
            (Rounding::Up, 100, 1),
            (Rounding::Up, 0, 0),
        ];
        for (rounding, amount, points) in table {
            let given = per(100, 1, rounding).points(amount);
            assert_eq!(given, Ok(Points::new(points)), "{rounding:?} {amount}");
        }
    }

    #[test]
    fn hours_can_pass_midnight() {
        let hours = |text| serde_json::from_str::<Hours>(text).unwrap();
        let late = hours(r#"{"from":"22:00","to":"02:00"}"#);
        assert!(late.include(23 * 60) && late.include(60) && !late.include(120) && !late.include(12 * 60));
        let day = hours(r#"{"from":"00:00","to":"24:00"}"#);
        assert!(day.include(0) && day.include(1439));
        for wrong in [
            r#"{"from":"7:00","to":"09:00"}"#,
            r#"{"from":"07:60","to":"09:00"}"#,
            r#"{"from":"25:00","to":"09:00"}"#,
        ] {
            assert!(serde_json::from_str::<Hours>(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn rounding_never_strays_by_a_whole_point(amount in 0_i64..1_000_000_000_000, unit in 1_i64..10_000_000, points in 1_i64..1000) {
            let give = |rounding| per(unit, points, rounding).points(amount).map(Points::count);
            let (down, near, up) = (give(Rounding::Down)?, give(Rounding::Nearest)?, give(Rounding::Up)?);
            prop_assert!(down <= near && near <= up && up - down <= 1);
        }

        #[test]
        fn more_paid_never_earns_less(a in 0_i64..1_000_000_000, more in 0_i64..1_000_000_000, unit in 1_i64..1_000_000) {
            let give = |amount| per(unit, 3, Rounding::Nearest).points(amount);
            prop_assert!(give(a)? <= give(a + more)?);
        }

        #[test]
        fn an_amount_that_does_not_fit_is_an_error_not_a_wrapped_number(points in 2_i64..1000) {
            prop_assert_eq!(per(1, points, Rounding::Down).points(i64::MAX), Err(Overflow));
        }
    }
}
