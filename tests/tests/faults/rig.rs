//! The platform as processes that can be killed, armed and started again.

mod books;

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::Write as _,
    os::unix::process::ExitStatusExt as _,
    process::{Child, ExitStatus},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use journeys::{Leftovers, Operator, Vafa};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use testkit::{
    proxy::TcpProxy,
    servers::{Nats, free_port},
};
use vafa::client::{Call, Client};

use crate::plan::{DESKS, Plan, REPLICAS, Server, secrets, variable};

pub use books::hearers_of;

const PATIENCE: Duration = Duration::from_mins(1);
/// The signal of a process that aborted.
const ABORTED: i32 = 6;

/// The promised sizes are asked for.
pub fn long() -> bool {
    std::env::var_os("VAFA_LONG").is_some()
}

/// One line about what a test did, past the test program's capture.
pub fn say(line: &str) {
    // A line that nobody can read is no reason to fail.
    let _ = writeln!(std::io::stderr(), "  {line}");
}

/// What a role counts under a name, over all lines with these labels.
pub fn counted(metrics: &str, name: &str, labels: &str) -> f64 {
    let lines = metrics.lines().filter(|line| line.starts_with(name) && line.contains(labels));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

/// Numbers that look random and come again with the same seed.
pub struct Dice(u64);

impl Dice {
    pub fn thrown() -> Self {
        let seed = std::env::var("VAFA_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_122);
        Self(seed)
    }

    /// Dice of their own for the n-th of many who throw.
    pub fn of(mut self, nth: u64) -> Self {
        self.0 = self.0.wrapping_add(nth.wrapping_mul(0xd134_2543_de82_ef95));
        self
    }

    /// From 0 up to, not including, `below`.
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % below
    }
}

/// Gateway, membership and points, once or as several replicas, as processes of the built program.
pub struct Rig {
    settings: Vec<(String, String)>,
    own: BTreeMap<&'static str, Vec<(String, String)>>,
    ports: BTreeMap<&'static str, u16>,
    running: BTreeMap<&'static str, Child>,
    databases: BTreeMap<&'static str, String>,
    server: Server,
    // The ways from the gateway to those services that run as several processes.
    _balancers: BTreeMap<&'static str, TcpProxy>,
    client: Client,
    operator_key: String,
    // Dropped in this order: the watch would else remove the folder under the processes.
    leftovers: Leftovers,
    folder: TempDir,
}

impl Rig {
    /// All roles once, ready.
    pub async fn start() -> Self {
        Self::planned(Plan::default()).await
    }

    /// All roles as planned, ready, and the programme live.
    pub async fn planned(plan: Plan) -> Self {
        static RIGS: AtomicU32 = AtomicU32::new(0);
        let number = RIGS.fetch_add(1, Ordering::Relaxed);
        let folder = tempfile::Builder::new().prefix("vafa-faults-").tempdir().expect("a folder");
        let leftovers = Leftovers::of(folder.path()).expect("a watch over the folder");
        let (server, roles) = (Server::of(&plan), plan.roles());
        let ports: BTreeMap<_, _> =
            roles.iter().map(|role| (*role, free_port().expect("a free port"))).collect();
        let balancers = balancers(&plan, &ports).await;
        let urls = ["membership", "points", "rewards", "notifications", "webhooks"]
            .map(|role| (role, server.fresh_database(role).expect("a database")));
        let name = |url: &str| url.rsplit('/').next().unwrap_or_default().to_owned();
        let databases: BTreeMap<_, _> = urls.iter().map(|(role, url)| (*role, name(url))).collect();
        let operator_key = format!("vo_{}", "7e".repeat(32));
        let mut settings = secrets(&operator_key);
        settings.extend(common(folder.path(), number));
        settings.extend(plan.settings.iter().map(|(name, value)| variable(name, value)));
        for (role, url) in urls {
            let through = plan.points_through.filter(|_| role == "points").unwrap_or(server.port());
            let url = url.replace(&format!(":{}/", server.port()), &format!(":{through}/"));
            settings.push(variable(&format!("{role}.database_url"), &url));
            let balanced = balancers.get(role).map(TcpProxy::port);
            let port = balanced.unwrap_or(ports[role]);
            settings.push(variable(&format!("{role}.url"), &format!("http://127.0.0.1:{port}")));
        }
        let own = roles
            .iter()
            .map(|role| (*role, vec![variable("http.listen", &format!("127.0.0.1:{}", ports[role]))]))
            .collect();
        let base = format!("http://127.0.0.1:{}", ports["gateway"]);
        let client =
            Client::patient(&base, Duration::from_secs(20), Duration::from_secs(30)).expect("an address");
        let running = BTreeMap::new();
        let mut rig = Self {
            settings,
            own,
            ports,
            running,
            databases,
            server,
            _balancers: balancers,
            client,
            operator_key,
            leftovers,
            folder,
        };
        for role in &roles {
            rig.launch(role, None);
        }
        for role in &roles {
            rig.ready(role).await;
        }
        let _ = rig.operator().put("/v1/programme", &plan.programme).await.created();
        rig
    }

    /// The way in for tills.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The gateway's address.
    pub fn base(&self) -> String {
        self.client.base().to_owned()
    }

    pub fn operator(&self) -> Operator {
        Operator::new(self.client.clone(), &self.operator_key)
    }

    pub fn operator_key(&self) -> &str {
        &self.operator_key
    }

    /// A folder that is gone when the rig is.
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// A role is told this, in the words of its surroundings, when it is launched next.
    pub fn surround(&mut self, role: &'static str, name: &str, value: &str) {
        self.own.entry(role).or_default().push((name.to_owned(), value.to_owned()));
    }

    /// Starts a role that does not run; `crash_at` arms a crash point in it.
    pub fn launch(&mut self, role: &'static str, crash_at: Option<&str>) {
        let log = OpenOptions::new().create(true).append(true).open(self.log(role)).expect("a log");
        let variables = [self.settings.clone(), self.own[role].clone()].concat();
        let mut command = Vafa::with(&variables).command(&["run", service(role)]);
        let twin: File = log.try_clone().expect("a second handle");
        command.current_dir(self.folder.path()).stdout(twin).stderr(log);
        if let Some(point) = crash_at {
            command.env("VAFA_CRASH_AT", point);
        }
        let child = command.spawn().expect("the program starts");
        self.leftovers.began(child.id());
        assert!(self.running.insert(role, child).is_none(), "{role} runs already");
    }

    /// Waits until a role takes requests.
    pub async fn ready(&mut self, role: &'static str) {
        let base = format!("http://127.0.0.1:{}", self.ports[role]);
        let client = Client::patient(&base, Duration::from_secs(5), Duration::ZERO).expect("an address");
        let begun = Instant::now();
        while !client.send(&Call::get("/readyz")).await.is_ok_and(|answer| answer.status == 200) {
            if let Some(status) = self.ended(role) {
                panic!("{role} ended at its start ({status}):\n{}", self.end_of_log(role));
            }
            assert!(begun.elapsed() < PATIENCE, "{role} was not ready:\n{}", self.end_of_log(role));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Ends a role without warning (`kill -9`).
    pub fn kill(&mut self, role: &'static str) {
        self.running.get_mut(role).expect("it runs").kill().expect("a child can be killed");
        self.forget(role);
    }

    /// Asks a role to stop and waits until it has; others can take over its leases at once.
    pub async fn stop(&mut self, role: &'static str) {
        let pid = self.running[role].id();
        let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).expect("a child has a process id");
        kill_process(pid, Signal::TERM).expect("a child that was not waited for can be signalled");
        let begun = Instant::now();
        while self.ended(role).is_none() {
            assert!(begun.elapsed() < PATIENCE, "{role} did not stop:\n{}", self.end_of_log(role));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.forget(role);
    }

    /// A role that has ended can be launched again.
    fn forget(&mut self, role: &'static str) {
        let mut child = self.running.remove(role).expect("it ran");
        child.wait().expect("a child can be waited for");
        self.leftovers.ended(child.id());
    }

    /// Waits until a role has died at the point that it was armed with.
    pub async fn crashed(&mut self, role: &'static str, point: &str) {
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.ended(role) {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "{role} did not come by {point}:\n{}", self.end_of_log(role));
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        assert_eq!(status.signal(), Some(ABORTED), "{role} at {point}: {status}\n{}", self.end_of_log(role));
        self.forget(role);
    }

    fn ended(&mut self, role: &'static str) -> Option<ExitStatus> {
        self.running.get_mut(role)?.try_wait().expect("a child can be waited for")
    }

    fn log(&self, role: &str) -> std::path::PathBuf {
        self.folder.path().join(format!("{role}.log"))
    }

    /// All that a role has logged.
    pub fn log_of(&self, role: &str) -> String {
        fs::read_to_string(self.log(role)).unwrap_or_default()
    }

    /// What a role tells whoever watches it.
    pub async fn metrics(&self, role: &str) -> String {
        let base = format!("http://127.0.0.1:{}", self.ports[role]);
        let client = Client::patient(&base, Duration::from_secs(5), Duration::ZERO).expect("an address");
        let answer = client.send(&Call::get("/metrics")).await.expect("it answers");
        String::from_utf8_lossy(&answer.body).into_owned()
    }

    /// What this rig's streams begin with.
    pub fn bus_prefix(&self) -> String {
        let named = self.settings.iter().find(|(name, _)| name == "VAFA_BUS__NATS_PREFIX");
        named.map(|(_, prefix)| prefix.clone()).expect("it was set")
    }

    fn end_of_log(&self, role: &str) -> String {
        let text = self.log_of(role);
        let from = text.char_indices().rev().nth(4_000).map_or(0, |(at, _)| at);
        text[from..].to_owned()
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        for child in self.running.values_mut() {
            // A child that ended by itself cannot be ended again.
            let _ = child.kill();
            if child.wait().is_ok() {
                // Else the watch would end whoever has that number by then.
                self.leftovers.ended(child.id());
            }
        }
    }
}

/// What a process plays.
fn service(role: &str) -> &str {
    match role {
        role if REPLICAS.contains(&role) => "points",
        role if DESKS.contains(&role) => "rewards",
        role => role,
    }
}

/// Ways that lead by turns to all processes of those services that there are several of.
async fn balancers(plan: &Plan, ports: &BTreeMap<&'static str, u16>) -> BTreeMap<&'static str, TcpProxy> {
    let mut all = BTreeMap::new();
    for service in ["points", "rewards"] {
        let Some(processes) = plan.several(service) else { continue };
        let upstreams = processes.iter().map(|role| format!("127.0.0.1:{}", ports[role]));
        all.insert(service, TcpProxy::among(upstreams.collect()).await.expect("a balancer"));
    }
    all
}

/// What all processes are told alike.
fn common(folder: &std::path::Path, number: u32) -> Vec<(String, String)> {
    let data = folder.join("data").display().to_string();
    let mut all = vec![
        variable("bus.nats_url", &Nats::shared().url()),
        variable("bus.nats_prefix", &format!("faults{number}")),
        variable("data.dir", &data),
        variable("telemetry.log_level", "warn"),
    ];
    // These tests are about other limits.
    for rate in [
        "till_rate_per_s",
        "till_burst",
        "operator_rate_per_s",
        "operator_burst",
        "heavy_rate_per_s",
        "heavy_burst",
    ] {
        all.push(variable(&format!("gateway.{rate}"), "1000000"));
    }
    all
}
