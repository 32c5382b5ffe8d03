//! The programme's terms of transfer: a policy as data (P6).

use kernel::{Day, Overflow, Points};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::Rounding;

/// To whom members may transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Circle {
    /// To those of their own household.
    Household,
    /// To those whose tier is of the same group.
    SameTierGroup,
    /// To every member.
    Anyone,
}

/// A stretch of the chain's calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Window {
    /// A day.
    Day,
    /// A calendar month.
    Month,
    /// A calendar year.
    Year,
}

impl Window {
    /// All of them, shortest first.
    pub const ALL: [Self; 3] = [Self::Day, Self::Month, Self::Year];

    /// The first day of the stretch in which `today` lies.
    #[must_use]
    pub fn begins(self, today: Day) -> Day {
        match self {
            Self::Day => today,
            Self::Month => today.month_start(),
            Self::Year => today.year_start(),
        }
    }

    /// The word for it in documents.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Day => "day",
            Self::Month => "month",
            Self::Year => "year",
        }
    }
}

/// At most so much in each stretch of the calendar. What was declined, recalled or expired does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferCap {
    /// How long.
    pub per: Window,
    /// How many points, or receivers; 1 at least.
    #[schema(minimum = 1)]
    pub most: i64,
}

/// What a transfer costs: the fixed part and the share, together. The sender pays it on top, and gets it back with the
/// points when the transfer does not come about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferFee {
    /// So many points.
    #[serde(default)]
    #[schema(value_type = i64, minimum = 0, default = 0)]
    pub fixed: Points,
    /// So many per cent of the points, 0 to 100.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 100, default = 0)]
    pub percent: u8,
    /// What happens to a fraction of a point.
    #[serde(default)]
    pub rounding: Rounding,
}

impl TransferFee {
    /// What it comes to for so many points, not below none.
    ///
    /// # Errors
    /// [`Overflow`] when it does not fit.
    pub fn of(self, points: Points) -> Result<Points, Overflow> {
        let product = i128::from(points.count()) * i128::from(self.percent);
        let share = match self.rounding {
            Rounding::Down => product / 100,
            Rounding::Nearest => (product * 2 + 100) / 200,
            Rounding::Up => (product + 99) / 100,
        };
        self.fixed.plus(Points::new(i64::try_from(share).map_err(|_| Overflow)?))
    }

    /// The most points that can be transferred with so many: they and their fee fit into it.
    ///
    /// # Errors
    /// [`Overflow`], which no balance causes.
    pub fn most_out_of(self, available: Points) -> Result<Points, Overflow> {
        let (mut low, mut high) = (0_i64, available.count().max(0));
        while low < high {
            let middle = low + (high - low + 1) / 2;
            let points = Points::new(middle);
            match points.plus(self.of(points)?) {
                Ok(whole) if whole <= available => low = middle,
                _ => high = middle - 1,
            }
        }
        Ok(Points::new(low))
    }
}

/// Who may transfer how much to whom, and what it waits for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferTerms {
    /// To whom.
    pub to: Circle,
    /// The least points of one transfer.
    #[serde(default = "one")]
    #[schema(value_type = i64, minimum = 1, default = 1)]
    pub minimum: Points,
    /// The most points of one transfer; left out, as many as there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 1)]
    pub maximum: Option<Points>,
    /// The most points that one member gives; one cap a window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<TransferCap>,
    /// The most points that one member gets; one cap a window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub received: Vec<TransferCap>,
    /// The most members to whom one member gives; one cap a window.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub receivers: Vec<TransferCap>,
    /// What it costs; left out, nothing.
    #[serde(default)]
    pub fee: TransferFee,
    /// How many days ago the sender's account had its first entry, at least.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 3650, default = 0)]
    pub account_age_days: u16,
    /// How many seconds lie between the request and the arrival, at least; the sender can recall it meanwhile.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 2_592_000, default = 0)]
    pub cooling_off_s: u32,
    /// Whether the receiver must accept it.
    #[serde(default)]
    #[schema(default = false)]
    pub acceptance: bool,
    /// The sender confirms transfers of more points than these by a one-time code; left out, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub step_up_above: Option<Points>,
    /// A second person approves transfers of more points than these; left out, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub review_above: Option<Points>,
    /// The same for those that a person makes on a member's behalf; left out, as for all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<i64>, minimum = 0)]
    pub agent_review_above: Option<Points>,
    /// How many seconds after the request a transfer comes back that still waits for somebody's word: 60 to 2,592,000.
    #[serde(default = "three_days")]
    #[schema(minimum = 60, maximum = 2_592_000, default = 259_200)]
    pub waits_s: u32,
}

const MOST_POINTS: i64 = 1_000_000_000_000;
const MOST_SECONDS: u32 = 30 * 24 * 3600;

const fn one() -> Points {
    Points::new(1)
}

const fn three_days() -> u32 {
    3 * 24 * 3600
}

impl TransferTerms {
    /// Every mistake: where in the section, and what as a stable word.
    #[must_use]
    pub fn mistakes(&self) -> Vec<(String, &'static str)> {
        let mut found = Vec::new();
        let mut check = |fine: bool, at: &str, reason| {
            if !fine {
                found.push((at.to_owned(), reason));
            }
        };
        let countable = |points: Points| (1..=MOST_POINTS).contains(&points.count());
        check(countable(self.minimum), "/minimum", "points_out_of_range");
        let room = self.maximum.is_none_or(|most| countable(most) && most >= self.minimum);
        check(room, "/maximum", "points_out_of_range");
        for (caps, at) in
            [(&self.sent, "/sent"), (&self.received, "/received"), (&self.receivers, "/receivers")]
        {
            for (i, cap) in caps.iter().enumerate() {
                check((1..=MOST_POINTS).contains(&cap.most), &format!("{at}/{i}/most"), "cap_out_of_range");
                let first = caps[..i].iter().all(|other| other.per != cap.per);
                check(first, &format!("{at}/{i}/per"), "window_twice");
            }
        }
        let fixed = (0..=MOST_POINTS).contains(&self.fee.fixed.count());
        check(fixed, "/fee/fixed", "points_out_of_range");
        check(self.fee.percent <= 100, "/fee/percent", "zero_to_hundred_percent");
        check(self.account_age_days <= 3650, "/account_age_days", "days_out_of_range");
        check(self.cooling_off_s <= MOST_SECONDS, "/cooling_off_s", "seconds_out_of_range");
        check((60..=MOST_SECONDS).contains(&self.waits_s), "/waits_s", "seconds_out_of_range");
        for (above, at) in [
            (self.step_up_above, "/step_up_above"),
            (self.review_above, "/review_above"),
            (self.agent_review_above, "/agent_review_above"),
        ] {
            let fine = above.is_none_or(|points| (0..=MOST_POINTS).contains(&points.count()));
            check(fine, at, "points_out_of_range");
        }
        found
    }
}
