//! What a demo remembers in its data folder, so that the next start goes on where this one was.

use std::{
    collections::BTreeMap,
    fs::{self, OpenOptions},
    io::{ErrorKind, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
};

use anyhow::Context as _;
use kernel::Day;
use serde::{Deserialize, Serialize};

const FILE: &str = "demo.json";

/// What a branch sold so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sold {
    /// Purchases.
    pub purchases: u64,
    /// Their sum in minor units.
    pub amount: i64,
    /// Points that they earned.
    pub points: i64,
}

/// How far the sample data is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    /// The day of the first start: the purchases lie before it.
    pub first_day: Day,
    /// Till keys by `branch/till`.
    pub keys: BTreeMap<String, String>,
    /// Member ids by phone.
    pub members: BTreeMap<String, String>,
    /// How many of the purchases are recorded.
    pub done: usize,
    /// What every branch sold.
    pub sold: BTreeMap<String, Sold>,
}

impl State {
    /// A demo that begins today.
    pub fn new(first_day: Day) -> Self {
        let (keys, members, sold) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
        Self { first_day, keys, members, done: 0, sold }
    }

    /// What an earlier start left in the folder.
    ///
    /// # Errors
    /// When there is something that cannot be read.
    pub fn load(folder: &Path) -> anyhow::Result<Option<Self>> {
        let path = folder.join(FILE);
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).with_context(|| path.display().to_string()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| path.display().to_string()),
        }
    }

    /// Writes it for its owner alone, whole or not at all.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn save(&self, folder: &Path) -> anyhow::Result<()> {
        let (path, beside) = (folder.join(FILE), folder.join("demo.json.new"));
        let write = || -> anyhow::Result<()> {
            let _ = fs::remove_file(&beside); // Only a start that was killed leaves one; its rights are not trusted.
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            serde_json::to_writer_pretty(&mut file, self)?;
            file.write_all(b"\n")?;
            fs::rename(&beside, &path)?;
            Ok(())
        };
        write().with_context(|| path.display().to_string())
    }
}
