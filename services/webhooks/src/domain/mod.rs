//! Pure types and decisions: what a webhook is, which facts it is told, when a delivery is tried again.
//!
//! No async, SQL, HTTP, clock or randomness: the time, fresh ids and chance come in as arguments.

pub mod asker;
pub mod delivery;
pub mod health;
pub mod public_facts;
pub mod refusal;
pub mod webhook;
