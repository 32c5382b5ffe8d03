//! Processes of the built program: all services in one, or each in its own on PostgreSQL and NATS.

use std::{
    fs::OpenOptions,
    path::Path,
    process::{Child, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Signal, kill_process};
use testkit::servers::{Nats, Postgres, free_port};
use tokio::net::TcpStream;
use vafa::client::{Call, Client};

use super::variable;
use crate::{Vafa, leftovers::Leftovers};

const PATIENCE: Duration = Duration::from_mins(1);

/// A process of the platform: what it plays, and where it takes requests.
#[derive(Clone, Copy, Debug)]
pub(super) struct Role {
    name: &'static str,
    port: u16,
}

impl Role {
    /// Everything in one process.
    pub(super) fn alone() -> anyhow::Result<Self> {
        Ok(Self { name: "", port: free_port()? })
    }

    /// What it plays; nothing for everything.
    pub(super) const fn name(self) -> &'static str {
        self.name
    }

    fn words(self) -> Vec<&'static str> {
        if self.name.is_empty() { vec!["run"] } else { vec!["run", self.name] }
    }

    fn log(self) -> String {
        if self.name.is_empty() { "vafa.log".to_owned() } else { format!("{}.log", self.name) }
    }
}

/// Makes databases and a place on NATS, and says in the settings where everything is. The gateway is the last role.
pub(super) fn places(settings: &mut Vec<(String, String)>) -> anyhow::Result<Vec<Role>> {
    static STAGES: AtomicU32 = AtomicU32::new(0);
    let number = STAGES.fetch_add(1, Ordering::Relaxed);
    let postgres = Postgres::shared();
    let mut roles = Vec::new();
    for name in ["membership", "points", "rewards", "notifications", "webhooks", "gateway"] {
        let port = free_port()?;
        roles.push(Role { name, port });
        if name != "gateway" {
            settings.push(variable(&format!("{name}.database_url"), &postgres.fresh_database(name)?));
            settings.push(variable(&format!("{name}.url"), &format!("http://127.0.0.1:{port}")));
        }
    }
    settings.push(variable("bus.nats_url", &Nats::shared().url()));
    settings.push(variable("bus.nats_prefix", &format!("stage{number}")));
    Ok(roles)
}

/// The processes of a platform.
pub(super) struct Processes {
    door: u16,
    running: Vec<(Role, Child)>,
}

impl Processes {
    /// Starts them and waits until each says that it is ready.
    pub(super) async fn start(
        settings: &[(String, String)],
        roles: &[Role],
        folder: &Path,
        leftovers: &Leftovers,
    ) -> anyhow::Result<Self> {
        let door = roles.last().context("a platform has at least one process")?.port;
        let mut processes = Self { door, running: Vec::new() };
        for role in roles {
            let mut own = settings.to_vec();
            own.push(variable("http.listen", &format!("127.0.0.1:{}", role.port)));
            let log = OpenOptions::new().create(true).append(true).open(folder.join(role.log()))?;
            let mut command = Vafa::with(&own).command(&role.words());
            command.current_dir(folder).stdout(log.try_clone()?).stderr(log).stdin(Stdio::null());
            let child = command.spawn().with_context(|| format!("starting {role:?}"))?;
            leftovers.began(child.id());
            processes.running.push((*role, child));
        }
        let secret = settings.iter().any(|(name, _)| *name == variable("gateway.tls_certificate", "").0);
        for role in roles {
            let speaks_tls = secret && matches!(role.name, "" | "gateway");
            processes.await_ready(role.port, speaks_tls, folder).await?;
        }
        Ok(processes)
    }

    pub(super) fn base(&self) -> String {
        format!("http://127.0.0.1:{}", self.door)
    }

    /// Waits until a process says that it is ready; one that speaks TLS, until it takes connections.
    async fn await_ready(&mut self, port: u16, speaks_tls: bool, folder: &Path) -> anyhow::Result<()> {
        let base = format!("http://127.0.0.1:{port}");
        let client = Client::patient(&base, Duration::from_secs(5), Duration::ZERO)?;
        let begun = Instant::now();
        loop {
            let ready = if speaks_tls {
                TcpStream::connect(("127.0.0.1", port)).await.is_ok()
            } else {
                client.send(&Call::get("/readyz")).await.is_ok_and(|answer| answer.status == 200)
            };
            if ready {
                return Ok(());
            }
            for (role, child) in &mut self.running {
                if let Some(status) = child.try_wait()? {
                    bail!("{role:?} ended at its start ({status}):\n{}", end_of_log(folder, *role));
                }
            }
            if begun.elapsed() > PATIENCE {
                let logs: Vec<_> = self.running.iter().map(|(role, _)| end_of_log(folder, *role)).collect();
                bail!("{base} was not ready within {PATIENCE:?}:\n{}", logs.join("\n"));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Asks each to stop, the gateway first, and waits until all ended well.
    pub(super) async fn stop(mut self, leftovers: &Leftovers) {
        while let Some((role, mut child)) = self.running.pop() {
            ask_to_stop(&child);
            let begun = Instant::now();
            let status = loop {
                if let Some(status) = child.try_wait().expect("a child can be waited for") {
                    break status;
                }
                assert!(begun.elapsed() < PATIENCE, "{role:?} did not stop within {PATIENCE:?}");
                tokio::time::sleep(Duration::from_millis(10)).await;
            };
            leftovers.ended(child.id());
            assert!(status.success(), "{role:?} ended with {status}");
        }
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        for (_, child) in &mut self.running {
            // A child that ended by itself cannot be ended again.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn ask_to_stop(child: &Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).expect("a child has a process id");
    kill_process(pid, Signal::TERM).expect("a child that was not waited for can be signalled");
}

fn end_of_log(folder: &Path, role: Role) -> String {
    let text = std::fs::read_to_string(folder.join(role.log())).unwrap_or_default();
    let from = text.char_indices().rev().nth(3_000).map_or(0, |(at, _)| at);
    format!("{role:?}: {}", &text[from..])
}
