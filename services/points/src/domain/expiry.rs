//! How long points last.

use kernel::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{NEVER, programme::Found};

/// How long points last (P2): so many months, to the end of a period, both, or to a fixed date.
///
/// Both is "for 12 months, and on to the end of that year". Whatever it says, the last day counts whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Expiry {
    /// Calendar months from the day on which the points are recorded, 1 to 120. The last day is the same day of the
    /// month, or the month's last day where it is shorter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 120)]
    pub months: Option<u32>,
    /// To the end of the period that the points are recorded in, or in which `months` end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_of: Option<EndOf>,
    /// To this day, for points recorded up to it; later ones to the same day of the next year, and so on. Not together
    /// with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on: Option<Day>,
}

/// A stretch of a calendar at the end of which points lapse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EndOf {
    /// A month of the civil calendar.
    Month,
    /// Three months, from January on.
    Quarter,
    /// Six months, from January and from July on.
    HalfYear,
    /// From January to December.
    Year,
    /// A month of the Jalali calendar.
    JalaliMonth,
    /// A season: three months, from Farvardin on.
    JalaliQuarter,
    /// From Farvardin to Esfand, which ends the day before Nowruz.
    JalaliYear,
}

impl EndOf {
    /// The last day of the period in which a day lies.
    fn last_day(self, day: Day) -> Day {
        let (months, jalali) = match self {
            Self::Month => (1, false),
            Self::Quarter => (3, false),
            Self::HalfYear => (6, false),
            Self::Year => (12, false),
            Self::JalaliMonth => (1, true),
            Self::JalaliQuarter => (3, true),
            Self::JalaliYear => (12, true),
        };
        let month = if jalali { day.jalali_month() } else { day.month() };
        let next = month.div_euclid(months).saturating_add(1).saturating_mul(months);
        let first = if jalali { Day::first_of_jalali_month(next) } else { Day::first_of_month(next) };
        Day::from_number(first.number().saturating_sub(1))
    }
}

impl Expiry {
    /// Points last so many months.
    #[must_use]
    pub const fn months(months: u32) -> Self {
        Self { months: Some(months), end_of: None, on: None }
    }

    /// The last day of points that can be spent from a day on; never before that day.
    #[must_use]
    pub fn last_day(self, from: Day) -> Day {
        if let Some(on) = self.on {
            return on_or_its_anniversary(on, from);
        }
        let after = self.months.map_or(from, |months| from.plus_months(months));
        match self.end_of {
            Some(period) => period.last_day(after),
            None if self.months.is_some() => after,
            // A document that says nothing at all is refused before it goes live.
            None => NEVER,
        }
    }

    /// Notes what is wrong with it.
    pub(super) fn check(self, found: &mut Found, at: &str) {
        let months = self.months.is_none_or(|months| (1..=120).contains(&months));
        found.check(months, &format!("{at}/months"), "one_to_120_months");
        let relative = self.months.is_some() || self.end_of.is_some();
        found.check(relative != self.on.is_some(), at, "months_or_end_of_or_a_day");
    }
}

/// The first of a day and its anniversaries that is not before another day.
fn on_or_its_anniversary(on: Day, from: Day) -> Day {
    let years = (from.month() - on.month()).max(0).unsigned_abs() / 12;
    // Counted from the day itself each time, so that 29 February comes back in leap years.
    (years..=years + 1).map(|years| on.plus_months(12 * years)).find(|day| *day >= from).unwrap_or(NEVER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).unwrap()
    }

    fn lasts(expiry: serde_json::Value, from: &str) -> String {
        let expiry: Expiry = serde_json::from_value(expiry).unwrap();
        expiry.last_day(day(from)).to_string()
    }

    #[test]
    fn points_last_as_the_document_says() {
        let table = [
            (serde_json::json!({"months": 12}), "2026-11-22", "2027-11-22"),
            (serde_json::json!({"months": 1}), "2027-01-31", "2027-02-28"),
            (serde_json::json!({"end_of": "month"}), "2026-11-22", "2026-11-30"),
            (serde_json::json!({"end_of": "quarter"}), "2026-11-22", "2026-12-31"),
            (serde_json::json!({"end_of": "half_year"}), "2026-06-30", "2026-06-30"),
            (serde_json::json!({"end_of": "year"}), "2026-01-01", "2026-12-31"),
            (serde_json::json!({"months": 12, "end_of": "year"}), "2026-01-01", "2027-12-31"),
            (serde_json::json!({"end_of": "jalali_month"}), "2026-11-22", "2026-12-21"),
            (serde_json::json!({"end_of": "jalali_quarter"}), "2026-11-22", "2026-12-21"),
            (serde_json::json!({"end_of": "jalali_year"}), "2026-11-22", "2027-03-20"),
            (serde_json::json!({"months": 6, "end_of": "jalali_year"}), "2026-11-22", "2028-03-19"),
            (serde_json::json!({"on": "2027-03-20"}), "2026-11-22", "2027-03-20"),
            (serde_json::json!({"on": "2027-03-20"}), "2027-03-20", "2027-03-20"),
            (serde_json::json!({"on": "2027-03-20"}), "2027-03-21", "2028-03-20"),
            (serde_json::json!({"on": "2027-03-20"}), "2029-05-01", "2030-03-20"),
            (serde_json::json!({"on": "2028-02-29"}), "2028-03-01", "2029-02-28"),
            (serde_json::json!({"on": "2028-02-29"}), "2031-03-01", "2032-02-29"),
        ];
        for (expiry, from, last) in table {
            assert_eq!(lasts(expiry.clone(), from), last, "{expiry} from {from}");
        }
    }

    #[test]
    fn a_document_says_one_thing() {
        let checked = |document: serde_json::Value| {
            let mut found = Found::default();
            serde_json::from_value::<Expiry>(document).unwrap().check(&mut found, "/expiry");
            found.into_mistakes().into_iter().map(|mistake| mistake.reason).collect::<Vec<_>>()
        };
        let one = "months_or_end_of_or_a_day";
        assert_eq!(checked(serde_json::json!({})), [one]);
        assert_eq!(checked(serde_json::json!({"months": 1, "on": "2027-01-01"})), [one]);
        assert_eq!(checked(serde_json::json!({"end_of": "year", "on": "2027-01-01"})), [one]);
        assert_eq!(checked(serde_json::json!({"months": 121, "end_of": "year"})), ["one_to_120_months"]);
        assert!(checked(serde_json::json!({"on": "2027-01-01"})).is_empty());
    }

    fn any_expiry() -> impl Strategy<Value = Expiry> {
        let periods = prop::sample::select(vec![
            EndOf::Month,
            EndOf::Quarter,
            EndOf::HalfYear,
            EndOf::Year,
            EndOf::JalaliMonth,
            EndOf::JalaliQuarter,
            EndOf::JalaliYear,
        ]);
        prop_oneof![
            (1_u32..=120).prop_map(Expiry::months),
            (prop::option::of(1_u32..=120), periods).prop_map(|(months, end)| Expiry {
                months,
                end_of: Some(end),
                on: None
            }),
            (15_000_i32..40_000)
                .prop_map(|on| Expiry { on: Some(Day::from_number(on)), ..Expiry::default() }),
        ]
    }

    proptest! {
        #[test]
        fn points_can_be_spent_on_their_first_day_and_later_ones_last_as_long_at_least(
            expiry in any_expiry(), from in 15_000_i32..60_000, later in 0_i32..500
        ) {
            let last = expiry.last_day(Day::from_number(from));
            prop_assert!(last >= Day::from_number(from) && last < NEVER);
            prop_assert!(expiry.last_day(Day::from_number(from + later)) >= last);
        }
    }
}
