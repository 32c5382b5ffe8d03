//! The glue by which the binary starts a service.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::anyhow;
use async_trait::async_trait;
use axum::Router;
use bus::{Reaction, Waker};
use kernel::{Clock, Ids};
use store::{Database, sea_orm_migration::MigrationTrait};
use utoipa::openapi::OpenApi;
use web::{CallerKey, ErrorCode, RouteSpec, Upstream};

use crate::{
    Chain, Readiness, Secrets, Tasks,
    archive::Kept,
    settings::{Setting, Values},
};

/// What a service is given when it starts. Everything that could be a global comes in here.
#[derive(Clone)]
pub struct Context {
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Fresh ids and secrets.
    pub ids: Arc<dyn Ids>,
    /// The settings, checked.
    pub values: Arc<Values>,
    /// The chain's own facts.
    pub chain: Arc<Chain>,
    /// The installation's secrets.
    pub secrets: Arc<Secrets>,
    /// Signs and checks who is calling.
    pub caller_key: CallerKey,
    /// The service's own database.
    pub database: Database,
    /// The other services, to ask questions.
    pub peers: Peers,
    /// Wakes the service's relay after a commit that told facts.
    pub relay: Waker,
    /// Tasks of the process.
    pub tasks: Tasks,
}

/// The other services, by name.
#[derive(Clone, Default)]
pub struct Peers(BTreeMap<&'static str, Upstream>);

impl Peers {
    /// Names the services that can be asked.
    #[must_use]
    pub const fn new(upstreams: BTreeMap<&'static str, Upstream>) -> Self {
        Self(upstreams)
    }

    /// The service to ask.
    ///
    /// # Errors
    /// When the process was not told where it is.
    pub fn of(&self, service: &str) -> anyhow::Result<Upstream> {
        self.0.get(service).cloned().ok_or_else(|| anyhow!("this process was not told where {service} is"))
    }
}

/// What a started service hands back to the binary.
#[derive(Default)]
pub struct Parts {
    /// Its HTTP face.
    pub router: Router,
    /// What it does about facts that it hears.
    pub reactions: Vec<Arc<dyn Reaction>>,
    /// What must work before it takes requests, besides its database.
    pub readiness: Vec<Box<dyn Readiness>>,
}

/// One line of an audit: a promise, how much was looked at, and where it does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    /// The promise, as a sentence: `every account equals its entries`.
    pub promise: String,
    /// How many rows were looked at.
    pub examined: u64,
    /// How many differ.
    pub differing: u64,
    /// The first few differences, in words, without personal data.
    pub examples: Vec<String>,
}

impl AuditRow {
    /// A promise of which nothing was looked at yet.
    #[must_use]
    pub fn new(promise: impl Into<String>) -> Self {
        Self { promise: promise.into(), examined: 0, differing: 0, examples: Vec::new() }
    }

    /// Notes a difference; the first ten are kept in words.
    pub fn differs(&mut self, example: impl Into<String>) {
        self.differing += 1;
        if self.examples.len() < 10 {
            self.examples.push(example.into());
        }
    }

    /// Whether the promise holds.
    #[must_use]
    pub const fn holds(&self) -> bool {
        self.differing == 0
    }
}

/// A consumer of a service: whose facts it hears, and its name there and in the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hearing {
    /// The service that tells.
    pub stream: &'static str,
    /// The consumer's name.
    pub consumer: &'static str,
}

/// A service with a database of its own, as the binary sees it.
#[async_trait]
pub trait Service: Send + Sync {
    /// Its name: the stream of its facts, its database, its settings section.
    fn name(&self) -> &'static str;
    /// What it owns, in a sentence.
    fn about(&self) -> &'static str;
    /// Its settings.
    fn settings(&self) -> &'static [Setting];
    /// Its routes: the public ones and, under `/internal`, those that other services ask.
    fn routes(&self) -> Vec<&'static RouteSpec>;
    /// Its part of the API description.
    fn openapi(&self) -> OpenApi;
    /// Its problem codes.
    fn errors(&self) -> &'static [&'static ErrorCode];
    /// Its schema, oldest step first, with the tables that every service has.
    fn migrations(&self) -> Vec<Box<dyn MigrationTrait>>;
    /// Whose facts it hears, and under which name.
    fn hears(&self) -> &'static [Hearing];
    /// What it keeps of a member, and what of it goes into the archive that members may have.
    fn kept(&self) -> Kept;
    /// Starts it.
    async fn start(&self, context: Context) -> anyhow::Result<Parts>;
    /// Recomputes what it promises from its database.
    async fn audit(&self, database: &Database) -> anyhow::Result<Vec<AuditRow>>;
}
