//! Database gear: one way to connect, write, stage and read, on PostgreSQL and on SQLite.
//!
//! Owns the pools and their guards ([`connect`], [`Database`]), transactions ([`Tx`]), bulk statements ([`bulk`]), the
//! tables that every service has ([`outbox`], [`inbox`], [`dead_letters`], [`lease`]), migrations and page cursors.
//! Promises: a connection never goes back to a pool inside a transaction; a writing transaction on SQLite begins
//! IMMEDIATE and waits its turn in a fair queue; a transaction in which a statement failed cannot be committed by
//! mistake; every statement text is fixed, so that it stays prepared whatever the size of a batch.
//! Absent on purpose: tables of a single service, retries (the caller knows what may be repeated), and any clock: times
//! come in as arguments, save the leases, which go by the database's own; [`Database::time`] tells it.

pub mod bulk;
mod column;
mod database;
pub mod dead_letters;
mod error;
pub mod inbox;
pub mod lease;
pub mod looks;
mod migration;
pub mod outbox;
pub mod paging;
mod pool;
mod reads;
mod settings;
mod shield;
mod time;
mod tx;

pub use column::{Column, ColumnType};
pub use database::{Backend, Database, PoolUse, connect};
pub use error::{StoreError, is_transient};
pub use migration::{SqlMigration, migrate, migrations};
pub use reads::Reads;
pub use settings::DatabaseSettings;
pub use shield::shielded;
pub use tx::Tx;

pub use sea_orm;
pub use sea_orm_migration;
