//! Facts of other services, each turned into a command.

pub mod facts_heard;
