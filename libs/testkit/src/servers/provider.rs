//! A throw-away `OpenID` Connect provider.

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
const SCRIPT: &str = include_str!("../../../../tests/identity_provider.py");

/// A running provider of its own (Authlib's, by `tests/identity_provider.py`), 127.0.0.1 only: whoever fills in its form is
/// who they say. It demands PKCE and nonces, and makes a fresh signing key at each start.
///
/// Ends and leaves nothing behind when dropped, or when the test process ends in any other way.
#[derive(Debug)]
pub struct Provider {
    process: Process,
    python: PathBuf,
    script: PathBuf,
    port: u16,
    _folder: TempDir,
}

impl Provider {
    /// Starts the provider; a second or two.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start() -> anyhow::Result<Self> {
        let python = binaries::identity_provider()?;
        let folder = super::process::folder("vafa-provider-", None)?;
        let script = folder.path().join("identity_provider.py");
        std::fs::write(&script, SCRIPT)?;
        let process = Process::new(folder.path(), &folder.path().join("provider.pid"), Signal::KILL)?;
        let mut provider = Self { process, python, script, port: 0, _folder: folder };
        let mut tries = 0;
        loop {
            provider.port = free_port()?;
            tries += 1;
            match provider.launch() {
                Ok(()) => return Ok(provider),
                // Somebody else took the port between our look and the server's bind.
                Err(error) if tries < 5 && error.to_string().contains("Address already in use") => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// As it names itself: `http://127.0.0.1:…`.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Ends it, so that nobody answers. [`Self::restart`] brings it back with another signing key.
    ///
    /// # Errors
    /// When it does not go away.
    pub fn kill(&self) -> anyhow::Result<()> {
        self.process.end(Signal::KILL, Whom::Server)
    }

    /// Starts it again on the same port, with another signing key.
    ///
    /// # Errors
    /// When it runs already or does not start.
    pub fn restart(&self) -> anyhow::Result<()> {
        self.launch()
    }

    fn launch(&self) -> anyhow::Result<()> {
        let mut command = Command::new(&self.python);
        command.arg("-W").arg("ignore").arg(&self.script).arg(self.port.to_string());
        self.process
            .start(command, |_| TcpStream::connect(("127.0.0.1", self.port)).is_ok())
            .context("starting the OpenID Connect provider")
    }
}
