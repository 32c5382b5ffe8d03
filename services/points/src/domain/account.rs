//! A member's account: its lots, its balance, its version.

use kernel::{BranchCode, Day, MemberId, Overflow, Points};

use super::{AccountState, Aside, Book, Effect, Guard, Lot, Moment, Movement, NEVER};

/// A member's points.
///
/// **Lots equal the balance**: the balance is the sum of the lots, and no lot is empty or negative.
///
/// Earning needs no single lots as long as nothing has lapsed, and reading them is what costs most. So an account can be
/// loaded by its summary: the balance and what lapses next. **The summary says the same as the lots.**
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub member: MemberId,
    /// Number of journals so far; the next one takes the next number. Zero for an account that has none yet.
    pub version: u64,
    /// All points, including such as lapsed and are not yet written off.
    pub balance: Points,
    /// Points that the member owes, never below none: taken back when they were spent already.
    pub debt: Points,
    /// What it may do.
    pub state: AccountState,
    /// The last day of everything unless something happens; `None` where nothing is said of inactivity.
    pub idle_on: Option<Day>,
    /// What keeps points from leaving, since somebody else may have taken the account over.
    pub guard: Option<Guard>,
    /// The earliest last day of all lots that lapse, and the sum of the lots of that day.
    next: Option<(Day, Points)>,
    /// By place, then lot.
    pub(super) asides: Vec<Aside>,
    /// The same as it was read.
    pub(super) stored: Vec<Aside>,
    /// By expiry day, then funder; `None` when only the summary was loaded.
    lots: Option<Vec<Lot>>,
}

impl Account {
    /// An account without points, for a member's first journal.
    #[must_use]
    pub const fn new(member: MemberId) -> Self {
        Self {
            member,
            version: 0,
            balance: Points::ZERO,
            debt: Points::ZERO,
            state: AccountState::Open,
            idle_on: None,
            guard: None,
            next: None,
            asides: Vec::new(),
            stored: Vec::new(),
            lots: Some(Vec::new()),
        }
    }

    /// An account as it was stored; lots in any order.
    #[must_use]
    pub fn from_parts(member: MemberId, version: u64, balance: Points, debt: Points, lots: Vec<Lot>) -> Self {
        Self { version, balance, debt, ..Self::new(member) }.with_lots(lots)
    }

    /// An account by its summary. Whatever takes points away needs the lots: load them where `next` has lapsed.
    #[must_use]
    pub fn from_summary(
        member: MemberId,
        version: u64,
        balance: Points,
        debt: Points,
        next: Option<(Day, Points)>,
    ) -> Self {
        Self { version, balance, debt, next, lots: None, ..Self::new(member) }
    }

    /// The same account with its lots, in any order, in place of what the summary said of them.
    #[must_use]
    pub fn with_lots(mut self, mut lots: Vec<Lot>) -> Self {
        lots.sort_by(|a, b| (a.expires_on, &a.funder).cmp(&(b.expires_on, &b.funder)));
        self.next = earliest(&lots);
        self.lots = Some(lots);
        self
    }

    /// The lots, earliest expiry first; none where only the summary was loaded.
    #[must_use]
    pub fn lots(&self) -> &[Lot] {
        self.lots.as_deref().unwrap_or_default()
    }

    /// Whether the single lots are loaded.
    #[must_use]
    pub const fn knows_lots(&self) -> bool {
        self.lots.is_some()
    }

    /// The earliest last day of all lots that lapse, over or not, and the sum of the lots of that day.
    #[must_use]
    pub const fn next(&self) -> Option<(Day, Points)> {
        self.next
    }

    /// The lots whose last day is over by `today`: they are written off with the next journal.
    pub fn lapsed(&self, today: Day) -> impl Iterator<Item = &Lot> {
        let idle = self.is_idle(today);
        self.lots().iter().take_while(move |lot| idle || lot.lapsed(today))
    }

    /// Whether the single lots are needed to settle the account: something lapses, or becomes free and may lapse or pay a
    /// debt at once.
    #[must_use]
    pub fn needs_lots(&self, at: Moment) -> bool {
        let lapses = self.next.is_some_and(|(day, _)| day < at.today) || self.is_idle(at.today);
        self.debt.is_positive() || lapses || self.is_due(at)
    }

    /// What lots say can be spent on `today`, whatever has been written off.
    ///
    /// # Errors
    /// [`Overflow`], which stored lots cannot cause: their sum was counted when they were written.
    pub fn available(&self, today: Day) -> Result<Points, Overflow> {
        let gone = Points::sum(self.lapsed(today).map(|lot| lot.points))?;
        self.balance.minus(gone)
    }

    /// What lapses next after `today`, and on which last day; `None` when nothing ever will.
    #[must_use]
    pub fn expires_next(&self, today: Day) -> Option<(Day, Points)> {
        let there = self.available(today).ok().filter(|points| points.is_positive())?;
        let next = match &self.lots {
            Some(lots) => earliest(&lots[lots.partition_point(|lot| lot.lapsed(today))..]),
            None => self.next,
        };
        match self.idle_on {
            Some(day) if next.is_none_or(|(first, _)| day < first) => Some((day, there)),
            _ => next,
        }
    }

    /// Applies a movement that was decided, and that concerns no points that are aside.
    ///
    /// # Errors
    /// [`Overflow`] when a balance does not fit or would fall below none, or when points are taken away from an account
    /// whose lots are not loaded; nothing is changed then.
    pub fn evolve(&mut self, movement: &Movement) -> Result<(), Overflow> {
        let aside = [Book::Pending, Book::Held].map(|book| movement.effect_on(book));
        if aside != [Effect::Leaves; 2] {
            return Err(Overflow);
        }
        self.apply(movement)
    }

    pub(super) fn apply(&mut self, movement: &Movement) -> Result<(), Overflow> {
        let balance = moved(self.balance, movement.on_points(), movement.points)?;
        let debt = moved(self.debt, movement.effect_on(Book::Debt), movement.points)?;
        match (&mut self.lots, movement.on_points()) {
            (_, Effect::Leaves) => {}
            (Some(lots), _) => {
                move_lot(lots, movement)?;
                self.next = earliest(lots);
            }
            (None, Effect::Adds) => self.next = sooner(self.next, movement)?,
            (None, Effect::Takes) => return Err(Overflow),
        }
        (self.balance, self.debt) = (balance, debt);
        Ok(())
    }

    /// Which lots `points` are taken from on `today`, earliest expiry first and none that has lapsed, of each the bound ones
    /// first; fewer where there are fewer.
    #[must_use]
    pub fn oldest(&self, points: Points, today: Day) -> Vec<Lot> {
        self.taken(points, today, Lot::spent)
    }

    /// Which lots `points` may go to another member from on `today`, earliest expiry first and none of them bound; fewer where
    /// there are fewer.
    #[must_use]
    pub fn passable(&self, points: Points, today: Day) -> Vec<Lot> {
        self.taken(points, today, |lot, left| lot.part(left.min(lot.passable()), Points::ZERO))
    }

    /// How many points may go to another member on `today`.
    ///
    /// # Errors
    /// [`Overflow`], which stored lots cannot cause.
    pub fn transferable(&self, today: Day) -> Result<Points, Overflow> {
        Points::sum(self.alive(today).map(Lot::passable))
    }

    /// The lots that have not lapsed.
    fn alive(&self, today: Day) -> impl Iterator<Item = &Lot> {
        self.lots().iter().skip(self.lapsed(today).count())
    }

    fn taken(&self, points: Points, today: Day, some: impl Fn(&Lot, Points) -> Lot) -> Vec<Lot> {
        let mut left = points.count();
        let mut taken = Vec::new();
        for lot in self.alive(today) {
            if left == 0 {
                break;
            }
            let part = some(lot, Points::new(left));
            left -= part.points.count();
            if part.points.is_positive() {
                taken.push(part);
            }
        }
        taken
    }

    /// What is left in a lot; `None` where it is gone.
    #[must_use]
    pub fn lot(&self, expires_on: Day, funder: &BranchCode) -> Option<&Lot> {
        let key = (expires_on, funder);
        let place = self.lots().binary_search_by(|lot| (lot.expires_on, &lot.funder).cmp(&key));
        place.ok().map(|place| &self.lots()[place])
    }
}

impl Lot {
    /// The lot after points came into it or went out of it; nothing is left in one that is gone.
    ///
    /// # Errors
    /// [`Overflow`] when there are fewer of a kind than go, or a sum does not fit.
    pub(super) fn after(&self, effect: Effect, movement: &Movement) -> Result<Self, Overflow> {
        let points = moved(self.points, effect, movement.points)?;
        let bound = moved(self.bound, effect, movement.bound)?;
        if bound > points { Err(Overflow) } else { Ok(Self { points, bound, ..self.clone() }) }
    }
}

/// An amount that is never below none, after an effect.
fn moved(before: Points, effect: Effect, points: Points) -> Result<Points, Overflow> {
    let after = match effect {
        Effect::Adds => before.plus(points)?,
        Effect::Takes => before.minus(points)?,
        Effect::Leaves => before,
    };
    if after < Points::ZERO { Err(Overflow) } else { Ok(after) }
}

/// What lapses first of these lots, which are sorted.
fn earliest(lots: &[Lot]) -> Option<(Day, Points)> {
    let day = lots.first().map(|lot| lot.expires_on).filter(|day| *day < NEVER)?;
    let points = Points::sum(lots.iter().take_while(|lot| lot.expires_on == day).map(|lot| lot.points));
    Some((day, points.ok()?))
}

/// What lapses first once these points have come.
fn sooner(next: Option<(Day, Points)>, movement: &Movement) -> Result<Option<(Day, Points)>, Overflow> {
    let coming = (movement.expires_on, movement.points);
    Ok(match next {
        _ if coming.0 == NEVER => next,
        Some((day, points)) if day == coming.0 => Some((day, points.plus(coming.1)?)),
        Some((day, _)) if day < coming.0 => next,
        _ => Some(coming),
    })
}

fn move_lot(lots: &mut Vec<Lot>, movement: &Movement) -> Result<(), Overflow> {
    let key = (movement.expires_on, &movement.funder);
    let place = lots.binary_search_by(|lot| (lot.expires_on, &lot.funder).cmp(&key));
    match place {
        Ok(i) => {
            let left = lots[i].after(movement.on_points(), movement)?;
            if left.points.is_zero() {
                lots.remove(i);
            } else {
                lots[i] = left;
            }
        }
        Err(i) if movement.on_points() == Effect::Adds && movement.bound <= movement.points => {
            lots.insert(i, movement.lot());
        }
        Err(_) => return Err(Overflow),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::domain::Template;

    fn earned(day: i32, branch: u8, points: i64) -> Movement {
        let expires_on = if day > 20 { NEVER } else { Day::from_number(day) };
        let funder = BranchCode::parse(&format!("b{branch}")).unwrap();
        let lot = Lot::new(expires_on, funder, Points::new(points));
        Movement::of(Template::PurchaseEarned, MemberId::from_uuid(Uuid::nil()), lot)
    }

    proptest! {
        #[test]
        fn the_summary_says_the_same_as_the_lots(
            first in prop::collection::vec((0_i32..25, 0_u8..3, 1_i64..1000), 0..12),
            then in prop::collection::vec((0_i32..25, 0_u8..3, 1_i64..1000), 0..12),
        ) {
            let mut whole = Account::new(MemberId::from_uuid(Uuid::nil()));
            for (day, branch, points) in first {
                whole.evolve(&earned(day, branch, points))?;
            }
            let mut summary = Account::from_summary(whole.member, whole.version, whole.balance, Points::ZERO, whole.next());
            for (day, branch, points) in then {
                let movement = earned(day, branch, points);
                whole.evolve(&movement)?;
                summary.evolve(&movement)?;
            }
            let begun = Day::from_number(0);
            prop_assert_eq!((summary.balance, summary.next()), (whole.balance, whole.next()));
            prop_assert_eq!(summary.expires_next(begun), whole.expires_next(begun));
        }
    }

    #[test]
    fn points_are_not_taken_from_lots_that_nobody_read() {
        let mut account =
            Account::from_summary(MemberId::from_uuid(Uuid::nil()), 1, Points::new(9), Points::ZERO, None);
        let lapse = Movement { template: Template::Lapsed, ..earned(3, 0, 9) };
        assert_eq!(account.evolve(&lapse), Err(Overflow));
        assert_eq!(account.balance, Points::new(9));
    }
}
