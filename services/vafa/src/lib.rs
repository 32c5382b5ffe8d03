//! The binary: the only crate that knows every service and both carriers.
//!
//! Owns how services become a platform ([`Platform`]): which of them run here, where the others are, which databases and
//! which carrier they use; and the command line. Promises: one process with nothing installed and many processes on
//! PostgreSQL and NATS run the same code; a wrong setting is refused before anything starts; a stop finishes what is in
//! flight. Absent on purpose: business rules of any kind.

pub mod client;
mod clocks;
pub mod commands;
mod dispatch;
mod listening;
mod platform;
mod pool_use;
mod ready;
mod roles;
mod settings;

pub use platform::{Platform, StartPlan, database_settings, open_carrier, open_database};
pub use roles::{GATEWAY, Role, all_errors, read_roles, service, services};
pub use settings::{PLATFORM_SETTINGS, load_settings, tables};
