//! Counting what became of the rows, and the report of those that were refused.

use std::{
    fs::{File, OpenOptions},
    io::{Seek as _, SeekFrom, Write as _},
    path::Path,
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::{
    amount::written,
    back::Returned,
    till::{Done, End},
};

/// The sums of an import so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Purchases, or whole returns, recorded now.
    pub recorded: u64,
    /// Those that had been recorded before.
    pub replayed: u64,
    /// Returns of which a part is of no known purchase.
    pub in_part: u64,
    /// Returns that are of no known purchase at all.
    pub unmatched: u64,
    /// Rows refused.
    pub refused: u64,
    /// Sum of the amounts recorded now, in minor units.
    pub recorded_amount: i64,
    /// Sum of the amounts that had been recorded before.
    pub replayed_amount: i64,
    /// Sum of what was not recorded of returns.
    pub unmatched_amount: i64,
    /// Points that purchases earned, or that returns took, now or before.
    pub points: i64,
    /// Members who joined now.
    pub members_new: u64,
    /// Members who were there.
    pub members_known: u64,
    /// Branches opened now.
    pub branches_new: u64,
    /// Branches that were there.
    pub branches_known: u64,
}

impl Tally {
    /// Counts a row that came to its end; one that stopped the import is not counted.
    pub fn count(&mut self, done: &Done) {
        let amount = done.sale.as_ref().map_or(0, |sale| sale.row.amount);
        match done.end {
            End::Recorded(points) => {
                self.recorded += 1;
                self.recorded_amount = self.recorded_amount.saturating_add(amount);
                self.points = self.points.saturating_add(points);
            }
            End::Replayed(points) => {
                self.replayed += 1;
                self.replayed_amount = self.replayed_amount.saturating_add(amount);
                self.points = self.points.saturating_add(points);
            }
            End::Returned(ref returned) => self.count_return(returned),
            End::Refused { .. } => self.refused += 1,
            End::Broken(_) => return,
        }
        self.rows += 1;
        let Some(sale) = &done.sale else { return };
        if done.joined.is_some() && sale.customer.count() {
            let new = u64::from(done.joined == Some(true));
            self.members_new += new;
            self.members_known += 1 - new;
        }
        if sale.shop.count() {
            let new = u64::from(sale.shop.is_new());
            self.branches_new += new;
            self.branches_known += 1 - new;
        }
    }
}

impl Tally {
    fn count_return(&mut self, returned: &Returned) {
        let rows = match (&returned.over, returned.now, returned.before) {
            (Some(_), 0, 0) => &mut self.unmatched,
            (Some(_), _, _) => &mut self.in_part,
            (None, 0, _) => &mut self.replayed,
            (None, _, _) => &mut self.recorded,
        };
        *rows += 1;
        let over = returned.over.as_ref().map_or(0, |over| over.amount);
        self.recorded_amount = self.recorded_amount.saturating_add(returned.now);
        self.replayed_amount = self.replayed_amount.saturating_add(returned.before);
        self.unmatched_amount = self.unmatched_amount.saturating_add(over);
        self.points = self.points.saturating_add(returned.points);
    }

    /// Whether everything in the file is recorded.
    pub const fn is_whole(&self) -> bool {
        self.refused == 0 && self.unmatched == 0 && self.in_part == 0
    }
}

/// The CSV of refused rows: `line,basket_id,code,detail`.
pub struct Report {
    writer: csv::Writer<File>,
    exponent: u8,
}

impl Report {
    /// Begins a report, or goes on with one that is trusted up to `bytes`.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn open(path: &Path, bytes: u64, exponent: u8) -> anyhow::Result<Self> {
        let shown = || path.display().to_string();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).with_context(shown)?;
        }
        let file = OpenOptions::new().create(true).write(true).truncate(false).open(path);
        let mut file = file.with_context(shown)?;
        file.set_len(bytes).with_context(shown)?;
        file.seek(SeekFrom::End(0)).with_context(shown)?;
        if bytes == 0 {
            file.write_all(b"line,basket_id,code,detail\n").with_context(shown)?;
        }
        Ok(Self { writer: csv::WriterBuilder::new().has_headers(false).from_writer(file), exponent })
    }

    /// Notes a refused row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn note(&mut self, done: &Done) -> anyhow::Result<()> {
        let (code, detail) = match &done.end {
            End::Refused { code, detail } => (code, detail.clone()),
            End::Returned(Returned { over: Some(over), .. }) => {
                let amount = written(over.amount.into(), self.exponent);
                (&over.code, format!("{amount} of it: {}", over.detail))
            }
            _ => return Ok(()),
        };
        Ok(self.writer.write_record([&done.line.to_string(), &done.basket, code, &detail])?)
    }

    /// Writes out what is noted and answers how long the file is.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn flush(&mut self) -> anyhow::Result<u64> {
        self.writer.flush()?;
        Ok(self.writer.get_ref().metadata()?.len())
    }
}
