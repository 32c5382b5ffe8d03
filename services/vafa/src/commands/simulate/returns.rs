//! Returns of a file, each in its time: they find their purchases as `vafa import returns` finds them.
//!
//! **Memory does not grow with the length of the history**: only purchases of customers who bring something back later are kept, with
//! what is left of them, and none longer than a purchase can come back.

use std::{
    collections::{HashMap, VecDeque},
    path::Path,
};

use anyhow::anyhow;
use kernel::{JournalId, MemberId, Timestamp};
use points::domain::{PastReturn, Purchase, Replay};

use super::file::File;
use crate::commands::import::{
    Kind,
    matching::{Bought, matched},
    rows::{Row, Rows},
};

const MILLIS_A_DAY: i64 = 86_400_000;

/// A file of returns, and the purchases that may be meant by those to come.
pub(super) struct Returns {
    rows: Rows,
    next: Option<(Timestamp, Row)>,
    within_days: u16,
    /// When each customer brings something back for the last time.
    last: HashMap<String, Timestamp>,
    /// What may come back, of each customer the oldest first.
    open: HashMap<MemberId, VecDeque<(JournalId, Bought)>>,
    unread: u64,
}

impl Returns {
    /// Opens a file; it is read once before, to know who brings something back until when.
    pub(super) fn open(path: &Path, exponent: u8, within_days: u16) -> anyhow::Result<Self> {
        let mut last: HashMap<String, Timestamp> = HashMap::new();
        let mut ahead = Rows::open(path, Kind::Returns, exponent)?;
        while let Some(line) = ahead.next_line()? {
            let Some((at, row)) = line.row.ok().and_then(timed) else { continue };
            match last.get_mut(&row.customer) {
                Some(known) => *known = at.max(*known),
                None => drop(last.insert(row.customer, at)),
            }
        }
        let rows = Rows::open(path, Kind::Returns, exponent)?;
        let mut opened = Self { rows, next: None, within_days, last, open: HashMap::new(), unread: 0 };
        opened.advance()?;
        Ok(opened)
    }

    fn advance(&mut self) -> anyhow::Result<()> {
        self.next = None;
        while let Some(line) = self.rows.next_line()? {
            self.next = line.row.ok().and_then(timed);
            if self.next.is_some() {
                break;
            }
            self.unread += 1;
        }
        Ok(())
    }

    /// Decides those returns that were made before an instant.
    pub(super) fn before(
        &mut self,
        at: Timestamp,
        file: &mut File<'_>,
        replay: &mut Replay<'_>,
    ) -> anyhow::Result<()> {
        while let Some((_, row)) = self.next.take_if(|(next, _)| *next < at) {
            self.give_back(&row, file, replay)?;
            self.advance()?;
        }
        Ok(())
    }

    /// Decides all that are left; answers how many rows could not be read.
    pub(super) fn rest(mut self, file: &mut File<'_>, replay: &mut Replay<'_>) -> anyhow::Result<u64> {
        while let Some((_, row)) = self.next.take() {
            self.give_back(&row, file, replay)?;
            self.advance()?;
        }
        Ok(self.unread)
    }

    /// Whether a purchase may come back; then it is kept until it cannot any more.
    pub(super) fn keep(&mut self, purchase: &Purchase, customer: &str, replay: &mut Replay<'_>) -> bool {
        let at = purchase.occurred_at;
        if self.last.get(customer).is_none_or(|last| *last < at) {
            // Nothing of theirs comes back any more.
            for (id, _) in self.open.remove(&purchase.member).into_iter().flatten() {
                replay.forget(purchase.member, id);
            }
            return false;
        }
        self.forget(purchase.member, at, replay);
        let bought = Bought { at, left: purchase.amount };
        self.open.entry(purchase.member).or_default().push_back((purchase.journal_id, bought));
        true
    }

    /// Forgets purchases that nothing is left of, or that were made too long ago.
    fn forget(&mut self, member: MemberId, at: Timestamp, replay: &mut Replay<'_>) {
        let oldest = at.plus_millis(-i64::from(self.within_days) * MILLIS_A_DAY);
        let Some(open) = self.open.get_mut(&member) else { return };
        open.retain(|(id, bought)| {
            let stays = bought.left > 0 && bought.at >= oldest;
            if !stays {
                replay.forget(member, *id);
            }
            stays
        });
    }

    fn give_back(&mut self, row: &Row, file: &mut File<'_>, replay: &mut Replay<'_>) -> anyhow::Result<()> {
        let Some((at, member)) = Timestamp::parse(&row.occurred_at).ok().zip(file.member(&row.customer))
        else {
            self.unread += 1;
            return Ok(());
        };
        self.forget(member, at, replay);
        let moment = file.moment(at);
        let open = self.open.entry(member).or_default();
        let newest_first: Vec<Bought> = open.iter().rev().map(|(_, bought)| bought.clone()).collect();
        let found = matched(&newest_first, at, row.amount);
        for (place, amount) in found.parts {
            let place = newest_first.len() - 1 - place;
            let (original, bought) = &mut open[place];
            bought.left -= amount;
            let back = PastReturn { member, original: *original, amount, lines: Vec::new(), at: moment };
            replay.give_back(&back).map_err(|overflow| anyhow!(overflow))?;
        }
        if found.over > 0 {
            replay.leave_out_return();
        }
        Ok(())
    }
}

fn timed(row: Row) -> Option<(Timestamp, Row)> {
    Some((Timestamp::parse(&row.occurred_at).ok()?, row))
}
