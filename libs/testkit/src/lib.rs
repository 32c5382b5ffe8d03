//! What tests need from the outside world, made on the spot and thrown away afterwards.
//!
//! Owns: throw-away PostgreSQL clusters and nats-servers ([`servers`]), a TCP proxy that hurts connections on purpose
//! ([`proxy`]), a payment provider and a provider of top-ups that do what real ones do on bad days ([`payments`], [`top_ups`]), an HTTP server that does what it is told ([`scripted`]), and wrong clocks for single processes
//! ([`wrong_clock`]).
//!
//! Promises: a server that cannot be had is a loud error, never a skipped test; nothing is left behind,
//! neither process nor folder, whichever way the test process ends (dropped, panicked, aborted, killed).
//!
//! Absent on purpose: anything of the platform itself. This crate depends on no other crate of the
//! workspace, so that every crate, down to `store`, can test with it; the manual clock lives in `runtime`.

pub mod payments;
pub mod proxy;
pub mod scripted;
pub mod servers;
pub mod top_ups;
pub mod wrong_clock;
