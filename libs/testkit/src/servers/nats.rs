//! A throw-away nats-server with JetStream.

use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use super::binaries;
use super::ports::free_port;
use super::process::{Process, Whom};

/// A running nats-server of its own with JetStream in a folder of its own, 127.0.0.1 only.
///
/// Ends and leaves nothing behind when dropped, or when the test process ends in any other way.
#[derive(Debug)]
pub struct Nats {
    process: Process,
    program: PathBuf,
    port: u16,
    folder: TempDir,
}

/// How a [`Nats`] shall be.
#[derive(Clone, Debug, Default)]
pub struct NatsBuilder {
    durable: bool,
    parent: Option<PathBuf>,
    settings: Vec<String>,
}

impl NatsBuilder {
    /// With `sync_interval: always`: every publish is on the disk before it is answered.
    #[must_use]
    pub fn durable(mut self) -> Self {
        self.durable = true;
        self
    }

    /// Puts the server's folder into this one instead of the system's temporary folder, which may live in memory.
    #[must_use]
    pub fn inside(mut self, parent: impl Into<PathBuf>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// Adds a line to the server's configuration file, such as `max_payload: 8MB`.
    #[must_use]
    pub fn setting(mut self, line: &str) -> Self {
        self.settings.push(line.to_owned());
        self
    }

    /// Starts the server; well under 0.1 s.
    ///
    /// # Errors
    /// When nats-server is not installed or does not start.
    pub fn start(self) -> anyhow::Result<Nats> {
        let program = binaries::nats_server()?;
        let folder = super::process::folder("vafa-nats-", self.parent.as_deref())?;
        let process = Process::new(folder.path(), &folder.path().join("nats.pid"), Signal::KILL)?;
        let mut nats = Nats { process, program, port: 0, folder };
        let mut tries = 0;
        loop {
            nats.port = free_port()?;
            tries += 1;
            std::fs::write(nats.folder.path().join("nats.conf"), self.configuration(nats.port))?;
            match nats.launch() {
                Ok(()) => return Ok(nats),
                // Somebody else took the port between our look and the server's bind.
                Err(error) if tries < 5 && error.to_string().contains("address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Paths are relative to the server's working folder.
    fn configuration(&self, port: u16) -> String {
        let sync = if self.durable { "sync_interval: always" } else { "" };
        let more = self.settings.join("\n");
        format!(
            "host: 127.0.0.1\nport: {port}\npid_file: nats.pid\njetstream {{\n  store_dir: store\n  {sync}\n}}\n{more}\n"
        )
    }
}

impl Nats {
    /// A fast server that does not wait for the disk.
    ///
    /// # Errors
    /// When nats-server is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        Self::builder().start()
    }

    /// A server with options.
    #[must_use]
    pub fn builder() -> NatsBuilder {
        NatsBuilder::default()
    }

    /// The one server that all tests of this process share, each with streams of its own names. Do not
    /// kill or pause it. It ends with the process.
    ///
    /// # Panics
    /// When nats-server is not installed or does not start: a test that needs it must not pass without it.
    #[must_use]
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Nats> = OnceLock::new();
        SHARED.get_or_init(|| {
            Self::start().unwrap_or_else(|error| panic!("no nats-server for the tests: {error:#}"))
        })
    }

    /// The URL for clients, `nats://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://127.0.0.1:{}", self.port)
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

    /// The folder with JetStream's files, to be damaged or wiped by tests while the server is down.
    #[must_use]
    pub fn store_folder(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// Ends the server without warning (`kill -9`). [`Self::restart`] brings it back.
    ///
    /// # Errors
    /// When it does not go away.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.end(Signal::KILL, Whom::Server)
    }

    /// Ends the server in good order.
    ///
    /// # Errors
    /// When it does not end in time.
    pub fn stop(&self) -> anyhow::Result<()> {
        self.process.end(Signal::TERM, Whom::Server)
    }

    /// Starts the server again on the same port and files after [`Self::kill`] or [`Self::stop`].
    ///
    /// # Errors
    /// When it runs already or does not start.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.launch()
    }

    /// Freezes the server (`SIGSTOP`): sockets stay open, nothing answers.
    ///
    /// # Errors
    /// When it is not running.
    pub fn pause(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::STOP, Whom::Server)
    }

    /// Lets a frozen server go on (`SIGCONT`).
    ///
    /// # Errors
    /// When it is not running.
    pub fn resume(&self) -> anyhow::Result<()> {
        self.process.signal(Signal::CONT, Whom::Server)
    }

    /// The end of the server's log.
    #[must_use]
    pub fn log_end(&self) -> String {
        self.process.log_end()
    }

    fn launch(&self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["-c", "nats.conf"]);
        self.process.start(command, |_| greets(self.port))
    }
}

/// A ready server greets a connection with a line that says whether JetStream is on.
fn greets(port: u16) -> bool {
    let patience = Duration::from_secs(1);
    let Ok(stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    if stream.set_read_timeout(Some(patience)).is_err() {
        return false;
    }
    let mut greeting = String::new();
    BufReader::new(stream).read_line(&mut greeting).is_ok() && greeting.contains("\"jetstream\":true")
}
