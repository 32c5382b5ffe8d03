//! Services become a platform: connected, started, told of each other, served, stopped.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};

use anyhow::{Context as _, bail};
use axum::Router;
use bus::{Carrier, Consumer, EmbeddedCarrier, NatsCarrier, NatsSettings, Relay, Waker};
use kernel::{Clock, Ids};
use runtime::{
    Chain, Context, OpsState, Peers, Readiness, Secrets, Service, SystemClock, SystemIds, Tasks, ops_router,
    settings::Values,
};
use store::{Database, DatabaseSettings, connect, migrate};
use tokio_util::sync::CancellationToken;
use web::{CallerKey, ServeLimits, Upstream};

use crate::{
    clocks::{self, Hours},
    dispatch::dispatch,
    listening::{Listening, certificate, replicas},
    ready::DatabaseReady,
    roles::{GATEWAY, Role, services},
    settings::{tables, with_outbox},
};

/// What a platform is started from.
pub struct StartPlan {
    /// The settings, checked.
    pub values: Values,
    /// The roles of this process; empty: all of them.
    pub roles: Vec<Role>,
    /// This machine's time; services on PostgreSQL go by their database's instead, as the settings say.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// The metrics shown at `/metrics`.
    pub registry: prometheus::Registry,
    /// Share of requests to trace.
    pub sample_ratio: f64,
}

impl StartPlan {
    /// All roles in one process, by the system's clock, without telemetry.
    #[must_use]
    pub fn new(values: Values) -> Self {
        Self {
            values,
            roles: Vec::new(),
            clock: Arc::new(SystemClock),
            ids: Arc::new(SystemIds::default()),
            registry: prometheus::Registry::new(),
            sample_ratio: 0.0,
        }
    }

    fn roles(&self) -> Vec<Role> {
        if !self.roles.is_empty() {
            return self.roles.clone();
        }
        services().iter().map(|service| service.name()).chain([GATEWAY]).collect()
    }
}

/// A running platform, or the part of it that this process plays.
pub struct Platform {
    address: SocketAddr,
    secrets: Secrets,
    databases: BTreeMap<&'static str, Database>,
    carrier: Option<Arc<dyn Carrier>>,
    tasks: Tasks,
    listening: CancellationToken,
    servers: Tasks,
    grace: Duration,
}

impl Platform {
    /// Connects, migrates, starts and serves. Answers once requests are taken.
    ///
    /// # Errors
    /// What is missing or cannot be reached, by name.
    pub async fn start(plan: StartPlan) -> anyhow::Result<Self> {
        let mut start = Starting::prepare(plan).await?;
        start.start_services().await?;
        start.start_bus();
        start.serve().await
    }

    /// Where requests are taken.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://host:port` of the public API.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key of the chain's back office.
    #[must_use]
    pub fn operator_key(&self) -> &str {
        &self.secrets.operator_key
    }

    /// The secrets in use.
    #[must_use]
    pub const fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// A service's database, where this process runs it.
    #[must_use]
    pub fn database(&self, service: &str) -> Option<Database> {
        self.databases.get(service).cloned()
    }

    /// The bus, where this process runs a service.
    #[must_use]
    pub fn carrier(&self) -> Option<Arc<dyn Carrier>> {
        self.carrier.clone()
    }

    /// Stops: no new requests, those in flight are finished, then the tasks, then the databases. Answers whether
    /// everything ended in time.
    pub async fn stop(self) -> bool {
        self.listening.cancel();
        let mut clean = self.servers.stop(self.grace).await;
        clean &= self.tasks.stop(self.grace).await;
        for database in self.databases.values() {
            database.close().await;
        }
        clean
    }
}

/// A service of this process while it is being started.
struct Local {
    service: &'static dyn Service,
    database: Database,
    hours: Hours,
    waker: Waker,
    cell: Arc<OnceLock<Router>>,
    reactions: Vec<Arc<dyn bus::Reaction>>,
}

struct Starting {
    plan: StartPlan,
    values: Arc<Values>,
    roles: Vec<Role>,
    chain: Arc<Chain>,
    secrets: Secrets,
    caller_key: CallerKey,
    carrier: Option<Arc<dyn Carrier>>,
    locals: Vec<Local>,
    upstreams: BTreeMap<&'static str, Upstream>,
    readiness: Vec<Box<dyn Readiness>>,
    tasks: Tasks,
}

impl Starting {
    async fn prepare(plan: StartPlan) -> anyhow::Result<Self> {
        let (roles, values, tasks) =
            (plan.roles(), Arc::new(with_outbox(plan.values.clone())?), Tasks::new());
        let secrets = read_secrets(&plan, &roles)?;
        let own = Hours { clock: Arc::clone(&plan.clock), ids: Arc::clone(&plan.ids) };
        let mut locals = Vec::new();
        let mut upstreams = BTreeMap::new();
        let mut readiness: Vec<Box<dyn Readiness>> = Vec::new();
        for known in services() {
            let name = known.name();
            if roles.contains(&name) {
                let database = open_database(&values, *known).await?;
                let hours = clocks::of_service(name, &database, &own, &values, &tasks).await?;
                crate::pool_use::show(name, &database);
                readiness.push(Box::new(DatabaseReady { service: name, database: database.clone() }));
                let cell = Arc::new(OnceLock::new());
                upstreams.insert(name, Upstream::in_process(Arc::clone(&cell)));
                locals.push(Local {
                    service: *known,
                    database,
                    hours,
                    waker: Waker::default(),
                    cell,
                    reactions: Vec::new(),
                });
            } else if let Some(url) = values.given(&format!("{name}.url")) {
                upstreams.insert(name, Upstream::http(url).map_err(|e| anyhow::anyhow!("{name}.url: {e}"))?);
            }
        }
        if values.given("bus.nats_url").is_none() && !locals.is_empty() && locals.len() < services().len() {
            bail!(
                "bus.nats_url is not set: the embedded bus serves only when all services run in one process"
            );
        }
        let carrier = if locals.is_empty() { None } else { Some(open_carrier(&values).await?) };
        let clock = match (locals.first(), services().iter().find_map(|known| upstreams.get(known.name()))) {
            (Some(local), _) => Arc::clone(&local.hours.clock),
            (None, Some(service)) => clocks::of_gateway(service, &own, &values, &tasks).await,
            (None, None) => Arc::clone(&own.clock),
        };
        Ok(Self {
            chain: Arc::new(Chain::from_settings(&values)?),
            caller_key: CallerKey::ring(&secrets.service_keys, clock).context("secrets.service_key")?,
            secrets,
            values,
            roles,
            carrier,
            locals,
            upstreams,
            readiness,
            tasks,
            plan,
        })
    }

    async fn start_services(&mut self) -> anyhow::Result<()> {
        let peers = Peers::new(self.upstreams.clone());
        for local in &mut self.locals {
            let context = Context {
                clock: Arc::clone(&local.hours.clock),
                ids: Arc::clone(&local.hours.ids),
                values: Arc::clone(&self.values),
                chain: Arc::clone(&self.chain),
                secrets: Arc::new(self.secrets.clone()),
                caller_key: self.caller_key.clone(),
                database: local.database.clone(),
                peers: peers.clone(),
                relay: local.waker.clone(),
                tasks: self.tasks.clone(),
            };
            let name = local.service.name();
            let parts = local.service.start(context).await.with_context(|| format!("starting {name}"))?;
            local.reactions = parts.reactions;
            self.readiness.extend(parts.readiness);
            local.cell.set(parts.router).map_err(|_| anyhow::anyhow!("{name} was started twice"))?;
        }
        Ok(())
    }

    /// Starts the way of facts: consumers before relays, so that no stream has a fact before it has its listeners.
    fn start_bus(&self) {
        let Some(carrier) = &self.carrier else { return };
        for local in &self.locals {
            for reaction in &local.reactions {
                let (database, clock) = (local.database.clone(), Arc::clone(&local.hours.clock));
                let (carrier, reaction) = (Arc::clone(carrier), Arc::clone(reaction));
                let consumer = Consumer::new(database, carrier, reaction, clock, &*local.hours.ids)
                    .with_relay(local.waker.clone());
                self.tasks.spawn("consumer", consumer.run(self.tasks.stopping()));
            }
        }
        for local in &self.locals {
            let (database, clock) = (local.database.clone(), Arc::clone(&local.hours.clock));
            let relay =
                Relay::new(database, Arc::clone(carrier), local.service.name(), clock, &*local.hours.ids);
            self.tasks.spawn("relay", relay.with_waker(local.waker.clone()).run(self.tasks.stopping()));
        }
    }

    async fn serve(self) -> anyhow::Result<Platform> {
        let main = self.main_router()?;
        let listening = CancellationToken::new();
        let ops = ops_router(OpsState {
            registry: self.plan.registry.clone(),
            checks: Arc::new(self.readiness),
            stopping: listening.clone(),
        });
        let grace = Duration::from_secs(self.values.whole("http.stop_grace_s"));
        let limits = ServeLimits { drain: grace, ..ServeLimits::default() };
        let servers = Tasks::new();
        let is_gateway = self.roles.contains(&GATEWAY);
        let tls = if is_gateway { certificate(&self.values, &self.tasks)? } else { None };
        let listen = Listening { values: &self.values, limits, servers: &servers, stop: listening.clone() };
        let address = if self.values.given("http.ops_listen").is_some() {
            listen.at("http.ops_listen", ops, None).await?;
            listen.at("http.listen", main, tls).await?
        } else {
            listen.at("http.listen", ops.fallback_service(main), tls).await?
        };
        let databases =
            self.locals.iter().map(|local| (local.service.name(), local.database.clone())).collect();
        Ok(Platform {
            address,
            secrets: self.secrets,
            databases,
            carrier: self.carrier,
            tasks: self.tasks,
            listening,
            servers,
            grace,
        })
    }

    /// The gateway where this process is one, otherwise its services.
    fn main_router(&self) -> anyhow::Result<Router> {
        if !self.roles.contains(&GATEWAY) {
            let locals = self.locals.iter();
            let routers = locals.filter_map(|l| Some((l.service.routes(), l.cell.get()?.clone()))).collect();
            let clock = self.locals.first().map(|local| Arc::clone(&local.hours.clock));
            let clock = clock.context("a process plays a role")?;
            return Ok(clocks::told_beside(dispatch(routers)?, clock));
        }
        let mut backends = Vec::new();
        for known in services() {
            let name = known.name();
            let upstream = self.upstreams.get(name).cloned();
            let upstream = upstream
                .with_context(|| format!("the gateway needs {name}: run it here, or set {name}.url"))?;
            backends.push(gateway::Backend {
                service: name,
                routes: known.routes(),
                openapi: Arc::new(|| known.openapi()),
                upstream,
            });
        }
        gateway::router(gateway::Plan {
            settings: gateway::GatewaySettings::from_settings(&self.values),
            caller_key: self.caller_key.clone(),
            operator_key: self.secrets.operator_key.clone(),
            language: self.chain.language,
            sample_ratio: self.plan.sample_ratio,
            replicas: replicas(&self.values, &self.tasks),
            backends,
        })
    }
}

/// Secrets may be made on the spot only where everything is in this process: others would not know them.
fn read_secrets(plan: &StartPlan, roles: &[Role]) -> anyhow::Result<Secrets> {
    let alone = services().iter().all(|service| roles.contains(&service.name())) && roles.contains(&GATEWAY);
    if alone {
        let folder = PathBuf::from(plan.values.text("data.dir"));
        return Secrets::from_settings_or_folder(plan.values.clone(), &tables(), &folder, &*plan.ids);
    }
    Secrets::from_settings(&plan.values)
}

/// A service's database as the settings name it.
#[must_use]
pub fn database_settings(values: &Values, service: &str) -> DatabaseSettings {
    let named = values.given(&format!("{service}.database_url")).map(str::to_owned);
    let url = named.unwrap_or_else(|| format!("sqlite://{}/{service}.db", values.text("data.dir")));
    let mut settings = DatabaseSettings::at(url);
    settings.schema = values.given(&format!("{service}.database_schema")).map(str::to_owned);
    settings.max_connections = values.whole("database.max_connections");
    settings.acquire_timeout_ms = values.whole("database.acquire_timeout_ms");
    settings
}

/// Connects to a service's database and brings its schema up to date where the settings say so.
///
/// # Errors
/// When the database cannot be reached or migrated.
pub async fn open_database(values: &Values, of: &dyn Service) -> anyhow::Result<Database> {
    let name = of.name();
    let database =
        connect(&database_settings(values, name)).await.with_context(|| format!("database of {name}"))?;
    if values.truth("database.migrate_at_start") {
        migrate(&database, of.migrations()).await.with_context(|| format!("schema of {name}"))?;
    }
    Ok(database)
}

/// The bus as the settings name it.
///
/// # Errors
/// When NATS cannot be reached, or the embedded bus cannot be opened.
pub async fn open_carrier(values: &Values) -> anyhow::Result<Arc<dyn Carrier>> {
    if let Some(url) = values.given("bus.nats_url") {
        let settings = NatsSettings {
            url: url.to_owned(),
            prefix: values.text("bus.nats_prefix").to_owned(),
            replicas: values.whole("bus.nats_replicas"),
        };
        let carrier = NatsCarrier::connect(&settings).await.context("bus.nats_url")?;
        return Ok(Arc::new(carrier));
    }
    let file = PathBuf::from(values.text("data.dir")).join("bus.db");
    Ok(Arc::new(EmbeddedCarrier::open(&file).await.with_context(|| file.display().to_string())?))
}
