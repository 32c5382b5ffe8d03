//! A wrong clock for a single process: libfaketime (Debian's package of this name) shifts what it is told of the time of
//! day, also while it runs. The monotonic clock stays as it is, as on a machine whose clock somebody sets.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

/// The clock of a process that is started with [`WrongClock::surroundings`].
#[derive(Debug)]
pub struct WrongClock {
    library: PathBuf,
    file: PathBuf,
}

impl WrongClock {
    /// A clock that is so many seconds ahead, behind when negative; `file` is where it is kept.
    ///
    /// # Errors
    /// When libfaketime is not installed.
    pub fn new(file: &Path, ahead_s: i64) -> anyhow::Result<Self> {
        let clock = Self { library: library()?, file: file.to_owned() };
        clock.jump(ahead_s)?;
        Ok(clock)
    }

    /// Sets the clock while the process runs; it is noticed within a second.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn jump(&self, ahead_s: i64) -> anyhow::Result<()> {
        // Never seen half-written.
        let next = self.file.with_extension("next");
        std::fs::write(&next, format!("{ahead_s:+}\n"))?;
        std::fs::rename(&next, &self.file).context("setting a wrong clock")
    }

    /// The variables that give a process this clock.
    #[must_use]
    pub fn surroundings(&self) -> Vec<(&'static str, String)> {
        let text = |path: &Path| path.display().to_string();
        vec![
            ("LD_PRELOAD", text(&self.library)),
            ("FAKETIME_TIMESTAMP_FILE", text(&self.file)),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}

/// `/usr/lib/*/faketime/libfaketimeMT.so.1`, or the file that `FAKETIME_LIBRARY` names.
fn library() -> anyhow::Result<PathBuf> {
    if let Some(file) = std::env::var_os("FAKETIME_LIBRARY").map(PathBuf::from) {
        return Ok(file);
    }
    let places = std::fs::read_dir("/usr/lib").context("/usr/lib")?;
    let mut files = places.flatten().map(|place| place.path().join("faketime/libfaketimeMT.so.1"));
    match files.find(|file| file.is_file()) {
        Some(file) => Ok(file),
        None => bail!("libfaketime is not installed: run tests/provision.sh, or set FAKETIME_LIBRARY to it"),
    }
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    #[test]
    fn a_process_sees_the_clock_that_it_was_given() {
        let folder = tempfile::tempdir().expect("a folder");
        let seconds = |clock: Option<&WrongClock>| {
            let mut date = Command::new("date");
            date.arg("+%s").envs(clock.map(WrongClock::surroundings).unwrap_or_default());
            let output = date.output().expect("date runs");
            String::from_utf8_lossy(&output.stdout).trim().parse::<i64>().expect("seconds")
        };
        for ahead in [86_400, -86_400] {
            let clock = WrongClock::new(&folder.path().join("clock"), ahead).expect("libfaketime");
            let off = seconds(Some(&clock)) - seconds(None) - ahead;
            assert!(off.abs() <= 2, "{off}");
        }
    }
}
