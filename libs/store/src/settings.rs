//! How a service reaches its database.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::StoreError;

/// Where a service's database is, and the limits of its pool.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// `postgres://user:password@host/database` or `sqlite://path/to/file.db`; missing folders are made.
    pub url: String,
    /// PostgreSQL only: the schema that holds this service's tables, made when missing, so that services can share one
    /// database. Letters, digits and underscores.
    pub schema: Option<String>,
    /// Connections at most, 1–1000.
    pub max_connections: u32,
    /// How long to wait for a free connection, in milliseconds.
    pub acquire_timeout_ms: u64,
    /// How long to wait for the turn to write (SQLite) or for a lock (PostgreSQL), in milliseconds.
    pub busy_timeout_ms: u64,
}

impl Default for DatabaseSettings {
    fn default() -> Self {
        Self {
            url: String::new(),
            schema: None,
            max_connections: 8,
            acquire_timeout_ms: 5_000,
            busy_timeout_ms: 5_000,
        }
    }
}

impl DatabaseSettings {
    /// The defaults with this URL.
    #[must_use]
    pub fn at(url: impl Into<String>) -> Self {
        Self { url: url.into(), ..Self::default() }
    }

    /// Refuses settings that could not work, by name and with what is allowed.
    ///
    /// # Errors
    /// [`StoreError::Settings`].
    pub fn check(&self) -> Result<(), StoreError> {
        if !(self.url.starts_with("postgres://")
            || self.url.starts_with("postgresql://")
            || self.url.starts_with("sqlite:"))
        {
            return refuse("url must begin with postgres:// or sqlite:");
        }
        if !(1..=1_000).contains(&self.max_connections) {
            return refuse("max_connections must be 1 to 1000");
        }
        if self.acquire_timeout_ms == 0 || self.busy_timeout_ms == 0 {
            return refuse("acquire_timeout_ms and busy_timeout_ms must be above 0");
        }
        match &self.schema {
            Some(schema) if !is_plain_name(schema) => {
                refuse("schema must be 1 to 63 of a-z, 0-9 and _, and must not begin with a digit")
            }
            _ => Ok(()),
        }
    }
}

fn refuse(problem: &str) -> Result<(), StoreError> {
    Err(StoreError::Settings(problem.to_owned()))
}

fn is_plain_name(name: &str) -> bool {
    (1..=63).contains(&name.len())
        && !name.as_bytes()[0].is_ascii_digit()
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Shows the URL without its user and password.
impl fmt::Debug for DatabaseSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = match (self.url.split_once("://"), self.url.rsplit_once('@')) {
            (Some((scheme, _)), Some((_, place))) => format!("{scheme}://•••@{place}"),
            _ => self.url.clone(),
        };
        f.debug_struct("DatabaseSettings")
            .field("url", &shown)
            .field("schema", &self.schema)
            .field("max_connections", &self.max_connections)
            .field("acquire_timeout_ms", &self.acquire_timeout_ms)
            .field("busy_timeout_ms", &self.busy_timeout_ms)
            .finish()
    }
}
