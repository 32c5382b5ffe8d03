//! Facts of other services, each turned into messages.

pub mod facts_heard;
pub mod occurrences;
