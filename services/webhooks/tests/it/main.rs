//! Webhooks through their HTTP face and against real receivers, on SQLite and on PostgreSQL.

mod addresses;
mod bad_input;
mod contract;
mod deliveries;
mod house;
mod owners;
mod receiver;
mod replicas;
mod retention;
mod secrets;
