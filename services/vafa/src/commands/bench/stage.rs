//! The platform that is measured: processes of this same program, in one of three shapes.

use std::{
    fs::File,
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use kernel::Ids as _;
use runtime::SystemIds;
use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use testkit::servers::{Nats, Postgres, free_port};

use super::{
    metrics::Scrape,
    processes::{cpu_seconds, family_cpu_seconds, memory_mib},
    wire::Wire,
};

/// How the platform is put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// All services in one process, on PostgreSQL
    One,
    /// Gateway, points and membership as processes of their own, on PostgreSQL and NATS
    Split,
    /// All services in one process, on SQLite and the embedded bus
    Embedded,
}

impl Shape {
    /// The word that the command line uses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Split => "split",
            Self::Embedded => "embedded",
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
const LOOK: Duration = Duration::from_millis(5);
const NO_LIMIT: &str = "1000000";

/// The running platform, with what only it uses. Ends when dropped.
pub struct Stage {
    shape: Shape,
    processes: Vec<Process>,
    nats: Option<Nats>,
    postgres: Option<u32>,
    points_database: Option<String>,
    settings: Vec<(String, String)>,
    // Dropped last: the processes write into it.
    _folder: TempDir,
}

/// CPU seconds that somebody has used so far.
pub type CpuUse = Vec<(String, f64)>;

impl Stage {
    /// Starts the platform on empty databases.
    ///
    /// # Errors
    /// When a server or a process does not start.
    pub async fn open(shape: Shape, postgres: &Postgres, more: &[(String, String)]) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("vafa-bench-").tempdir()?;
        let nats = if shape == Shape::Split { Some(Nats::start()?) } else { None };
        let mut settings = common_settings(&folder)?;
        if let Some(nats) = &nats {
            settings.push(("VAFA_BUS__NATS_URL".to_owned(), nats.url()));
        }
        for (name, value) in more {
            settings.push((variable(name), value.clone()));
        }
        let postgres = Some(postgres).filter(|_| shape != Shape::Embedded);
        if let Some(postgres) = postgres {
            for service in ["membership", "points", "rewards", "notifications", "webhooks"] {
                let url = postgres.fresh_database(&format!("{}_{service}", shape.name()))?;
                settings.push((format!("VAFA_{}__DATABASE_URL", service.to_uppercase()), url));
            }
        }
        let mut plans: Vec<(&'static str, &'static [&'static str])> = vec![("vafa", &[])];
        if shape == Shape::Split {
            plans = vec![
                ("membership", &["membership"]),
                ("points", &["points"]),
                ("rewards", &["rewards"]),
                ("notifications", &["notifications"]),
                ("webhooks", &["webhooks"]),
                ("gateway", &["gateway"]),
            ];
        }
        let mut processes = Vec::new();
        for (name, _) in &plans {
            let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
            if shape == Shape::Split && *name != "gateway" {
                settings.push((format!("VAFA_{}__URL", name.to_uppercase()), format!("http://{address}")));
            }
            processes.push((*name, address));
        }
        let processes = processes
            .into_iter()
            .zip(&plans)
            .map(|((name, address), (_, roles))| {
                Process::start(name, roles, address, settings.clone(), &folder)
            })
            .collect::<anyhow::Result<Vec<_>>>()?;
        let url = named(&settings, "VAFA_POINTS__DATABASE_URL");
        let points_database = url.rsplit_once('/').map(|(_, name)| name.to_owned());
        let postgres = postgres.and_then(Postgres::pid);
        let stage = Self { shape, processes, nats, postgres, points_database, settings, _folder: folder };
        stage.ready().await?;
        Ok(stage)
    }

    /// Where the public API is.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.processes[self.processes.len() - 1].address
    }

    /// The back office's key.
    #[must_use]
    pub fn operator_key(&self) -> &str {
        named(&self.settings, "VAFA_SECRETS__OPERATOR_KEY")
    }

    /// The key of the blind index, in hexadecimal digits.
    #[must_use]
    pub fn blind_index_key(&self) -> &str {
        named(&self.settings, "VAFA_SECRETS__BLIND_INDEX_KEY")
    }

    /// The name of the database of points, where it is on PostgreSQL.
    ///
    /// # Errors
    /// When it is not.
    pub fn points_database(&self) -> anyhow::Result<&str> {
        self.points_database.as_deref().context("this shape has no database on PostgreSQL")
    }

    /// Sets a setting anew, from the next start on.
    pub fn set(&mut self, name: &str, value: &str) {
        let variable = variable(name);
        for process in &mut self.processes {
            process.settings.retain(|(known, _)| *known != variable);
            process.settings.push((variable.clone(), value.to_owned()));
        }
    }

    /// The shape.
    #[must_use]
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Waits until every process says that it is ready.
    async fn ready(&self) -> anyhow::Result<()> {
        for process in &self.processes {
            process.ready().await?;
        }
        Ok(())
    }

    /// Stops all processes in good order and starts them again on their data; answers how long it took from the start
    /// until all were ready.
    ///
    /// # Errors
    /// When one does not stop or start.
    pub async fn restart(&mut self) -> anyhow::Result<Duration> {
        for process in &mut self.processes {
            process.stop()?;
        }
        let begun = Instant::now();
        for process in &mut self.processes {
            process.launch()?;
        }
        self.ready().await?;
        Ok(begun.elapsed())
    }

    /// CPU seconds of each process and server so far.
    #[must_use]
    pub fn cpu(&self) -> CpuUse {
        let mut all: CpuUse =
            self.processes.iter().map(|p| (p.name.to_owned(), cpu_seconds(p.child.id()))).collect();
        if let Some(pid) = self.postgres {
            all.push(("postgres".to_owned(), family_cpu_seconds(pid)));
        }
        if let Some(pid) = self.nats.as_ref().and_then(Nats::pid) {
            all.push(("nats".to_owned(), cpu_seconds(pid)));
        }
        all
    }

    /// Resident memory of the platform's processes together, in MiB: now, and the sum of the most that each ever had.
    #[must_use]
    pub fn memory(&self) -> (f64, f64) {
        let each = self.processes.iter().map(|process| memory_mib(process.child.id()));
        each.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    /// The figures of all processes.
    ///
    /// # Errors
    /// When one does not answer.
    pub async fn scrape(&self) -> anyhow::Result<Scrape> {
        let mut scrape = Scrape::default();
        for process in &self.processes {
            let mut wire = Wire::connect(process.address).await?;
            let answer = wire.exchange(b"GET /metrics HTTP/1.1\r\nhost: bench\r\n\r\n").await?;
            scrape.add(&String::from_utf8_lossy(answer.body));
        }
        Ok(scrape)
    }
}

/// The environment variable of a setting: `points.lanes` is `VAFA_POINTS__LANES`.
fn variable(setting: &str) -> String {
    format!("VAFA_{}", setting.replace('.', "__").to_uppercase())
}

fn named<'a>(settings: &'a [(String, String)], name: &str) -> &'a str {
    settings.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Fresh secrets, and limits that a bench from one address does not meet; the limiters still count every request.
fn common_settings(folder: &TempDir) -> anyhow::Result<Vec<(String, String)>> {
    let ids = SystemIds::default();
    let secret = || {
        let mut bytes = [0; 32];
        ids.secret(&mut bytes);
        bytes.map(|byte| format!("{byte:02x}")).concat()
    };
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data)?;
    let data = data.display().to_string();
    let settings = [
        ("DATA__DIR", data),
        ("SECRETS__BLIND_INDEX_KEY", secret()),
        ("SECRETS__SERVICE_KEY", secret()),
        ("SECRETS__MASTER_KEYS", format!("1:{}", secret())),
        ("SECRETS__OPERATOR_KEY", format!("vo_{}", secret())),
        ("TELEMETRY__LOG_LEVEL", "warn".to_owned()),
        ("GATEWAY__TILL_RATE_PER_S", NO_LIMIT.to_owned()),
        ("GATEWAY__TILL_BURST", NO_LIMIT.to_owned()),
        ("GATEWAY__OPERATOR_RATE_PER_S", NO_LIMIT.to_owned()),
        ("GATEWAY__OPERATOR_BURST", NO_LIMIT.to_owned()),
    ];
    Ok(settings.into_iter().map(|(name, value)| (format!("VAFA_{name}"), value)).collect())
}

/// One process of the platform.
struct Process {
    name: &'static str,
    roles: &'static [&'static str],
    address: SocketAddr,
    settings: Vec<(String, String)>,
    log: std::path::PathBuf,
    child: Child,
}

impl Process {
    fn start(
        name: &'static str,
        roles: &'static [&'static str],
        address: SocketAddr,
        mut settings: Vec<(String, String)>,
        folder: &TempDir,
    ) -> anyhow::Result<Self> {
        settings.push(("VAFA_HTTP__LISTEN".to_owned(), address.to_string()));
        let log = folder.path().join(format!("{name}.log"));
        let child = spawn(roles, &settings, &log)?;
        Ok(Self { name, roles, address, settings, log, child })
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        self.child = spawn(self.roles, &self.settings, &self.log)?;
        Ok(())
    }

    async fn ready(&self) -> anyhow::Result<()> {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Ok(mut wire) = Wire::connect(self.address).await {
                let answer = wire.exchange(b"GET /readyz HTTP/1.1\r\nhost: bench\r\n\r\n").await;
                if answer.is_ok_and(|answer| answer.status == 200) {
                    return Ok(());
                }
            }
            tokio::time::sleep(LOOK).await;
        }
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        bail!("{} was not ready within {PATIENCE:?}:\n{}", self.name, log.trim())
    }

    /// Asks to stop and waits for it.
    fn stop(&mut self) -> anyhow::Result<()> {
        let pid = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).context("not a process id")?;
        kill_process(pid, Signal::TERM).with_context(|| format!("stopping {}", self.name))?;
        let begun = Instant::now();
        while self.child.try_wait()?.is_none() {
            if begun.elapsed() > PATIENCE {
                bail!("{} did not stop within {PATIENCE:?}", self.name);
            }
            std::thread::sleep(LOOK);
        }
        Ok(())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) && self.stop().is_err() {
            // It would not end in good order; nothing is left that could hear of a second failure.
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

fn spawn(roles: &[&str], settings: &[(String, String)], log: &std::path::Path) -> anyhow::Result<Child> {
    let mut command = Command::new(std::env::current_exe()?);
    // Settings of whoever runs the bench are not those of the platform that is measured.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VAFA_")) {
        command.env_remove(name);
    }
    let log = File::options().create(true).append(true).open(log)?;
    command.arg("run").args(roles).envs(settings.iter().cloned()).stdin(Stdio::null());
    command.stdout(log.try_clone()?).stderr(log).spawn().context("starting a process of the platform")
}
