//! A throw-away PostgreSQL cluster.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError};

use anyhow::{Context, bail};
use rustix::process::Signal;
use tempfile::TempDir;

use super::account::Account;
use super::binaries;
use super::ports::free_port;
use super::process::{Process, Whom};

/// A running PostgreSQL of its own: superuser `postgres`, no password, 127.0.0.1 only.
///
/// Ends and leaves nothing behind when dropped, or when the test process ends in any other way.
#[derive(Debug)]
pub struct Postgres {
    process: Process,
    programs: PathBuf,
    account: Account,
    settings: Vec<(String, String)>,
    port: u16,
    made: AtomicU32,
    folder: TempDir,
}

/// How a [`Postgres`] shall be.
#[derive(Clone, Debug, Default)]
pub struct PostgresBuilder {
    durable: bool,
    parent: Option<PathBuf>,
    settings: Vec<(String, String)>,
}

impl PostgresBuilder {
    /// With `fsync`, `synchronous_commit` and `full_page_writes` on, as in production. Without this word
    /// the cluster is fast, and may lose what it has just acknowledged when it is killed.
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Puts the cluster's folder into this one instead of the system's temporary folder, which may live in memory.
    #[must_use]
    pub fn inside(mut self, parent: impl Into<PathBuf>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Sets a server parameter, such as `shared_buffers`; later words win.
    #[must_use]
    pub fn setting(mut self, name: &str, value: &str) -> Self {
        self.settings.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes the cluster and starts the server; about 0.3 s, and 2 s for the first one ever.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start(self) -> anyhow::Result<Postgres> {
        let programs = binaries::postgres_folder()?;
        let account = Account::choose()?;
        let folder = super::process::folder("vafa-postgres-", self.parent.as_deref())?;
        account.own(folder.path())?;
        copy(&template(&programs, account)?, &folder.path().join("data"))?;
        let process = Process::new(folder.path(), &folder.path().join("data/postmaster.pid"), Signal::QUIT)?;
        let settings = self.all_settings();
        let made = AtomicU32::new(0);
        let mut postgres = Postgres { process, programs, account, settings, port: 0, made, folder };
        let mut tries = 0;
        loop {
            postgres.port = free_port()?;
            tries += 1;
            match postgres.launch() {
                Ok(()) => return Ok(postgres),
                // Somebody else took the port between our look and the server's bind.
                Err(error) if tries < 5 && error.to_string().contains("could not bind") => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn all_settings(&self) -> Vec<(String, String)> {
        let common = [
            ("listen_addresses", "127.0.0.1"),
            ("unix_socket_directories", ""),
            ("max_connections", "500"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        let quick = [
            ("fsync", "off"),
            ("synchronous_commit", "off"),
            ("full_page_writes", "off"),
            ("autovacuum", "off"),
            ("shared_buffers", "32MB"),
        ];
        let durable = [("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on")];
        let by_kind: &[(&str, &str)] = if self.durable { &durable } else { &quick };
        let ours =
            common.iter().chain(by_kind).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        ours.chain(self.settings.iter().cloned()).collect()
    }
}

impl Postgres {
    /// A fast cluster that does not wait for the disk.
    ///
    /// # Errors
    /// When PostgreSQL is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        Self::builder().start()
    }

    /// A cluster with options.
    #[must_use]
    pub fn builder() -> PostgresBuilder {
        PostgresBuilder::default()
    }

    /// The one fast cluster that all tests of this process share, each with databases of its own. Do not
    /// kill or pause it. It ends with the process.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start: a test that needs it must not pass without it.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self::start().unwrap_or_else(|error| panic!("no PostgreSQL for the tests: {error:#}"))
        })
    }

    /// Makes an empty database of this name and answers its URL.
    ///
    /// # Errors
    /// When there is one of that name already, or the server does not answer.
    pub fn database(&self, name: &str) -> anyhow::Result<String> {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if name.is_empty() || !name.chars().all(plain) {
            bail!("`{name}` is no database name: use a-z, 0-9 and _");
        }
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(name))
    }

    /// Makes an empty database with a name of its own that begins with `prefix` and answers its URL.
    ///
    /// # Errors
    /// When the server does not answer.
    pub fn fresh_database(&self, prefix: &str) -> anyhow::Result<String> {
        let number = self.made.fetch_add(1, Ordering::Relaxed);
        self.database(&format!("{prefix}_{number}"))
    }

    /// The URL of a database of this server, whether it exists or not.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The port, the same one after a restart.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The process id of the server while it runs.
    #[must_use]
    pub fn pid(&self) -> Option<u32> {
        self.process.pid()
    }

    /// A program that came with this PostgreSQL, such as `pgbench`.
    #[must_use]
    pub fn program(&self, name: &str) -> PathBuf {
        self.programs.join(name)
    }

    /// The folder with the cluster's files.
    #[must_use]
    pub fn data_folder(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs SQL by `psql` and answers what it prints: a line per row, `|` between columns.
    ///
    /// # Errors
    /// When the server refuses the SQL or does not answer.
    pub fn sql(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", &self.url(database), "-c", sql]);
        let output = psql.env("PGCONNECT_TIMEOUT", "10").output().context("starting psql")?;
        if !output.status.success() {
            bail!("psql: {}", String::from_utf8_lossy(&output.stderr).trim());
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Ends the server without warning, all its processes at once (`kill -9`). [`Self::restart`] brings it back.
    ///
    /// # Errors
    /// When a process does not go away.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.end(Signal::KILL, Whom::Family)
    }

    /// Ends the server in good order, cutting its clients (`fast` shutdown).
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end(Signal::INT, Whom::Server)
    }

    /// Starts the server again on the same port and data after [`Self::kill`] or [`Self::stop`]; waits
    /// until it has recovered and takes connections.
    ///
    /// # Errors
    /// When it runs already or does not start.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.launch()
    }

    /// Freezes the server and its connections (`SIGSTOP`): sockets stay open, nothing answers.
    ///
    /// # Errors
    /// When it is not running.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::STOP, Whom::Family)
    }

    /// Lets a frozen server go on (`SIGCONT`).
    ///
    /// # Errors
    /// When it is not running.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::CONT, Whom::Family)
    }

    /// The end of the server's log.
    #[must_use]
    pub fn log_end(&self) -> String {
        self.process.log_end()
    }

    fn launch(&self) -> anyhow::Result<()> {
        let data = self.data_folder();
        let mut command = Command::new(self.programs.join("postgres"));
        command.arg("-D").arg(&data).args(["-p", &self.port.to_string()]);
        for (name, value) in &self.settings {
            command.arg("-c").arg(format!("{name}={value}"));
        }
        self.account.run_as(&mut command);
        self.process.start(command, |pid| is_ready(&data, pid))
    }
}

/// Line 1 of the pid file is the server's process id, line 8 its state. A killed server leaves its file behind.
fn is_ready(data: &Path, pid: u32) -> bool {
    let Ok(text) = std::fs::read_to_string(data.join("postmaster.pid")) else { return false };
    let mut lines = text.lines().map(str::trim);
    lines.next() == Some(pid.to_string().as_str()) && lines.nth(6) == Some("ready")
}

/// The cluster that others are copied from: made once per version and account, kept under `target/testkit`.
fn template(programs: &Path, account: Account) -> anyhow::Result<PathBuf> {
    static ONE_AT_A_TIME: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let version = Command::new(programs.join("postgres")).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let words = version.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<&str> = words.collect();
    let home = binaries::target_folder().unwrap_or_else(std::env::temp_dir).join("testkit");
    let kept = home.join(format!("{}-{}", words.join("-"), account.uid()));
    if kept.is_dir() {
        return Ok(kept);
    }
    std::fs::create_dir_all(&home).with_context(|| format!("making {}", home.display()))?;
    let workshop = super::process::folder("vafa-initdb-", None)?;
    account.own(workshop.path())?;
    let mut initdb = Command::new(programs.join("initdb"));
    initdb.current_dir(workshop.path());
    initdb.args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]);
    initdb.args(["--no-sync", "--no-instructions"]);
    account.run_as(&mut initdb);
    let output = initdb.output().context("starting initdb")?;
    if !output.status.success() {
        bail!("initdb: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    let ours = tempfile::Builder::new().prefix("making-").tempdir_in(&home)?;
    let made = ours.path().join("data");
    copy(&workshop.path().join("data"), &made)?;
    match std::fs::rename(&made, &kept) {
        Ok(()) => Ok(kept),
        // Another test process was quicker; theirs is as good.
        Err(_) if kept.is_dir() => Ok(kept),
        Err(error) => Err(error).with_context(|| format!("keeping {}", kept.display())),
    }
}

/// Copies a data folder with its owner and rights.
fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    let output = Command::new("cp").arg("-a").args([from, to]).output().context("starting cp")?;
    if !output.status.success() {
        bail!("cp: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
