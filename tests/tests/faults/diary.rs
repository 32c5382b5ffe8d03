//! What a till writes down: every attempt before it is sent, on the disk; every answer after it came.

use std::{
    fs::{File, OpenOptions},
    io::Write as _,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// A till's diary, one line an event.
pub struct Diary {
    path: PathBuf,
    file: File,
}

/// An event, as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A purchase is about to be sent, as this receipt of this till.
    Sent { purchase: u64, till: String, receipt: String },
    /// The purchase was taken, says the answer. `told` is empty when the till only believes it.
    Taken { purchase: u64, told: Option<Told> },
}

/// What an answer said about a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub id: String,
    pub version: i64,
    pub points: i64,
    pub balance: i64,
}

impl Told {
    /// Reads an answer.
    pub fn of(answer: &Value) -> Option<Self> {
        Some(Self {
            id: answer["purchase_id"].as_str()?.to_owned(),
            version: answer["balance"]["account_version"].as_i64()?,
            points: answer["points"].as_i64()?,
            balance: answer["balance"]["points"].as_i64()?,
        })
    }
}

impl Diary {
    pub fn open(path: &Path) -> Self {
        let file = OpenOptions::new().create(true).append(true).open(path).expect("a diary");
        Self { path: path.to_owned(), file }
    }

    /// Before a purchase is sent: on the disk when this returns.
    pub fn sends(&mut self, purchase: u64, till: &str, receipt: &str) {
        self.write(&format!("sent {purchase} {till} {receipt}"));
        tokio::task::block_in_place(|| self.file.sync_data()).expect("the disk takes it");
    }

    /// After an answer came, or is believed.
    pub fn taken(&mut self, purchase: u64, told: Option<&Told>) {
        match told {
            Some(Told { id, version, points, balance }) => {
                self.write(&format!("taken {purchase} {id} {version} {points} {balance}"));
            }
            None => self.write(&format!("taken {purchase}")),
        }
    }

    fn write(&mut self, line: &str) {
        writeln!(self.file, "{line}").expect("the disk takes it");
    }

    /// Everything that was written, read back from the disk.
    pub fn read(&self) -> Vec<Event> {
        let text = std::fs::read_to_string(&self.path).expect("a diary");
        text.lines().map(|line| event(line).unwrap_or_else(|| panic!("no event: {line}"))).collect()
    }
}

fn event(line: &str) -> Option<Event> {
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["sent", purchase, till, receipt] => Some(Event::Sent {
            purchase: purchase.parse().ok()?,
            till: till.to_owned(),
            receipt: receipt.to_owned(),
        }),
        ["taken", purchase] => Some(Event::Taken { purchase: purchase.parse().ok()?, told: None }),
        ["taken", purchase, id, version, points, balance] => {
            let (version, points, balance) =
                (version.parse().ok()?, points.parse().ok()?, balance.parse().ok()?);
            let told = Told { id: id.to_owned(), version, points, balance };
            Some(Event::Taken { purchase: purchase.parse().ok()?, told: Some(told) })
        }
        _ => None,
    }
}
