//! The archive as a zip: for each service its JSON, and a page that people read. It is made in memory, piece by piece, and takes no
//! more of it than it may.

use std::{
    io::{Cursor, Seek, SeekFrom, Write},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
};

use anyhow::Context as _;
use kernel::{MemberId, Timestamp};
use runtime::archive::{Part, Piece};
use web::html;
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use super::archive_page::{Reader, list_opening, service_opening};

/// How many rows of a list people see; the file has all of them.
const ROWS_ON_PAGE: usize = 1_000;

/// Why an archive does not come about.
#[derive(Debug)]
pub(super) enum Unmade {
    /// It would be larger than it may be.
    TooLarge,
    /// Our machine broke.
    Fault(anyhow::Error),
}

impl From<anyhow::Error> for Unmade {
    fn from(fault: anyhow::Error) -> Self {
        Self::Fault(fault)
    }
}

/// Bytes in memory, with a count that can be read while they are written.
struct Counted {
    bytes: Cursor<Vec<u8>>,
    written: Arc<AtomicU64>,
}

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.bytes.write(bytes)?;
        self.written.fetch_add(u64::try_from(written).unwrap_or(u64::MAX), Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.bytes.flush()
    }
}

impl Seek for Counted {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.bytes.seek(to)
    }
}

/// A list on its way onto the page.
struct Listed {
    sheet: String,
    /// Rows that people see, and those that only the file has.
    shown: usize,
    more: usize,
}

/// An archive that is being made.
pub(super) struct ArchiveFile<'r> {
    reader: Reader<'r>,
    subject: (MemberId, Timestamp),
    files: ZipWriter<Counted>,
    /// The page is written beside the files, as a zip of its own: it grows with all of them.
    page: ZipWriter<Counted>,
    written: Arc<AtomicU64>,
    limit: u64,
    /// The sheet that the file of the present service is at.
    sheet: Option<String>,
    list: Option<Listed>,
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

impl<'r> ArchiveFile<'r> {
    /// An archive about `member`, called `name`, of `limit` bytes at most.
    pub(super) fn begin(
        reader: Reader<'r>,
        (member, name): (MemberId, &str),
        now: Timestamp,
        limit: u64,
    ) -> Result<Self, Unmade> {
        let written = Arc::new(AtomicU64::new(0));
        let memory = || Counted { bytes: Cursor::default(), written: Arc::clone(&written) };
        let (files, mut page) = (ZipWriter::new(memory()), ZipWriter::new(memory()));
        page.start_file("index.html", deflated()).context("the page of an archive")?;
        let mut file =
            Self { reader, subject: (member, now), files, page, written, limit, sheet: None, list: None };
        file.tell(&file.reader.opening(name, now))?;
        Ok(file)
    }

    /// Begins the file of a service.
    pub(super) fn begin_service(&mut self, service: &str) -> Result<(), Unmade> {
        self.files.start_file(format!("{service}.json"), deflated()).context("a file of an archive")?;
        let (member, now) = self.subject;
        let head = format!(
            "{{\"service\":\"{service}\",\"member_id\":\"{member}\",\"made_at\":\"{now}\",\"sheets\":{{"
        );
        self.put(&head)
    }

    /// Adds a page of the service's part.
    pub(super) fn add(&mut self, part: &Part, is_first: bool) -> Result<(), Unmade> {
        if is_first {
            self.tell(&service_opening(&part.title))?;
        }
        for piece in &part.pieces {
            self.put_rows(piece)?;
            self.list_rows(piece)?;
        }
        if self.written.load(Relaxed) > self.limit { Err(Unmade::TooLarge) } else { Ok(()) }
    }

    /// Ends the file of a service.
    pub(super) fn end_service(&mut self) -> Result<(), Unmade> {
        self.end_list()?;
        let end = if self.sheet.take().is_some() { "\n]}}\n" } else { "}}\n" };
        self.put(end)
    }

    /// The whole archive.
    pub(super) fn finish(mut self) -> Result<Vec<u8>, Unmade> {
        self.tell(html::CLOSING)?;
        let page = self.page.finish().context("the page of an archive")?.bytes;
        let page = ZipArchive::new(page).context("the page of an archive")?;
        self.files.merge_archive(page).context("the page of an archive")?;
        let bytes = self.files.finish().context("an archive")?.bytes.into_inner();
        if u64::try_from(bytes.len()).is_ok_and(|size| size <= self.limit) {
            Ok(bytes)
        } else {
            Err(Unmade::TooLarge)
        }
    }

    fn put(&mut self, json: &str) -> Result<(), Unmade> {
        Ok(self.files.write_all(json.as_bytes()).context("a file of an archive")?)
    }

    fn tell(&mut self, html: &str) -> Result<(), Unmade> {
        Ok(self.page.write_all(html.as_bytes()).context("the page of an archive")?)
    }

    /// Writes rows into the service's file, below the name of their sheet.
    fn put_rows(&mut self, piece: &Piece) -> Result<(), Unmade> {
        let goes_on = self.sheet.as_ref() == Some(&piece.sheet);
        let mut between = if goes_on { "," } else { "" };
        if !goes_on {
            let ended = if self.sheet.is_some() { "\n],\n" } else { "\n" };
            self.put(&format!("{ended}\"{}\":[", piece.sheet))?;
            self.sheet = Some(piece.sheet.clone());
        }
        for row in &piece.rows {
            let row = serde_json::to_string(row).context("a row of an archive")?;
            self.put(&format!("{between}\n{row}"))?;
            between = ",";
        }
        Ok(())
    }

    /// Writes rows onto the page, as far as people see any of it.
    fn list_rows(&mut self, piece: &Piece) -> Result<(), Unmade> {
        if self.list.as_ref().is_some_and(|list| list.sheet != piece.sheet) {
            self.end_list()?;
        }
        if piece.heads.is_empty() || piece.rows.is_empty() {
            return Ok(());
        }
        if self.list.is_none() {
            self.tell(&list_opening(piece))?;
            self.list = Some(Listed { sheet: piece.sheet.clone(), shown: 0, more: 0 });
        }
        let shown = self.list.as_ref().map_or(0, |list| list.shown);
        let fits = piece.rows.len().min(ROWS_ON_PAGE.saturating_sub(shown));
        for row in &piece.rows[..fits] {
            self.tell(&self.reader.row(piece, row))?;
        }
        if let Some(list) = &mut self.list {
            list.shown += fits;
            list.more += piece.rows.len() - fits;
        }
        Ok(())
    }

    fn end_list(&mut self) -> Result<(), Unmade> {
        match self.list.take() {
            Some(list) => self.tell(&self.reader.list_closing(list.more)),
            None => Ok(()),
        }
    }
}
