//! The same account as a child would keep it: slips of paper in heaps, one heap for each place.

use std::collections::BTreeMap;

use kernel::Day;

/// What comes: last day, branch, points, and bound ones among them.
pub type Slip = (Day, usize, i64, i64);

/// A slip of paper: last day, branch, what colour, points. It says whether its points can be passed on by its colour, so that
/// the others, which cannot, lie before it.
pub type Paper = (Day, usize, Colour, i64);

/// What a slip says of its points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    Bound,
    Passable,
}

/// The child's account.
#[derive(Default)]
pub struct Model {
    free: Vec<Paper>,
    pending: Vec<(Day, Paper)>,
    holds: BTreeMap<u128, (i64, Vec<Paper>)>,
    debt: i64,
}

/// Branches stand in the order of their codes, as lots do.
pub const BRANCHES: [&str; 3] = ["isf-1", "tajrish", "vanak"];

impl Model {
    /// Time has passed.
    pub fn pass(&mut self, today: Day, now: i64, share: i64) {
        let over: Vec<u128> =
            self.holds.iter().filter(|(_, (until, _))| *until <= now).map(|(id, _)| *id).collect();
        for id in over {
            self.release(id);
        }
        let (due, later) =
            std::mem::take(&mut self.pending).into_iter().partition(|(from, _)| *from <= today);
        self.pending = later;
        let mut due: Vec<(Day, Paper)> = due;
        due.sort_unstable();
        for day in due.chunk_by(|a, b| a.0 == b.0) {
            self.set_free(day, share);
        }
        self.free.retain(|slip| slip.0 >= today && slip.3 > 0);
    }

    /// Pending points of these slips become free before their day: those of the day that is named, then others of the same
    /// slip, last to come first; a debt takes its share.
    pub fn activate(&mut self, own: &[(Day, Slip)], share: i64) {
        let mut due: Vec<(Day, Paper)> = Vec::new();
        for (from, slip) in own {
            let mut left = *slip;
            let mut days = self.days_of(slip);
            days.sort_by_key(|other| other != from);
            for other in days {
                let gone = self.take_pending(other, &mut left);
                due.extend(gone.into_iter().map(|paper| (other, paper)));
            }
        }
        due.sort_unstable();
        self.set_free(&due, share);
    }

    /// What was pending is free; a debt takes its share, in the order of the slips.
    fn set_free(&mut self, due: &[(Day, Paper)], share: i64) {
        let came: i64 = due.iter().map(|(_, slip)| slip.3).sum();
        let mut left = (came * share / 100).min(self.debt);
        self.debt -= left;
        for (_, (last, branch, colour, there)) in due {
            let some = (*there).min(left);
            left -= some;
            self.free.push((*last, *branch, *colour, there - some));
        }
    }

    /// The days on which pending points of this last day and branch become free, last to come first.
    fn days_of(&self, slip: &Slip) -> Vec<Day> {
        let same = self.pending.iter().filter(|(_, paper)| (paper.0, paper.1) == (slip.0, slip.1));
        let mut days: Vec<Day> = same.map(|(from, _)| *from).collect();
        days.sort_unstable();
        days.dedup();
        days.reverse();
        days
    }

    /// Takes what is wanted out of what becomes free on that day.
    fn take_pending(&mut self, from: Day, wanted: &mut Slip) -> Vec<Paper> {
        let of_day = self.pending.iter_mut().filter(|(day, _)| *day == from).map(|(_, paper)| paper);
        let gone = take_of(of_day.collect(), wanted);
        self.pending.retain(|(_, paper)| paper.3 > 0);
        gone
    }

    /// Points come.
    pub fn come(&mut self, slip: Slip, from: Option<Day>) {
        let (day, branch, points, bound) = slip;
        for paper in [(day, branch, Colour::Bound, bound), (day, branch, Colour::Passable, points - bound)] {
            match from {
                _ if paper.3 == 0 => {}
                Some(from) => self.pending.push((from, paper)),
                None => self.free.push(paper),
            }
        }
    }

    /// A debt is paid with so many points at most.
    pub fn pay(&mut self, most: i64, today: Day) {
        let there: i64 = self.free.iter().filter(|slip| slip.0 >= today).map(|slip| slip.3).sum();
        let paid = most.min(self.debt).min(there);
        self.take(paid, today);
        self.debt -= paid;
    }

    /// Points go, earliest day first; all of them or none.
    pub fn take(&mut self, points: i64, today: Day) -> Option<Vec<Paper>> {
        self.take_where(points, today, |_| true)
    }

    /// Points go to another member, earliest day first, none that is bound; then the fee goes.
    pub fn pass_on(&mut self, points: i64, fee: i64, today: Day) {
        self.take_where(points, today, |colour| colour == Colour::Passable);
        self.take(fee, today);
    }

    fn take_where(&mut self, points: i64, today: Day, may: impl Fn(Colour) -> bool) -> Option<Vec<Paper>> {
        self.free.sort_unstable();
        let mut left = points;
        let mut taken = Vec::new();
        let mut after = self.free.clone();
        for slip in after.iter_mut().filter(|slip| slip.0 >= today && may(slip.2)) {
            let some = slip.3.min(left);
            slip.3 -= some;
            left -= some;
            if some > 0 {
                taken.push((slip.0, slip.1, slip.2, some));
            }
        }
        after.retain(|slip| slip.3 > 0);
        (left == 0).then(|| {
            self.free = after;
            taken
        })
    }

    /// Points are set aside.
    pub fn hold(&mut self, id: u128, until: i64, points: i64, today: Day) -> bool {
        let taken = self.take(points, today);
        taken.map(|slips| self.holds.insert(id, (until, slips))).is_some()
    }

    /// So many points of a hold are redeemed, the rest is free; answers the slips that went.
    pub fn capture(&mut self, id: u128, points: Option<i64>) -> Option<Vec<Paper>> {
        let (_, slips) = self.holds.get(&id)?;
        let held: i64 = slips.iter().map(|slip| slip.3).sum();
        let mut left = points.unwrap_or(held);
        if left > held {
            return None;
        }
        let (_, slips) = self.holds.remove(&id)?;
        let mut gone = Vec::new();
        for (day, branch, colour, there) in slips {
            let some = there.min(left);
            left -= some;
            if some > 0 {
                gone.push((day, branch, colour, some));
            }
            if there > some {
                self.free.push((day, branch, colour, there - some));
            }
        }
        Some(gone)
    }

    /// A hold is free again; answers whether there was one.
    pub fn release(&mut self, id: u128) -> bool {
        let slips = self.holds.remove(&id);
        let open = slips.is_some();
        self.free.extend(slips.into_iter().flat_map(|(_, slips)| slips));
        open
    }

    /// Points that a purchase brought are taken back: pending ones first, then free ones of the same slip, the rest is owed.
    pub fn give_back(&mut self, due: Slip, pending: bool, today: Day) -> i64 {
        if due.0 < today {
            return 0;
        }
        let mut left = due;
        if pending {
            for day in self.days_of(&due) {
                self.take_pending(day, &mut left);
            }
        }
        take_of(self.free.iter_mut().collect(), &mut left);
        self.free.retain(|slip| slip.3 > 0);
        self.debt += left.2;
        left.2
    }

    /// Free, pending, held, owed.
    pub fn sums(&self) -> [i64; 4] {
        let [free, pending, held] = self.count(|_| true);
        [free, pending, held, self.debt]
    }

    /// How many of what is free, pending and held are bound.
    pub fn bound(&self) -> [i64; 3] {
        self.count(|colour| colour == Colour::Bound)
    }

    fn count(&self, what: impl Fn(Colour) -> bool) -> [i64; 3] {
        let sum = |papers: &mut dyn Iterator<Item = &Paper>| {
            papers.filter(|paper| what(paper.2)).map(|paper| paper.3).sum()
        };
        let held = self.holds.values().flat_map(|(_, papers)| papers);
        [
            sum(&mut self.free.iter()),
            sum(&mut self.pending.iter().map(|(_, paper)| paper)),
            sum(&mut { held }),
        ]
    }
}

/// Takes so many points out of these papers of one last day and branch, and of each colour so many as are wanted as far as
/// they are there; the other colour stands in for what is not. Leaves what is wanted besides.
fn take_of(papers: Vec<&mut Paper>, wanted: &mut Slip) -> Vec<Paper> {
    let mut same: Vec<&mut Paper> =
        papers.into_iter().filter(|paper| (paper.0, paper.1) == (wanted.0, wanted.1)).collect();
    let there = |papers: &[&mut Paper], colour| -> i64 {
        papers.iter().filter(|paper| paper.2 == colour).map(|paper| paper.3).sum()
    };
    let (bound, passable) = (there(&same, Colour::Bound), there(&same, Colour::Passable));
    let some = wanted.2.min(bound + passable);
    let mut of_bound = wanted.3.max(0).min(some).min(bound);
    let mut of_passable = (some - of_bound).min(passable);
    of_bound = some - of_passable;
    *wanted = (wanted.0, wanted.1, wanted.2 - some, wanted.3 - of_bound);
    let mut gone = Vec::new();
    for paper in &mut same {
        let left = if paper.2 == Colour::Bound { &mut of_bound } else { &mut of_passable };
        let take = paper.3.min(*left);
        *left -= take;
        paper.3 -= take;
        if take > 0 {
            gone.push((paper.0, paper.1, paper.2, take));
        }
    }
    gone
}
