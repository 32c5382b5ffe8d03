//! What of rewards is counted, day by day.

/// What is counted of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Measure {
    /// Redemptions that were asked for.
    Begun,
    /// Redemptions that were done.
    Completed,
    /// Points that they took.
    PointsTaken,
    /// What was to be paid besides, in minor units.
    MoneyTaken,
    /// Redemptions that came to nothing.
    Released,
    /// Redemptions that were done and were cancelled.
    Cancelled,
    /// Of these, those whose points came back.
    Refunded,
    /// The points.
    PointsBack,
    /// Those whose points had nowhere to go.
    Forfeited,
    /// Vouchers and codes that somebody got.
    Issued,
    /// What they are worth: minor units of credit, 1 of what is used once.
    IssuedWorth,
    /// Uses of them.
    Used,
    /// How much of them.
    UsedWorth,
    /// Uses within an hour of getting it.
    UsedInHour,
    /// Within a day.
    UsedInDay,
    /// Within three days.
    UsedInThreeDays,
    /// Within a week.
    UsedInWeek,
    /// Within two weeks.
    UsedInTwoWeeks,
    /// Within thirty days.
    UsedInMonth,
    /// Within ninety days.
    UsedInQuarter,
    /// Later than that.
    UsedLater,
    /// Uses that were taken back.
    Returned,
    /// How much.
    ReturnedWorth,
    /// Vouchers and codes whose time passed.
    Expired,
    /// How much of them was not used.
    ExpiredWorth,
    /// Vouchers and codes that were called back.
    Voided,
    /// How much of them was not used.
    VoidedWorth,
    /// Gifts without vouchers.
    Given,
    /// What somebody has to pay for: minor units of credit, else pieces.
    Charged,
    /// What that costs, in minor units.
    Charge,
    /// What came back of it.
    Corrected,
    /// What that cost.
    Correction,
}

impl Measure {
    /// Every one.
    pub const ALL: [Self; 32] = [
        Self::Begun,
        Self::Completed,
        Self::PointsTaken,
        Self::MoneyTaken,
        Self::Released,
        Self::Cancelled,
        Self::Refunded,
        Self::PointsBack,
        Self::Forfeited,
        Self::Issued,
        Self::IssuedWorth,
        Self::Used,
        Self::UsedWorth,
        Self::UsedInHour,
        Self::UsedInDay,
        Self::UsedInThreeDays,
        Self::UsedInWeek,
        Self::UsedInTwoWeeks,
        Self::UsedInMonth,
        Self::UsedInQuarter,
        Self::UsedLater,
        Self::Returned,
        Self::ReturnedWorth,
        Self::Expired,
        Self::ExpiredWorth,
        Self::Voided,
        Self::VoidedWorth,
        Self::Given,
        Self::Charged,
        Self::Charge,
        Self::Corrected,
        Self::Correction,
    ];

    /// The word in rows.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Completed => "completed",
            Self::PointsTaken => "points_taken",
            Self::MoneyTaken => "money_taken",
            Self::Released => "released",
            Self::Cancelled => "cancelled",
            Self::Refunded => "refunded",
            Self::PointsBack => "points_back",
            Self::Forfeited => "forfeited",
            Self::Issued => "issued",
            Self::IssuedWorth => "issued_worth",
            Self::Used => "used",
            Self::UsedWorth => "used_worth",
            Self::UsedInHour => "used_in_hour",
            Self::UsedInDay => "used_in_day",
            Self::UsedInThreeDays => "used_in_three_days",
            Self::UsedInWeek => "used_in_week",
            Self::UsedInTwoWeeks => "used_in_two_weeks",
            Self::UsedInMonth => "used_in_month",
            Self::UsedInQuarter => "used_in_quarter",
            Self::UsedLater => "used_later",
            Self::Returned => "returned",
            Self::ReturnedWorth => "returned_worth",
            Self::Expired => "expired",
            Self::ExpiredWorth => "expired_worth",
            Self::Voided => "voided",
            Self::VoidedWorth => "voided_worth",
            Self::Given => "given",
            Self::Charged => "charged",
            Self::Charge => "charge",
            Self::Corrected => "corrected",
            Self::Correction => "correction",
        }
    }

    /// The one behind a stored word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|measure| measure.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_survives_its_row() {
        for measure in Measure::ALL {
            assert_eq!(Measure::from_word(measure.word()), Some(measure));
        }
        assert_eq!(Measure::from_word("half"), None);
    }
}
