//! Reading a file of purchases, row by row, plain or gzip.

use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, bail};
use csv::{ByteRecord, ReaderBuilder};
use flate2::read::MultiGzDecoder;
use kernel::Timestamp;

use super::{
    Kind,
    amount::{AmountFlaw, minor_units},
};

const COLUMNS: [&str; 5] = ["basket_id", "customer_id", "store_id", "occurred_at", "amount"];
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// Longer ids are mistakes; the API takes receipts up to 64 characters.
const LONGEST_ID: usize = 64;

/// A row that can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The receipt's number.
    pub basket: String,
    /// Who bought, by the chain's own number.
    pub customer: String,
    /// Where, by the chain's own number.
    pub store: String,
    /// When, as it was written.
    pub occurred_at: String,
    /// Paid, or given back for a return, in minor units.
    pub amount: i64,
    /// Names the row's content: the same row has the same key, for ever.
    pub key: String,
}

/// A row that cannot be sent, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// The receipt's number, where it could be read.
    pub basket: String,
    /// A stable word.
    pub code: &'static str,
    /// A sentence.
    pub detail: String,
}

/// What stands on a line.
#[derive(Debug)]
pub struct Line {
    /// Its number in the file; the header is line 1.
    pub number: u64,
    /// The row.
    pub row: Result<Row, BadRow>,
}

/// Counts what was read of a file, compressed or not.
#[derive(Clone, Debug, Default)]
pub struct Position(Arc<AtomicU64>);

impl Position {
    /// Bytes so far.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

struct Counted<R> {
    inner: R,
    position: Position,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.position.0.fetch_add(u64::try_from(read).unwrap_or(u64::MAX), Ordering::Relaxed);
        Ok(read)
    }
}

/// A file of purchases.
pub struct Rows {
    reader: csv::Reader<Box<dyn Read + Send>>,
    columns: [usize; 5],
    items: Option<usize>,
    width: usize,
    kind: Kind,
    exponent: u8,
    record: ByteRecord,
    position: Position,
}

impl Rows {
    /// Opens a file; whether it is gzip is seen by its first bytes.
    ///
    /// # Errors
    /// When it cannot be read, or its header lacks a column.
    pub fn open(path: &Path, kind: Kind, exponent: u8) -> anyhow::Result<Self> {
        let shown = path.display();
        let mut file = File::open(path).with_context(|| shown.to_string())?;
        let mut magic = Vec::with_capacity(2);
        file.by_ref().take(2).read_to_end(&mut magic).with_context(|| shown.to_string())?;
        let position = Position::default();
        let whole = io::Cursor::new(magic.clone()).chain(file);
        let counted =
            BufReader::with_capacity(16 * 1024, Counted { inner: whole, position: position.clone() });
        let plain: Box<dyn Read + Send> =
            if magic == GZIP { Box::new(MultiGzDecoder::new(counted)) } else { Box::new(counted) };
        let mut reader = ReaderBuilder::new().flexible(true).from_reader(plain);
        let header = reader.headers().with_context(|| format!("{shown}: the header cannot be read"))?.clone();
        let place = |name: &str| header.iter().position(|column| column.trim() == name);
        let mut columns = [0; 5];
        for (slot, name) in columns.iter_mut().zip(COLUMNS) {
            let Some(found) = place(name) else {
                let has: Vec<&str> = header.iter().collect();
                bail!("{shown}: there is no column {name}; the first line has {}", has.join(","));
            };
            *slot = found;
        }
        let (items, width) = (place("items"), header.len());
        Ok(Self { reader, columns, items, width, kind, exponent, record: ByteRecord::new(), position })
    }

    /// How far into the file it is.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position.clone()
    }

    /// The next line; none at the end.
    ///
    /// # Errors
    /// When the file breaks off or is no valid gzip.
    pub fn next_line(&mut self) -> anyhow::Result<Option<Line>> {
        let number = self.reader.position().line();
        if !self.reader.read_byte_record(&mut self.record).with_context(|| format!("after line {number}"))? {
            return Ok(None);
        }
        let number = self.record.position().map_or(number, csv::Position::line);
        Ok(Some(Line { number, row: self.read() }))
    }

    fn read(&self) -> Result<Row, BadRow> {
        let field = |place: usize| self.record.get(place).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let basket = field(self.columns[0]).map(str::trim).unwrap_or_default().to_owned();
        let bad = |code, detail: String| BadRow { basket: basket.clone(), code, detail };
        if self.record.len() != self.width {
            let detail = format!("the row has {} fields, the header {}", self.record.len(), self.width);
            return Err(bad("import.row_malformed", detail));
        }
        let text = |i: usize| {
            let read = field(self.columns[i]).map(str::trim);
            read.ok_or_else(|| bad("import.row_malformed", format!("{} is not UTF-8 text", COLUMNS[i])))
        };
        let id = |i: usize| {
            let id = text(i)?;
            let fits =
                !id.is_empty() && id.chars().count() <= LONGEST_ID && !id.chars().any(char::is_control);
            let why = || format!("{} is empty, longer than {LONGEST_ID} characters or invisible", COLUMNS[i]);
            if fits { Ok(id.to_owned()) } else { Err(bad("import.id_malformed", why())) }
        };
        let (basket_id, customer, store) = (id(0)?, id(1)?, id(2)?);
        let occurred_at = text(3)?;
        if let Err(flaw) = Timestamp::parse(occurred_at) {
            return Err(bad("import.time_malformed", format!("occurred_at is {occurred_at:?}: {flaw}")));
        }
        let written = text(4)?;
        let amount =
            self.amount(written).map_err(|(code, why)| bad(code, format!("amount is {written:?}: {why}")))?;
        self.check_items(&field).map_err(|(code, detail)| bad(code, detail))?;
        let occurred_at = occurred_at.to_owned();
        let key = format!("import-{:016x}", self.content());
        Ok(Row { basket: basket_id, customer, store, occurred_at, amount, key })
    }

    /// The amount that a row is about: of a return what was given back.
    fn amount(&self, text: &str) -> Result<i64, (&'static str, &'static str)> {
        match (self.kind, text.strip_prefix('-')) {
            (Kind::Purchases, _) => minor_units(text, self.exponent).map_err(explain),
            (Kind::Returns, Some(given)) if !given.starts_with(['-', '+']) => {
                let amount = minor_units(given, self.exponent).map_err(explain)?;
                if amount > 0 { Ok(amount) } else { Err(SALE) }
            }
            (Kind::Returns, _) => Err(minor_units(text, self.exponent).map_or_else(explain, |_| SALE)),
        }
    }

    fn check_items<'a>(
        &self,
        field: &impl Fn(usize) -> Option<&'a str>,
    ) -> Result<(), (&'static str, String)> {
        let Some(text) = self.items.and_then(field).map(str::trim).filter(|text| !text.is_empty()) else {
            return Ok(());
        };
        match text.parse::<i64>() {
            Ok(count) if count < 0 && self.kind == Kind::Purchases => {
                let detail = format!("items is {text}: a return, which `vafa import returns` takes");
                Err(("import.return_not_taken", detail))
            }
            Ok(_) => Ok(()),
            Err(_) => Err(("import.items_malformed", format!("items is {text:?}: not a whole number"))),
        }
    }

    /// FNV-1a over the row's fields, with a mark between them.
    fn content(&self) -> u64 {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let bytes = self.record.iter().flat_map(|field| field.iter().copied().chain([0xff]));
        for byte in bytes {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash
    }
}

const fn explain(flaw: AmountFlaw) -> (&'static str, &'static str) {
    match flaw {
        AmountFlaw::Malformed => ("import.amount_malformed", "not a decimal number such as 12.50"),
        AmountFlaw::TooFine => ("import.amount_too_fine", "finer than the currency's smallest unit"),
        AmountFlaw::Negative => ("import.return_not_taken", "a return, which `vafa import returns` takes"),
    }
}

const SALE: (&str, &str) =
    ("import.sale_not_taken", "not below zero, so it is no return; `vafa import purchases` takes sales");

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    const HEADER: &str = "basket_id,customer_id,store_id,occurred_at,amount,items\n";

    fn rows(body: &[u8]) -> Vec<Line> {
        read(body, Kind::Purchases)
    }

    fn read(body: &[u8], kind: Kind) -> Vec<Line> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, body).unwrap();
        let mut rows = Rows::open(&path, kind, 2).unwrap();
        let mut found = Vec::new();
        while let Some(line) = rows.next_line().unwrap() {
            found.push(line);
        }
        found
    }

    #[test]
    fn every_flaw_of_a_row_has_its_own_word_and_spoils_no_other_row() {
        let body = format!(
            "{HEADER}1,2,3,2017-01-01T07:30:27-05:00,1.50,1\n\
             2,2,3,2017-01-01T07:30:27,1.50,1\n\
             3,2,3,2017-01-01T07:30:27-05:00,1.505,1\n\
             4,2,3,2017-01-01T07:30:27-05:00,-1.50,1\n\
             5,2,3,2017-01-01T07:30:27-05:00,1.50,-1\n\
             6,2,3,2017-01-01T07:30:27-05:00,abc,1\n\
             7,2,3\n\
             8,,3,2017-01-01T07:30:27-05:00,1.50,1\n\
             9,2,3,2017-01-01T07:30:27-05:00,1.50,x\n\
             10,2,3,2017-01-01T07:30:27-05:00,1.50,\n"
        );
        let codes: Vec<_> = rows(body.as_bytes())
            .into_iter()
            .map(|line| (line.number, line.row.map_or_else(|bad| bad.code, |_| "good")))
            .collect();
        assert_eq!(
            codes,
            [
                (2, "good"),
                (3, "import.time_malformed"),
                (4, "import.amount_too_fine"),
                (5, "import.return_not_taken"),
                (6, "import.return_not_taken"),
                (7, "import.amount_malformed"),
                (8, "import.row_malformed"),
                (9, "import.id_malformed"),
                (10, "import.items_malformed"),
                (11, "good"),
            ]
        );
    }

    #[test]
    fn amounts_of_returns_are_below_zero() {
        let row = |amount: &str, items: &str| format!("1,2,3,2017-01-01T07:30:27-05:00,{amount},{items}\n");
        let body = [
            row("-1.50", "1"),
            row("-1.50", "-1"),
            row("1.50", "1"),
            row("0", "1"),
            row("-0.00", "1"),
            row("--1", "1"),
            row("-x", "1"),
            row("-1.505", "1"),
        ];
        let found = read(format!("{HEADER}{}", body.concat()).as_bytes(), Kind::Returns);
        let told: Vec<_> = found
            .into_iter()
            .map(|line| line.row.map_or_else(|bad| (bad.code, 0), |row| ("good", row.amount)))
            .collect();
        let flaws = [
            "sale_not_taken",
            "sale_not_taken",
            "sale_not_taken",
            "amount_malformed",
            "amount_malformed",
            "amount_too_fine",
        ];
        let flaws: Vec<String> = flaws.iter().map(|flaw| format!("import.{flaw}")).collect();
        let flaws = flaws.iter().map(|flaw| (flaw.as_str(), 0));
        assert_eq!(told, [("good", 150), ("good", 150)].into_iter().chain(flaws).collect::<Vec<_>>());
    }

    #[test]
    fn a_row_that_is_no_text_is_a_bad_row_and_not_the_end() {
        let mut body = HEADER.as_bytes().to_vec();
        body.extend(
            b"1,\xff\xfe,3,2017-01-01T07:30:27-05:00,1.50,1\n2,2,3,2017-01-01T07:30:27-05:00,1.50,1\n",
        );
        let found = rows(&body);
        assert_eq!(found[0].row.as_ref().err().map(|bad| bad.code), Some("import.row_malformed"));
        assert!(found[1].row.is_ok());
    }

    #[test]
    fn gzip_is_seen_by_its_bytes_and_equal_rows_have_equal_keys() {
        let body = format!("{HEADER}1,2,3,2017-01-01T07:30:27-05:00,1.50,1\n").repeat(1);
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(body.as_bytes()).unwrap();
        let (plain, packed) = (rows(body.as_bytes()), rows(&packed.finish().unwrap()));
        assert_eq!(plain[0].row, packed[0].row);
        assert_eq!(packed[0].row.as_ref().map(|row| row.amount), Ok(150));
    }

    #[test]
    fn a_missing_column_and_a_broken_file_are_failures() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rows.csv");
        std::fs::write(&path, "basket_id,customer_id\n1,2\n").unwrap();
        let fault = Rows::open(&path, Kind::Purchases, 2).err().map(|f| f.to_string()).unwrap_or_default();
        assert!(fault.contains("there is no column store_id"), "{fault}");
        std::fs::write(&path, [0x1f, 0x8b, 8, 0, 0, 0]).unwrap();
        assert!(Rows::open(&path, Kind::Purchases, 2).is_err());
    }
}
