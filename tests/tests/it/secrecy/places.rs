//! Where personal data must not lie, and the search of it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use journeys::Stage;
use tempfile::TempDir;
use testkit::servers::{Nats, Postgres};

/// Files and folders, and what was read into files to be searched with them.
pub(super) struct Places {
    read: TempDir,
    written: Vec<PathBuf>,
}

impl Places {
    /// What the PostgreSQL databases of a stage have in them, if it has any: their rows as text, and the files of their tables and
    /// indices.
    pub(super) fn of(stage: &Stage) -> Self {
        let mut places = Self { read: tempfile::tempdir().expect("a folder"), written: Vec::new() };
        for name in ["membership", "points", "rewards", "notifications", "webhooks"] {
            let Some(url) = stage.setting(&format!("{name}.database_url")) else { continue };
            let postgres = Postgres::shared();
            let dump = Command::new(postgres.program("pg_dump")).args(["--inserts", "-d", url]).output();
            let dump = dump.expect("pg_dump runs");
            assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
            places.add(&format!("dump of {name}"), &dump.stdout);
            let database = url.rsplit('/').next().expect("an address names its database");
            let read = |sql: &str| postgres.sql(database, sql).expect("it can be read");
            for table in ["outbox", "dead_letters"] {
                let rows = read(&format!("SELECT encode(payload, 'escape') FROM {table}"));
                places.add(&format!("{table} of {name}"), rows.as_bytes());
            }
            let number = read("SELECT oid FROM pg_database WHERE datname = current_database()");
            places.add_folder(&postgres.data_folder().join("base").join(number.trim()));
        }
        places
    }

    pub(super) fn add(&mut self, name: &str, bytes: &[u8]) {
        fs::write(self.read.path().join(name), bytes).expect("it can be written");
    }

    pub(super) fn add_folder(&mut self, folder: &Path) {
        assert!(folder.is_dir(), "{} is no folder", folder.display());
        self.written.push(folder.to_owned());
    }

    /// What the servers wrote that is no table of a service: streams and write-ahead logs.
    pub(super) fn add_servers(&mut self) {
        self.add_folder(&Nats::shared().store_folder());
        self.add_folder(&Postgres::shared().data_folder().join("pg_wal"));
    }

    /// Where this text stands, as it is or as a dump shows bytes.
    pub(super) fn naming(&self, text: &str) -> Vec<String> {
        self.search("--files-with-matches", &[text.to_owned()])
    }

    /// The places in which any of these stands, each with what was found there.
    pub(super) fn leaks(&self, marks: &[String]) -> Vec<String> {
        let places = self.search("--files-with-matches", marks);
        let mut leaks = Vec::new();
        for mark in marks.iter().filter(|_| !places.is_empty()) {
            leaks.extend(self.naming(mark).into_iter().map(|place| format!("{mark} is in {place}")));
        }
        assert_eq!(leaks.is_empty(), places.is_empty(), "{places:?}");
        leaks
    }

    fn search(&self, how: &str, marks: &[String]) -> Vec<String> {
        let mut grep = Command::new("grep");
        grep.env("LC_ALL", "C").args(["--recursive", "--text", "--fixed-strings", "--no-messages", how]);
        for mark in marks {
            grep.args(["-e", mark, "-e", &in_hex(mark)]);
        }
        let found = grep.arg(self.read.path()).args(&self.written).output().expect("grep runs");
        // 2 says that a file went while it was looked for, as those of running servers do.
        assert!(matches!(found.status.code(), Some(0..=2)), "{found:?}");
        String::from_utf8_lossy(&found.stdout).lines().map(str::to_owned).collect()
    }
}

fn in_hex(text: &str) -> String {
    let digit = |half: u8| char::from_digit(half.into(), 16).expect("half a byte is a digit");
    text.bytes().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}
