//! A throw-away SMTP server.

use std::net::TcpStream;
use std::path::PathBuf;
use std::process::Command;

use anyhow::Context;
use rustix::process::Signal;
use tempfile::TempDir;

use super::binaries;
use super::ports::free_port;
use super::process::{Process, Whom};

/// It travels in the program, which may lie anywhere.
const SCRIPT: &str = include_str!("../../../../tests/mail_server.py");

/// A running SMTP server (aiosmtpd, by `tests/mail_server.py`), 127.0.0.1 only: it keeps letters as files, and what stands before the
/// `@` of an address says what it does with one.
///
/// Ends and leaves nothing behind when dropped, or when the test process ends in any other way.
#[derive(Debug)]
pub struct Mail {
    process: Process,
    python: PathBuf,
    port: u16,
    guarded: bool,
    folder: TempDir,
}

impl Mail {
    /// Starts a server that takes letters from everybody.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        Self::new(false)
    }

    /// Starts one that takes letters after STARTTLS from `club` with `right`; [`Self::certificate`] vouches for it as `localhost`.
    ///
    /// # Errors
    /// As [`Self::start`], and without `openssl`.
    pub fn guarded() -> anyhow::Result<Self> {
        Self::new(true)
    }

    fn new(guarded: bool) -> anyhow::Result<Self> {
        let python = binaries::mail_server()?;
        let folder = super::process::folder("vafa-mail-", None)?;
        std::fs::write(folder.path().join("mail_server.py"), SCRIPT)?;
        std::fs::create_dir(folder.path().join("letters"))?;
        if guarded {
            certify(&folder)?;
        }
        let process = Process::new(folder.path(), &folder.path().join("mail.pid"), Signal::KILL)?;
        let mut mail = Self { process, python, port: 0, guarded, folder };
        let mut tries = 0;
        loop {
            mail.port = free_port()?;
            tries += 1;
            match mail.launch() {
                Ok(()) => return Ok(mail),
                // Somebody else took the port between our look and the server's bind.
                Err(error) if tries < 5 && error.to_string().contains("address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Where it listens.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The file of the certificate that vouches for it.
    #[must_use]
    pub fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }

    /// The letters that came, as they came, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn letters(&self) -> anyhow::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.folder.path().join("letters"))?;
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
        files.retain(|file| file.extension().is_some_and(|kind| kind == "eml"));
        files.sort();
        files.into_iter().map(|file| Ok(std::fs::read_to_string(file)?)).collect()
    }

    /// Ends it, so that nobody answers.
    ///
    /// # Errors
    /// When it does not go away.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.end(Signal::KILL, Whom::Server)
    }

    /// Starts it again on the same port.
    ///
    /// # Errors
    /// When it runs already or does not start.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.launch()
    }

    fn launch(&self) -> anyhow::Result<()> {
        let file = |name: &str| self.folder.path().join(name);
        let mut command = Command::new(&self.python);
        command.args(["-W", "ignore"]).arg(file("mail_server.py"));
        command.arg(self.port.to_string()).arg(file("letters"));
        if self.guarded {
            command.arg(file("cert.pem")).arg(file("key.pem"));
        }
        self.process
            .start(command, |_| TcpStream::connect(("127.0.0.1", self.port)).is_ok())
            .context("starting the SMTP server")
    }
}

/// A certificate for `localhost` that vouches for itself.
fn certify(folder: &TempDir) -> anyhow::Result<()> {
    let made = Command::new("openssl")
        .current_dir(folder.path())
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .args(["-keyout", "key.pem", "-out", "cert.pem"])
        .output()
        .context("openssl: run tests/provision.sh")?;
    anyhow::ensure!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
    Ok(())
}
