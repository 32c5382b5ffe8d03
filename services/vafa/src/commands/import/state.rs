//! What an import remembers between two runs: how far it came, and the keys that it issued.
//!
//! The file is written whole or not at all, readable by its owner alone, and gone once the import is complete.

use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::{Kind, shops::Key, tally::Tally};

/// Rises when the file's shape changes.
const VERSION: u32 = 2;

/// Tells one file and its use from another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its length.
    bytes: u64,
    /// A digest of its beginning.
    beginning: u64,
    /// Where its rows are sent.
    url: String,
    /// How its amounts are read.
    exponent: u8,
    /// What its rows are.
    kind: Kind,
}

impl Source {
    /// Looks at a file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of(path: &Path, url: &str, exponent: u8, kind: Kind) -> anyhow::Result<Self> {
        let mut beginning = Vec::new();
        let file = File::open(path).with_context(|| path.display().to_string())?;
        let bytes = file.metadata().with_context(|| path.display().to_string())?.len();
        file.take(64 * 1024).read_to_end(&mut beginning).with_context(|| path.display().to_string())?;
        let fold = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        let beginning = beginning.iter().fold(0xcbf2_9ce4_8422_2325, fold);
        Ok(Self { bytes, beginning, url: url.to_owned(), exponent, kind })
    }

    /// How long the file is.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }
}

/// How far an import came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct State {
    version: u32,
    source: Source,
    /// The sums of the rows that are done; the first `tally.rows` rows are.
    pub tally: Tally,
    /// How much of the report belongs to them.
    pub report_bytes: u64,
    /// The till keys that were issued, by branch.
    pub keys: BTreeMap<String, Key>,
}

impl State {
    /// Nothing is done yet.
    pub fn new(source: Source) -> Self {
        Self { version: VERSION, source, tally: Tally::default(), report_bytes: 0, keys: BTreeMap::new() }
    }

    /// What an interrupted run left behind, when it was about the same file, sent to the same place.
    ///
    /// # Errors
    /// When there is a state file that cannot be read.
    pub fn load(path: &Path, source: &Source) -> anyhow::Result<Option<Self>> {
        let text = match fs::read(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let state: Option<Self> = serde_json::from_slice(&text).ok();
        Ok(state.filter(|state| state.version == VERSION && state.source == *source))
    }

    /// Writes the state beside its old version and puts it in its place.
    ///
    /// # Errors
    /// When the folder cannot be written to.
    pub fn save(&self, path: &Path) -> anyhow::Result<()> {
        let beside = path.with_extension("json.new");
        let write = || -> anyhow::Result<()> {
            let _ = fs::remove_file(&beside); // Only a run that was killed leaves one; its rights are not trusted.
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
            serde_json::to_writer(&mut file, self)?;
            file.write_all(b"\n")?;
            fs::rename(&beside, path)?;
            Ok(())
        };
        write().with_context(|| path.display().to_string())
    }

    /// Forgets an import that is complete.
    pub fn forget(path: &Path) {
        // A file that is not there is as good as one that is removed.
        let _ = fs::remove_file(path);
    }

    /// The state file that belongs to a report.
    pub fn beside(report: &Path) -> PathBuf {
        report.with_extension("state.json")
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_state_is_for_its_owner_alone_and_for_its_own_file() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("a.csv");
        fs::write(&data, "x").unwrap();
        let path = State::beside(&folder.path().join("a.refused.csv"));
        let source = Source::of(&data, "http://a", 2, Kind::Purchases).unwrap();
        assert_eq!(State::load(&path, &source).unwrap(), None);
        let mut state = State::new(source.clone());
        state.tally.rows = 7;
        state.save(&path).unwrap();
        state.save(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(State::load(&path, &source).unwrap(), Some(state));
        let other = Source::of(&data, "http://a", 2, Kind::Returns).unwrap();
        assert_eq!(State::load(&path, &other).unwrap(), None);
    }
}
