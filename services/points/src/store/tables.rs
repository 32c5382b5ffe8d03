//! The tables as SeaORM entities, for everything that is not the hot path.

pub mod branch;
pub mod identifier;
pub mod journal;
pub mod member;
pub mod programme;
pub mod rate;
pub mod region;
pub mod segment;
pub mod simulation;
pub mod transfer;
