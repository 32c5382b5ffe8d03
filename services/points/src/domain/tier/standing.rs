//! Where a member stands on the ladder.

use kernel::Day;
use serde::{Deserialize, Serialize};

use super::{Credit, Downgrade, Ladder, OnReturn, ladder::last_day};
use crate::domain::NEVER;

/// The credit of one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthCredit {
    /// Which month, as [`Day::month`] counts.
    #[serde(rename = "m")]
    pub month: i32,
    /// How much.
    #[serde(flatten)]
    pub credit: Credit,
}

/// A level that is assured for some time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assured {
    /// The level's code.
    #[serde(rename = "t")]
    pub tier: String,
    /// The last day.
    #[serde(rename = "u", with = "as_number")]
    pub until: Day,
}

/// Where a member stands. Levels are kept by their codes, so that it outlives a change of the ladder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The day up to which time has been taken into account.
    #[serde(rename = "d", with = "as_number")]
    pub as_of: Day,
    /// The month of the first credit.
    #[serde(rename = "b")]
    pub since: i32,
    /// The highest level that was reached since the unit of time began.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub peak: Option<String>,
    /// Levels of earlier units of time that are assured.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub assured: Vec<Assured>,
    /// A level that a person granted.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Assured>,
    /// Credit by month, oldest first; [`KEPT`] months at most.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub months: Vec<MonthCredit>,
    /// The sum of the months before those.
    #[serde(rename = "o", default)]
    pub older: Credit,
    /// The tier that was told last.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub told: Option<String>,
    /// How often a change was told.
    #[serde(rename = "n", default)]
    pub changes: u64,
}

/// Days as numbers: short, and right for the day that never comes, too.
mod as_number {
    use kernel::Day;
    use serde::{Deserialize as _, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands fields over so")]
    pub fn serialize<S: Serializer>(day: &Day, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i32(day.number())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Day, D::Error> {
        i32::deserialize(deserializer).map(Day::from_number)
    }
}

/// How many months of credit are kept: what the longest period needs.
const KEPT: i32 = 36;

/// What is missing to the next level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What counts now.
    pub credit: i64,
    /// The last day of the unit of time in which it counts.
    pub counts_until: Day,
    /// The next level, from 0, and what is missing; `None` on top.
    pub next: Option<(usize, i64)>,
}

impl Standing {
    /// A member without any credit.
    #[must_use]
    pub fn new(today: Day) -> Self {
        Self {
            as_of: today,
            since: today.month(),
            peak: None,
            assured: Vec::new(),
            grant: None,
            months: Vec::new(),
            older: Credit::default(),
            told: None,
            changes: 0,
        }
    }

    /// The tier on `today`, as the place of a level; the standing must have been advanced to that day.
    #[must_use]
    pub fn tier(&self, ladder: &Ladder) -> Option<usize> {
        let assured = self.assured.iter().chain(&self.grant);
        let assured = assured.filter(|assured| assured.until >= self.as_of);
        let assured = assured.filter_map(|assured| ladder.place(&assured.tier)).max();
        assured.max(self.reached(ladder))
    }

    /// The level that the unit of time has come to so far.
    fn reached(&self, ladder: &Ladder) -> Option<usize> {
        let peak = self.peak.as_deref().and_then(|code| ladder.place(code));
        let kept = if ladder.on_return == OnReturn::Stays { peak } else { None };
        kept.max(ladder.reached(self.credit(ladder)))
    }

    /// What counts on the day up to which time has been taken into account.
    #[must_use]
    pub fn credit(&self, ladder: &Ladder) -> i64 {
        let month = self.as_of.month();
        let from = ladder.counts_from(month, self.since);
        let counted = self.months.iter().filter(|kept| (from..=month).contains(&kept.month));
        counted.fold(0_i64, |sum, kept| sum.saturating_add(kept.credit.of(ladder.measure)))
    }

    /// What is missing to the next level.
    #[must_use]
    pub fn progress(&self, ladder: &Ladder) -> Progress {
        let credit = self.credit(ladder);
        let above = self.tier(ladder).map_or(0, |tier| tier + 1);
        let next = ladder.levels.get(above).map(|level| (above, level.from.saturating_sub(credit).max(0)));
        Progress { credit, counts_until: ladder.unit(self.as_of.month(), self.since).ends_on(), next }
    }

    /// Until when the tier is assured at least; `None` without a tier.
    #[must_use]
    pub fn assured_until(&self, ladder: &Ladder) -> Option<Day> {
        let tier = self.tier(ladder)?;
        let of_this_unit = (self.reached(ladder) >= Some(tier)).then(|| self.keeps_until(ladder));
        let kept = self.assured.iter().chain(&self.grant).filter(|a| ladder.place(&a.tier) >= Some(tier));
        kept.map(|assured| assured.until).chain(of_this_unit).max()
    }

    /// Lets time pass up to `today`: units of time end, and levels that are no longer assured are lost. A day that was
    /// passed already changes nothing.
    pub fn advance(&mut self, ladder: &Ladder, today: Day) {
        loop {
            let over = ladder.unit(self.as_of.month(), self.since).ends_on();
            let lapses = self.assured.iter().map(|a| a.until).filter(|until| *until >= self.as_of).min();
            let last = lapses.unwrap_or(NEVER).min(over);
            if last >= today {
                break;
            }
            if last == over {
                self.close_unit(ladder);
            }
            self.as_of = Day::from_number(last.number() + 1);
            self.drop_lapsed(ladder);
            if self.is_still(ladder) {
                break;
            }
        }
        self.as_of = self.as_of.max(today);
        if self.grant.as_ref().is_some_and(|grant| grant.until < self.as_of) {
            self.grant = None;
        }
        self.forget();
    }

    /// Whether no time that passes changes anything any more.
    fn is_still(&self, ladder: &Ladder) -> bool {
        let from = ladder.counts_from(self.as_of.month(), self.since);
        let spent = self.months.iter().all(|kept| kept.month < from);
        spent && self.assured.is_empty() && ladder.reached(0).is_none()
    }

    /// Until when a level that is reached in the unit of time that runs is assured.
    fn keeps_until(&self, ladder: &Ladder) -> Day {
        if ladder.downgrade == Downgrade::Never {
            return NEVER;
        }
        let unit = ladder.unit(self.as_of.month(), self.since);
        last_day(unit.last.saturating_add_unsigned(ladder.grace_months))
    }

    /// A unit of time ends: what was reached in it is assured for the grace.
    fn close_unit(&mut self, ladder: &Ladder) {
        // What counts is counted up to its last month.
        self.as_of = ladder.unit(self.as_of.month(), self.since).ends_on();
        if let Some(level) = self.reached(ladder) {
            self.assure(ladder, level, self.keeps_until(ladder));
        }
        self.peak = None;
    }

    fn drop_lapsed(&mut self, ladder: &Ladder) {
        let lapsed = self.assured.extract_if(.., |assured| assured.until < self.as_of);
        let highest = lapsed.filter_map(|assured| ladder.place(&assured.tier)).max();
        if let (Downgrade::OneLevel, Some(below)) = (ladder.downgrade, highest.and_then(|h| h.checked_sub(1)))
        {
            self.assure(ladder, below, self.keeps_until(ladder));
        }
    }

    /// Assures a level; of two assurances the one that says less is left out.
    fn assure(&mut self, ladder: &Ladder, level: usize, until: Day) {
        let says_more = |a: &Assured| ladder.place(&a.tier) >= Some(level) && a.until >= until;
        if self.assured.iter().any(says_more) {
            return;
        }
        self.assured.retain(|a| ladder.place(&a.tier) > Some(level) || a.until > until);
        self.assured.push(Assured { tier: ladder.levels[level].code.clone(), until });
    }

    /// Puts the oldest months together.
    fn forget(&mut self) {
        let oldest = self.as_of.month() - KEPT;
        while self.months.first().is_some_and(|kept| kept.month < oldest) {
            let gone = self.months.remove(0);
            self.older = self.older.plus(gone.credit);
        }
    }

    /// Counts a purchase of the day to which the standing has been advanced.
    pub fn count(&mut self, ladder: &Ladder, credit: Credit) {
        let month = self.as_of.month();
        if self.months.is_empty() && self.older == Credit::default() {
            self.since = month;
        }
        match self.months.binary_search_by_key(&month, |kept| kept.month) {
            Ok(place) => self.months[place].credit = self.months[place].credit.plus(credit),
            Err(place) => self.months.insert(place, MonthCredit { month, credit }),
        }
        self.peak = self.reached(ladder).map(|level| ladder.levels[level].code.clone());
    }

    /// Takes another standing of the same person in, of the same day: credit adds up month by month, what is assured stays assured,
    /// and the higher level that was reached or granted stands. What was told is this one's.
    pub fn take_in(&mut self, other: Self, ladder: Option<&Ladder>) {
        let empty = |standing: &Self| standing.months.is_empty() && standing.older == Credit::default();
        self.since = match (empty(self), empty(&other)) {
            (true, false) => other.since,
            (false, true) => self.since,
            _ => self.since.min(other.since),
        };
        self.as_of = self.as_of.min(other.as_of);
        self.older = self.older.plus(other.older);
        for MonthCredit { month, credit } in other.months {
            match self.months.binary_search_by_key(&month, |kept| kept.month) {
                Ok(place) => self.months[place].credit = self.months[place].credit.plus(credit),
                Err(place) => self.months.insert(place, MonthCredit { month, credit }),
            }
        }
        let place = |code: &str| ladder.and_then(|ladder| ladder.place(code));
        for assured in other.assured {
            match ladder.zip(place(&assured.tier)) {
                Some((ladder, level)) => self.assure(ladder, level, assured.until),
                None => self.assured.push(assured),
            }
        }
        let worth = |grant: &Assured| (place(&grant.tier), grant.until);
        if let Some(grant) = other.grant
            && self.grant.as_ref().is_none_or(|own| worth(own) < worth(&grant))
        {
            self.grant = Some(grant);
        }
        let reached = ladder.and_then(|ladder| Some(ladder.levels[self.reached(ladder)?].code.clone()));
        let peaks = [self.peak.take(), other.peak, reached].into_iter().flatten();
        self.peak = peaks.max_by_key(|code| place(code));
    }

    /// Takes the credit of a purchase back that was counted in the month of `counted_on`.
    pub fn take_back(&mut self, counted_on: Day, credit: Credit) {
        let month = counted_on.month();
        match self.months.binary_search_by_key(&month, |kept| kept.month) {
            Ok(place) => self.months[place].credit = self.months[place].credit.minus(credit),
            Err(_) => self.older = self.older.minus(credit),
        }
    }

    /// Everything that was ever counted and not taken back.
    #[must_use]
    pub fn all(&self) -> Credit {
        self.months.iter().fold(self.older, |sum, kept| sum.plus(kept.credit))
    }

    /// The day on which time alone may change the tier next; `None` when it never will.
    #[must_use]
    pub fn changes_on(&self, ladder: &Ladder) -> Option<Day> {
        self.tier(ladder)?;
        let unit = ladder.unit(self.as_of.month(), self.since).ends_on();
        let assured = self.assured.iter().chain(&self.grant).map(|a| a.until).filter(|u| *u >= self.as_of);
        let last = assured.chain([unit]).min()?;
        (last < NEVER).then(|| Day::from_number(last.number() + 1))
    }
}
