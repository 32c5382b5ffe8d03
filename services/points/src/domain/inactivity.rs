//! Points that lapse when a member does nothing for long.

use kernel::Day;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{Account, JournalKind, programme::Found};

/// All points of a member lapse when nothing happens to their account for so long (P2), however long each would last.
///
/// Whatever somebody enters begins it anew: a purchase, a return, an action, a redemption, a transfer to or from the member, a
/// correction. What happens by itself does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Inactivity {
    /// Calendar months from the day of the last entry, 1 to 120. The last day is the same day of the month, or the month's
    /// last day where it is shorter.
    #[schema(minimum = 1, maximum = 120)]
    pub months: u32,
}

impl Inactivity {
    /// The last day on which the points can be spent when nothing happens after `today`.
    #[must_use]
    pub fn last_day(self, today: Day) -> Day {
        today.plus_months(self.months)
    }

    /// Notes what is wrong with it.
    pub(super) fn check(self, found: &mut Found) {
        found.check((1..=120).contains(&self.months), "/inactivity/months", "one_to_120_months");
    }
}

impl JournalKind {
    /// Whether an entry of this kind shows that the member, or somebody for them, did something.
    #[must_use]
    pub const fn is_activity(self) -> bool {
        !matches!(
            self,
            Self::Expiry
                | Self::Activation
                | Self::Release
                | Self::Freeze
                | Self::Unfreeze
                | Self::Closure
                | Self::MergedOut
        )
    }
}

impl Account {
    /// Something happened: what was said of inactivity begins anew.
    pub fn restart(&mut self, today: Day, inactivity: Option<Inactivity>) {
        self.idle_on = inactivity.map(|terms| terms.last_day(today));
    }

    /// Whether nothing happened for too long: all that is there has lapsed.
    #[must_use]
    pub fn is_idle(&self, today: Day) -> bool {
        self.idle_on.is_some_and(|last_day| last_day < today)
    }
}

#[cfg(test)]
mod tests {
    use kernel::{BranchCode, MemberId, Points, Timestamp};
    use uuid::Uuid;

    use super::*;
    use crate::domain::{Lot, Moment, NEVER, Template, settle};

    fn day(number: i32) -> Day {
        Day::from_number(number)
    }

    fn account() -> Account {
        let funder = BranchCode::parse("vanak").unwrap();
        let lots = [(20_050, 3), (20_400, 5), (NEVER.number(), 7)];
        let lots = lots.map(|(on, points)| Lot::new(day(on), funder.clone(), Points::new(points)));
        let member = MemberId::from_uuid(Uuid::nil());
        let mut account = Account::from_parts(member, 3, Points::new(15), Points::ZERO, lots.into());
        account.idle_on = Some(day(20_100));
        account
    }

    fn at(today: i32) -> Moment {
        Moment { now: Timestamp::from_micros(i64::from(today) * 86_400_000_000), today: day(today) }
    }

    #[test]
    fn everything_lapses_the_day_after_and_nothing_before() {
        let account = account();
        assert_eq!(account.available(day(20_100)), Ok(Points::new(12)), "a lot's own day was over");
        assert_eq!(account.expires_next(day(20_060)), Some((day(20_100), Points::new(12))));
        assert_eq!(account.expires_next(day(20_000)), Some((day(20_050), Points::new(3))));
        assert_eq!(account.available(day(20_101)), Ok(Points::ZERO));
        assert!(account.oldest(Points::new(1), day(20_101)).is_empty());
        assert_eq!(account.expires_next(day(20_101)), None);
        assert!(account.needs_lots(at(20_101)));
    }

    #[test]
    fn what_lapsed_is_written_off_once_under_its_own_name() {
        let mut account = account();
        let settled = settle(&mut account, at(20_101), None).unwrap();
        let written: Vec<_> =
            settled[0].journal.movements.iter().map(|m| (m.template, m.points.count())).collect();
        let idle = Template::LapsedIdle;
        assert_eq!(written, [(Template::Lapsed, 3), (idle, 5), (idle, 7)]);
        assert_eq!((account.balance, account.idle_on), (Points::ZERO, None));
        assert!(settle(&mut account, at(20_102), None).unwrap().is_empty());
        assert!(!account.is_idle(day(30_000)), "it begins anew with the next entry");
    }

    #[test]
    fn an_entry_begins_it_anew() {
        let mut account = account();
        account.restart(day(20_000), Some(Inactivity { months: 12 }));
        assert_eq!(account.idle_on, Some(day(20_000).plus_months(12)));
        account.restart(day(20_000), None);
        assert!(!account.is_idle(day(30_000)));
        assert!(JournalKind::TransferReceived.is_activity() && !JournalKind::Expiry.is_activity());
    }
}
