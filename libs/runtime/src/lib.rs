//! What a service needs around itself to live: settings, time, ids, secrets, telemetry, tasks, and the glue
//! ([`Service`], [`Context`], [`Parts`]) by which the binary starts it.
//!
//! Owns the system clock and the system's randomness, the only ones in the house; the settings tables and their
//! checks; log, trace and metric output; the operations routes (`/healthz`, `/readyz`, `/metrics`). Promises: a
//! wrong setting is refused at start with its name, its value and what is allowed; a secret is never shown; a stop
//! waits for what is in flight. Absent on purpose: which services there are, and which carrier they use (the binary
//! knows).

pub mod archive;
mod blind;
mod chain;
mod clock;
mod committer;
pub mod erasures;
mod followed;
mod looks;
mod master_keys;
pub mod names;
mod ops;
mod otlp;
mod seal;
mod secrets;
mod service;
pub mod settings;
mod tasks;
mod telemetry;

pub use blind::{BlindKey, BlindKeys};
pub use chain::{CHAIN_SETTINGS, Chain};
pub use clock::{ManualClock, SequentialIds, SystemClock, SystemIds};
pub use committer::{Committer, Lanes, NotTaken};
pub use followed::{FollowedClock, TimeSource};
pub use looks::{LookBook, LookPage, LookParams, LookView};
pub use master_keys::{KeyKeeper, MasterKeys, ProgramKeeper, SettingsKeeper, master_keys};
pub use ops::{OpsState, Readiness, ops_router};
pub use seal::{Seal, SealNonce};
pub use secrets::{SECRET_SETTINGS, Secrets};
pub use service::{AuditRow, Context, Hearing, Parts, Peers, Service};
pub use tasks::Tasks;
pub use telemetry::{TELEMETRY_SETTINGS, Telemetry};
