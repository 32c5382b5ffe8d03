//! Facts of other services, each turned into a command.

pub mod challenges;
pub mod draws;
pub mod holds;
pub mod members;
pub mod offers;
pub mod purchases;
