//! What services tell each other: the facts, one module per owner, and the envelope they travel in.
//!
//! Owns the wire shape of every fact (CloudEvents 1.0, JSON, batched content mode), its version, its schema and a
//! golden sample under `golden/`. Promises: a fact carries member ids and keyed hashes, never names, phones or
//! e-mails; a released field is never renamed or removed within a version; a fact whose checksum does not fit is
//! told apart from a good one. Absent on purpose: subjects, streams and anything else that only a carrier knows.

mod catalog;
mod fact;
pub mod membership;
pub mod parcel;
pub mod points;
pub mod rewards;

pub use catalog::{FactKind, catalog};
pub use fact::{Fact, FactData, FactError, FactHead};
