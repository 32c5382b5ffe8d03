//! The same account as a child would keep it: slips of paper in heaps, one heap for each place.

use std::collections::BTreeMap;

use kernel::Day;

/// A slip: last day, branch, points.
pub type Slip = (Day, usize, i64);

/// The child's account.
#[derive(Default)]
pub struct Model {
    free: Vec<Slip>,
    pending: Vec<(Day, Slip)>,
    holds: BTreeMap<u128, (i64, Vec<Slip>)>,
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
        let mut due: Vec<(Day, Slip)> = due;
        due.sort_unstable();
        for day in due.chunk_by(|a, b| a.0 == b.0) {
            self.set_free(day, share);
        }
        self.free.retain(|slip| slip.0 >= today && slip.2 > 0);
    }

    /// Pending points of these slips become free before their day: those of the day that is named, then others of the same
    /// slip, last to come first; a debt takes its share.
    pub fn activate(&mut self, own: &[(Day, Slip)], share: i64) {
        let mut due: Vec<(Day, Slip)> = Vec::new();
        for (from, (day, branch, points)) in own {
            let mut left = *points;
            self.pending.sort_unstable();
            self.pending.reverse();
            self.pending.sort_by_key(|(other, _)| other != from);
            for (other, slip) in
                self.pending.iter_mut().filter(|(_, slip)| (slip.0, slip.1) == (*day, *branch))
            {
                let some = slip.2.min(left);
                slip.2 -= some;
                left -= some;
                if some > 0 {
                    due.push((*other, (*day, *branch, some)));
                }
            }
            self.pending.retain(|(_, slip)| slip.2 > 0);
        }
        due.sort_unstable();
        self.set_free(&due, share);
    }

    /// What was pending is free; a debt takes its share, in the order of the slips.
    fn set_free(&mut self, due: &[(Day, Slip)], share: i64) {
        let came: i64 = due.iter().map(|(_, slip)| slip.2).sum();
        let mut left = (came * share / 100).min(self.debt);
        self.debt -= left;
        for (_, (last, branch, there)) in due {
            let some = (*there).min(left);
            left -= some;
            self.free.push((*last, *branch, there - some));
        }
    }

    /// Points come.
    pub fn come(&mut self, slip: Slip, from: Option<Day>) {
        match from {
            Some(from) => self.pending.push((from, slip)),
            None => self.free.push(slip),
        }
    }

    /// A debt is paid with so many points at most.
    pub fn pay(&mut self, most: i64, today: Day) {
        let there: i64 = self.free.iter().filter(|slip| slip.0 >= today).map(|slip| slip.2).sum();
        let paid = most.min(self.debt).min(there);
        self.take(paid, today);
        self.debt -= paid;
    }

    /// Points go, earliest day first; all of them or none.
    pub fn take(&mut self, points: i64, today: Day) -> Option<Vec<Slip>> {
        self.free.sort_unstable();
        let mut left = points;
        let mut taken = Vec::new();
        let mut after = self.free.clone();
        for slip in after.iter_mut().filter(|slip| slip.0 >= today) {
            let some = slip.2.min(left);
            slip.2 -= some;
            left -= some;
            if some > 0 {
                taken.push((slip.0, slip.1, some));
            }
        }
        after.retain(|slip| slip.2 > 0);
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
    pub fn capture(&mut self, id: u128, points: Option<i64>) -> Option<Vec<Slip>> {
        let (_, slips) = self.holds.get(&id)?;
        let held: i64 = slips.iter().map(|slip| slip.2).sum();
        let mut left = points.unwrap_or(held);
        if left > held {
            return None;
        }
        let (_, slips) = self.holds.remove(&id)?;
        let mut gone = Vec::new();
        for (day, branch, there) in slips {
            let some = there.min(left);
            left -= some;
            if some > 0 {
                gone.push((day, branch, some));
            }
            if there > some {
                self.free.push((day, branch, there - some));
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
    pub fn give_back(&mut self, (day, branch, due): Slip, pending: bool, today: Day) -> i64 {
        if day < today {
            return 0;
        }
        let mut left = due;
        if pending {
            self.pending.sort_unstable();
            for (_, slip) in
                self.pending.iter_mut().rev().filter(|(_, slip)| (slip.0, slip.1) == (day, branch))
            {
                let some = slip.2.min(left);
                slip.2 -= some;
                left -= some;
            }
            self.pending.retain(|(_, slip)| slip.2 > 0);
        }
        for slip in self.free.iter_mut().filter(|slip| (slip.0, slip.1) == (day, branch)) {
            let some = slip.2.min(left);
            slip.2 -= some;
            left -= some;
        }
        self.free.retain(|slip| slip.2 > 0);
        self.debt += left;
        left
    }

    /// Free, pending, held, owed.
    pub fn sums(&self) -> [i64; 4] {
        let held = self.holds.values().flat_map(|(_, slips)| slips);
        [
            self.free.iter().map(|slip| slip.2).sum(),
            self.pending.iter().map(|(_, slip)| slip.2).sum(),
            held.map(|slip| slip.2).sum(),
            self.debt,
        ]
    }
}
