//! Accounts that somebody else may have taken over: for some days few points leave them.
//!
//! **While an account is guarded, none of its points go to another member, and no more are spent than its guard lets go.** What
//! comes back does not widen it.

use kernel::{Points, Timestamp};

use super::{Account, Rejection};

/// What a guard still lets go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guard {
    /// Until when it stands.
    pub until: Timestamp,
    /// How many points may still be spent.
    pub left: Points,
    /// The same as it was read.
    pub stored: Points,
}

impl Guard {
    /// A guard as it was stored.
    #[must_use]
    pub const fn new(until: Timestamp, left: Points) -> Self {
        Self { until, left, stored: left }
    }
}

impl Account {
    /// The guard that stands at that moment.
    #[must_use]
    pub fn guarded(&self, now: Timestamp) -> Option<Guard> {
        self.guard.filter(|guard| now < guard.until)
    }

    /// Lets points go that are spent.
    ///
    /// # Errors
    /// [`Rejection::Guarded`] when they are more than the guard lets go; nothing is changed then.
    pub(super) fn let_go(&mut self, points: Points, now: Timestamp) -> Result<(), Rejection> {
        let Some(guard) = self.guard.as_mut().filter(|guard| now < guard.until) else { return Ok(()) };
        if points > guard.left {
            return Err(Rejection::Guarded { left: guard.left, until: guard.until });
        }
        guard.left = guard.left.minus(points)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use kernel::MemberId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_guard_lets_so_many_points_go_while_it_stands() {
        let at = Timestamp::from_micros;
        let mut account = Account::new(MemberId::from_uuid(Uuid::from_u128(1)));
        assert_eq!(account.let_go(Points::new(900), at(1)), Ok(()));
        account.guard = Some(Guard::new(at(100), Points::new(500)));
        assert_eq!(account.let_go(Points::new(300), at(99)), Ok(()));
        let refused = Err(Rejection::Guarded { left: Points::new(200), until: at(100) });
        assert_eq!(account.let_go(Points::new(201), at(99)), refused);
        assert_eq!(
            account.guarded(at(99)).map(|guard| (guard.left, guard.stored)),
            Some((Points::new(200), Points::new(500)))
        );
        assert_eq!((account.guarded(at(100)), account.let_go(Points::new(201), at(100))), (None, Ok(())));
    }
}
