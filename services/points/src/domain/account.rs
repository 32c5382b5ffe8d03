//! A member's account: its lots, its balance, its version.

use kernel::{Day, MemberId, Overflow, Points};

use super::{Lot, Movement};

/// A member's points.
///
/// **Lots equal the balance**: the balance is the sum of the lots, and no lot is empty or negative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub member: MemberId,
    /// Number of journals so far; the next one takes the next number. Zero for an account that has none yet.
    pub version: u64,
    /// All points, including such as lapsed and are not yet written off.
    pub balance: Points,
    /// By expiry day, then funder.
    lots: Vec<Lot>,
}

impl Account {
    /// An account without points, for a member's first journal.
    #[must_use]
    pub const fn new(member: MemberId) -> Self {
        Self { member, version: 0, balance: Points::ZERO, lots: Vec::new() }
    }

    /// An account as it was stored; lots in any order.
    #[must_use]
    pub fn from_parts(member: MemberId, version: u64, balance: Points, mut lots: Vec<Lot>) -> Self {
        lots.sort_by(|a, b| (a.expires_on, &a.funder).cmp(&(b.expires_on, &b.funder)));
        Self { member, version, balance, lots }
    }

    /// The lots, earliest expiry first.
    #[must_use]
    pub fn lots(&self) -> &[Lot] {
        &self.lots
    }

    /// The lots whose last day is over by `today`: they are written off with the next journal.
    pub fn lapsed(&self, today: Day) -> impl Iterator<Item = &Lot> {
        self.lots.iter().take_while(move |lot| lot.lapsed(today))
    }

    /// What can be spent on `today`: right at any instant, whether or not lapsed lots were written off (P2).
    ///
    /// # Errors
    /// [`Overflow`], which stored lots cannot cause: their sum was counted when they were written.
    pub fn available(&self, today: Day) -> Result<Points, Overflow> {
        Points::sum(self.lots.iter().filter(|lot| !lot.lapsed(today)).map(|lot| lot.points))
    }

    /// What lapses next after `today`, and on which last day; `None` when nothing ever will.
    #[must_use]
    pub fn expires_next(&self, today: Day) -> Option<(Day, Points)> {
        let mut ahead =
            self.lots.iter().filter(|lot| !lot.lapsed(today) && lot.expires_on < super::NEVER).peekable();
        let day = ahead.peek()?.expires_on;
        let points = Points::sum(ahead.take_while(|lot| lot.expires_on == day).map(|lot| lot.points));
        Some((day, points.ok()?))
    }

    /// Applies a movement that was decided.
    ///
    /// # Errors
    /// [`Overflow`] when a balance does not fit or would fall below none; nothing is changed then.
    pub fn evolve(&mut self, movement: &Movement) -> Result<(), Overflow> {
        let place = self.place(movement);
        let held = place.map_or(Points::ZERO, |i: usize| self.lots[i].points);
        let (balance, left) = if movement.adds() {
            (self.balance.plus(movement.points)?, held.plus(movement.points)?)
        } else {
            (self.balance.minus(movement.points)?, held.minus(movement.points)?)
        };
        if balance < Points::ZERO || left < Points::ZERO {
            return Err(Overflow);
        }
        self.balance = balance;
        match place {
            Ok(i) if left.is_zero() => drop(self.lots.remove(i)),
            Ok(i) => self.lots[i].points = left,
            Err(i) => {
                let funder = movement.funder.clone();
                self.lots.insert(i, Lot { expires_on: movement.expires_on, funder, points: left });
            }
        }
        Ok(())
    }

    fn place(&self, movement: &Movement) -> Result<usize, usize> {
        let key = (movement.expires_on, &movement.funder);
        self.lots.binary_search_by(|lot| (lot.expires_on, &lot.funder).cmp(&key))
    }
}
