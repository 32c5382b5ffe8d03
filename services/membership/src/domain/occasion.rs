//! Occasions of members: days that come once a year, told on the day, without the date.
//!
//! **An occasion of a member is told once a year**: never again within [`APART`] days of the day for which it was told, whatever the
//! member says about their birthday meanwhile.

use contracts::membership::{Occasion, OccasionReached};
use kernel::{Day, MemberId};

/// The fewest days between two birthdays, or anniversaries, of a member that are told. Years are longer; what is left is for those
/// who correct a birthday to an earlier day.
pub const APART: i32 = 300;
/// How many days an occasion may be told late, when nobody could tell it on its day.
pub const LATE: i32 = 7;

/// What was told of a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// Of whom.
    pub member: MemberId,
    /// The day for which the birthday was told last.
    pub birthday_told_for: Option<Day>,
    /// The day for which the anniversary of joining was told last.
    pub anniversary_told_for: Option<Day>,
    /// How many facts were told of occasions.
    pub told: u64,
}

/// The occasion's word in rows.
#[must_use]
pub const fn word(occasion: Occasion) -> &'static str {
    match occasion {
        Occasion::Birthday => "birthday",
        Occasion::JoinAnniversary => "join_anniversary",
    }
}

/// The first day that is too near to `day` for an occasion to be told for both.
#[must_use]
pub fn near(day: Day) -> Day {
    Day::from_number(day.number() - APART + 1)
}

/// The days for which an occasion is still to be told, the earliest first, when it was told of everybody up to `through`.
/// Nothing from before the first look is told.
#[must_use]
pub fn days_to_tell(through: Option<Day>, today: Day) -> Vec<Day> {
    let first = through.map_or(today.number(), |through| through.number() + 1);
    (first.max(today.number() - LATE)..=today.number()).map(Day::from_number).collect()
}

impl Marked {
    /// Marks an occasion for a day; `None` when it was told for this day or one that is near.
    pub fn mark(&mut self, occasion: Occasion, day: Day) -> Option<OccasionReached> {
        let told_for = match occasion {
            Occasion::Birthday => &mut self.birthday_told_for,
            Occasion::JoinAnniversary => &mut self.anniversary_told_for,
        };
        if told_for.is_some_and(|told| told >= near(day)) {
            return None;
        }
        *told_for = Some(day);
        self.told += 1;
        Some(OccasionReached { member_id: self.member, occasion })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const fn day(number: i32) -> Day {
        Day::from_number(number)
    }

    #[test]
    fn an_occasion_is_told_once_a_year_whatever_happens_to_its_day() {
        let member = MemberId::from_uuid(Uuid::from_u128(7));
        let mut marked = Marked { member, birthday_told_for: None, anniversary_told_for: None, told: 0 };
        let told = |marked: &mut Marked, number| marked.mark(Occasion::Birthday, day(number)).is_some();
        assert!(told(&mut marked, 1_000));
        for soon in [1_000, 1_001, 1_299, 999, 900] {
            assert!(!told(&mut marked, soon), "{soon}");
        }
        assert!(marked.mark(Occasion::JoinAnniversary, day(1_001)).is_some(), "another occasion");
        assert!(told(&mut marked, 1_300) && told(&mut marked, 1_665));
        assert_eq!((marked.told, marked.birthday_told_for), (4, Some(day(1_665))));
    }

    #[test]
    fn days_that_were_missed_are_told_late_and_not_for_ever() {
        let days =
            |through| days_to_tell(through, day(100)).iter().map(|day| day.number()).collect::<Vec<_>>();
        assert_eq!(days(None), [100]);
        assert_eq!(days(Some(day(99))), [100]);
        assert_eq!(days(Some(day(97))), [98, 99, 100]);
        assert_eq!(days(Some(day(3))), (93..=100).collect::<Vec<_>>());
        assert_eq!(days(Some(day(100))), Vec::<i32>::new());
        assert_eq!(days(Some(day(101))), Vec::<i32>::new(), "the zone moved west");
    }
}
